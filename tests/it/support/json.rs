//! Calls by Connect with JSON, and what an error says there.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use prost::Message;
use serde_json::Value;

use super::{Harness, Person, details};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    /// By the last word of the type of each detail, its bytes.
    details: HashMap<String, Vec<u8>>,
}

impl Refusal {
    fn from_json(error: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let details = error["details"].as_array().into_iter().flatten().map(|detail| {
            let bytes = BASE64_STANDARD_NO_PAD.decode(text(&detail["value"])).unwrap();
            (text(&detail["type"]), bytes)
        });
        Self { code: text(&error["code"]), message: text(&error["message"]), details: details.collect() }
    }

    /// The reason in `google.rpc.ErrorInfo`.
    pub(crate) fn reason(&self) -> String {
        let info = details::ErrorInfo::decode(self.details["google.rpc.ErrorInfo"].as_slice()).unwrap();
        assert_eq!(info.domain, "roster");
        info.reason
    }

    /// The field in `google.rpc.ErrorInfo`; empty when it names none.
    pub(crate) fn field(&self) -> String {
        let info = details::ErrorInfo::decode(self.details["google.rpc.ErrorInfo"].as_slice()).unwrap();
        info.metadata.get("field").cloned().unwrap_or_default()
    }

    /// The fields in `google.rpc.BadRequest`, each of which has a description.
    pub(crate) fn violations(&self) -> Vec<String> {
        let Some(bytes) = self.details.get("google.rpc.BadRequest") else { return Vec::new() };
        let told = details::BadRequest::decode(bytes.as_slice()).unwrap().field_violations;
        assert!(told.iter().all(|violation| !violation.description.is_empty()), "{told:?}");
        told.into_iter().map(|violation| violation.field).collect()
    }
}

impl Harness {
    /// What `method`, a full name of service and method, answers to this person.
    pub(crate) async fn ask(&self, who: &Person, method: &str, request: Value) -> Result<Value, Refusal> {
        let call = reqwest::Client::new().post(format!("{}/{method}", self.app.url));
        let response = call.bearer_auth(&who.token).json(&request).send().await.unwrap();
        let succeeded = response.status().is_success();
        let answer: Value = response.json().await.unwrap();
        if succeeded { Ok(answer) } else { Err(Refusal::from_json(&answer)) }
    }

    /// As [`Self::ask`], by the first admin.
    pub(crate) async fn ask_admin(&self, method: &str, request: Value) -> Result<Value, Refusal> {
        self.ask(&self.admin, method, request).await
    }

    /// All pages of a list, by the first admin: what stands under `key`, read with the page size of `request`.
    pub(crate) async fn ask_all(&self, method: &str, request: &Value, key: &str) -> Vec<Value> {
        let (mut all, mut request) = (Vec::new(), request.clone());
        loop {
            let page = self.ask_admin(method, request.clone()).await.unwrap();
            all.extend(page[key].as_array().into_iter().flatten().cloned());
            match page["nextPageToken"].as_str() {
                Some(token) => request["pageToken"] = token.into(),
                None => return all,
            }
        }
    }
}

/// What stands under `key` in each of these.
pub(crate) fn each<'a>(values: &'a [Value], key: &str) -> Vec<&'a str> {
    values.iter().map(|value| value[key].as_str().unwrap_or_default()).collect()
}
