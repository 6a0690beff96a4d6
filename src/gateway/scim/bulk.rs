//! `POST /Bulk` (gateway floor): RFC 7644 §3.7.
//!
//! Each operation is a request of its own, with a transaction of its own, carried out by the very handlers that serve
//! it alone. The bulk as a whole is no transaction, and the answer says of each operation what came of it.

mod circle;

use std::collections::{BTreeMap, HashMap};

use axum::{extract::State, http::StatusCode};
use serde_json::Value;

use self::circle::Incomplete;
use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    error::Failure,
    http::{Answer, Json},
    precondition::Precondition,
    record::{Record, outcome},
};
use crate::quote::shown;
use crate::scim::{
    message::{BulkMethod, BulkOperation, BulkRequest, BulkResult, bulk_labels, bulk_response, plan},
    resource::Projection,
};

/// Operations in a request at most; `bulk.maxOperations` of the configuration.
pub(super) const MAX_OPERATIONS: usize = 1_000;

pub(super) async fn post(
    State(scim): State<Scim>,
    session: Session,
    Json(body): Json,
) -> Result<Answer, Failure> {
    let request = BulkRequest::parse(&body, MAX_OPERATIONS)?;
    let labels = bulk_labels(&body);
    // the operations have what is needed of it
    drop(body);
    let mut run = Run { scim, session, labels, ids: HashMap::new(), results: BTreeMap::new() };
    run.all(&request).await;
    let results: Vec<_> = run.results.into_values().collect();
    Ok(Answer::ok(bulk_response(&results)))
}

/// A bulk request being carried out.
struct Run {
    scim: Scim,
    session: Session,
    labels: Vec<(String, Option<String>)>,
    /// The ids of the resources that have a `bulkId`.
    ids: HashMap<String, String>,
    /// By the index of the operation.
    results: BTreeMap<usize, BulkResult>,
}

impl Run {
    async fn all(&mut self, request: &BulkRequest) {
        let operations: Vec<_> = request.operations.iter().map(|operation| operation.as_ref().ok()).collect();
        let plan = plan(&operations);
        let limit = request.fail_on_errors.map(|limit| limit.max(1));
        let mut incomplete = Vec::new();
        for at in plan.order {
            let Some(operation) = request.operations.get(at) else { continue };
            match operation {
                Err(error) => self.failed(at, None, &error.clone().into()),
                Ok(operation) => match plan.circular.get(&at) {
                    Some(unmade) if operation.method == BulkMethod::Post => {
                        if self.one(at, &operation.without(unmade)).await {
                            incomplete.push(Incomplete { at, operation, unmade });
                        }
                    }
                    _ => {
                        self.one(at, operation).await;
                    }
                },
            }
            self.complete(&mut incomplete).await;
            if limit.is_some_and(|limit| self.failures() >= limit) {
                break;
            }
        }
        self.give_up(&incomplete);
    }

    /// Carries out the operation at `at`; tells whether it succeeded.
    async fn one(&mut self, at: usize, operation: &BulkOperation) -> bool {
        let resolved = match operation.resolved(&self.ids) {
            Ok(resolved) => resolved,
            Err(error) => {
                self.failed(at, self.location_of(operation), &error.at_operation(at).into());
                return false;
            }
        };
        let record = self.session.record.next();
        let done = self.carry_out(&resolved, &record).await;
        match &done {
            Ok(answer) => self.succeeded(at, &resolved, answer),
            Err(failure) => self.failed(at, self.location_of(&resolved), failure),
        }
        let result = self.results.get(&at);
        let outcome = result.map(|result| outcome(result.status, result.response.as_ref()));
        let (method, path, outcome) =
            (operation.method.as_str(), &resolved.path, outcome.unwrap_or_default());
        self.scim.figures.count(&self.scim, method, path, &outcome);
        self.session.record.operation(method, path, outcome, &record);
        done.is_ok()
    }

    async fn carry_out(&self, operation: &BulkOperation, record: &Record) -> Result<Answer, Failure> {
        let session = Session { record: record.clone(), ..self.session.clone() };
        let precondition = Precondition::of_version(operation.version.as_deref());
        let context = Context::new(&self.scim, session, Projection::default(), precondition);
        let body = Json(operation.data.clone());
        let (endpoint, id) = split(&operation.path);
        let id = id.map(|id| Id(id.to_owned()));
        let Some(endpoint) = self.scim.at(endpoint) else {
            let detail = format!("{} is no resource that a bulk request can change", shown(&operation.path));
            return Err(Failure::status(StatusCode::NOT_FOUND, detail));
        };
        match (operation.method, id) {
            (BulkMethod::Post, None) => endpoint.create(context, body).await,
            (BulkMethod::Put, Some(id)) => endpoint.replace(context, id, body).await,
            (BulkMethod::Patch, Some(id)) => endpoint.patch(context, id, body).await,
            (BulkMethod::Delete, Some(id)) => endpoint.delete(context, id).await,
            (method, _) => {
                let detail = format!("{} is not allowed at {}", method.as_str(), shown(&operation.path));
                Err(Failure::status(StatusCode::METHOD_NOT_ALLOWED, detail))
            }
        }
    }

    fn succeeded(&mut self, at: usize, operation: &BulkOperation, answer: &Answer) {
        let location = answer.location.clone().or_else(|| self.location_of(operation));
        let id = location.as_deref().and_then(|location| location.rsplit('/').next());
        if let (Some(bulk_id), Some(id)) = (&operation.bulk_id, id) {
            self.ids.insert(bulk_id.clone(), id.to_owned());
        }
        let version = answer.version.as_ref().map(ToString::to_string);
        self.note(at, location, version, answer.status, None);
    }

    fn failed(&mut self, at: usize, location: Option<String>, failure: &Failure) {
        let (status, body) = failure.to_json();
        self.note(at, location, None, status, Some(body));
    }

    fn note(
        &mut self,
        at: usize,
        location: Option<String>,
        version: Option<String>,
        status: StatusCode,
        response: Option<Value>,
    ) {
        let (method, bulk_id) = self.labels.get(at).cloned().unwrap_or_default();
        let status = status.as_u16();
        self.results.insert(at, BulkResult { method, bulk_id, version, location, status, response });
    }

    /// The URL of the resource that an operation is on; none of one that is to be made.
    fn location_of(&self, operation: &BulkOperation) -> Option<String> {
        let (endpoint, id) = split(&operation.path);
        let id = id.filter(|id| operation.method != BulkMethod::Post && !id.starts_with("bulkId:"));
        id.map(|id| format!("{}/{endpoint}/{id}", self.scim.base))
    }

    fn failures(&self) -> u64 {
        self.results.values().filter(|result| result.status >= 400).count() as u64
    }
}

/// `/Users/7` as `Users` and `7`; a query is left out, and slashes too many are.
fn split(path: &str) -> (&str, Option<&str>) {
    let path = path.split('?').next().unwrap_or_default().trim_matches('/');
    match path.split_once('/') {
        Some((endpoint, id)) => (endpoint, Some(id.trim_start_matches('/')).filter(|id| !id.is_empty())),
        None => (path, None),
    }
}
