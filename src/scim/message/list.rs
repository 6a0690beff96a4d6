//! ListResponse (RFC 7644 §3.4.2, RFC 9865 §2.1); floor `scim`.

use serde::Serialize;
use serde_json::Value;

use crate::scim::urn;

/// A page of resources.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse {
    /// How many resources match in all; RFC 9865 lets it be left out with cursors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_results: Option<u64>,
    /// How many are on this page.
    pub items_per_page: u64,
    /// The index of the first one, from 1; none with cursors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_index: Option<u64>,
    /// Where the next page begins; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Where the page before begins; none on the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_cursor: Option<String>,
    /// The resources, projected.
    #[serde(rename = "Resources")]
    pub resources: Vec<Value>,
}

impl ListResponse {
    /// A page by index: `resources` from `start_index` on, of `total` in all.
    #[must_use]
    pub fn indexed(total: u64, start_index: u64, resources: Vec<Value>) -> Self {
        let items_per_page = resources.len() as u64;
        Self {
            total_results: Some(total),
            items_per_page,
            start_index: Some(start_index),
            resources,
            ..Self::default()
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = serde_json::to_value(self).unwrap_or_default();
        if let Some(body) = body.as_object_mut() {
            body.insert("schemas".to_owned(), Value::from(vec![urn::LIST_RESPONSE]));
        }
        body
    }
}
