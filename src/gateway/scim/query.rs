//! Query strings and searches as queries of the services (gateway floor): RFC 7644 §3.4.2.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::Value;

use super::{error::Failure, map_filter, window::Window};
use crate::{
    domain::predicate::{Comparison, Field, Operand, Predicate, ResourceQuery, Sort},
    quote::shown,
    scim::{
        Error, ScimType, filter::Unknown, message::ListQuery, resource::Projection, schema::ResourceType,
        sort::SortOrder,
    },
};

/// Resources on a page when the client names no number.
pub(super) const DEFAULT_COUNT: u64 = 100;
/// Resources on a page at most; `filter.maxResults` of the configuration.
pub(super) const MAX_RESULTS: u64 = 1_000;

/// The parameters of a query string.
pub(super) struct Query(pub(super) ListQuery);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(ListQuery::from_parameters(parameters(parts)?)?))
    }
}

/// Which attributes the answer to a request that is no list carries.
pub(super) fn asked_projection(parts: &Parts) -> Result<Projection, Failure> {
    let of_projection = |name: &str| {
        ["attributes", "excludedAttributes"].iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let mut parameters = parameters(parts)?;
    parameters.retain(|(name, _)| of_projection(name));
    Ok(ListQuery::from_parameters(parameters)?.projection)
}

fn parameters(parts: &Parts) -> Result<Vec<(String, String)>, Failure> {
    let text = parts.uri.query().unwrap_or_default();
    let read: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let broken = read.iter().find(|(_, value)| value.contains(['\u{fffd}', '\0']));
    match broken {
        Some((name, _)) => {
            let detail = format!("the parameter {:?} is not UTF-8, or holds a NUL character", shown(name));
            Err(Error::new(ScimType::InvalidValue, detail).into())
        }
        None => Ok(read),
    }
}

/// Reads the body of a `.search`.
pub(super) fn from_search(body: &Value) -> Result<ListQuery, Failure> {
    Ok(ListQuery::from_search_request(body)?)
}

/// The query of the services that `query` is for resources of this type, as far as they stand in `window`.
pub(super) fn to_services(
    resource_type: &ResourceType,
    query: &ListQuery,
    window: &Window,
) -> Result<ResourceQuery, Failure> {
    let mut predicate = match &query.filter {
        None => Predicate::Constant(true),
        Some(filter) => {
            filter.check(resource_type, Unknown::Unassigned)?;
            map_filter::to_predicate(resource_type, filter)
        }
    };
    if let Some(id) = &window.after {
        let (field, operand) = (Field::Id, Operand::Text(id.clone()));
        let later = Predicate::Compare { field, comparison: Comparison::Greater, operand };
        predicate = Predicate::All(vec![predicate, later]);
    }
    let field = query.sort_by.as_ref().and_then(|path| map_filter::sort_field(resource_type, path));
    let descending = query.sort_order == SortOrder::Descending;
    Ok(ResourceQuery {
        predicate,
        sort: field.map(|field| Sort { field, descending }),
        offset: window.offset,
        limit: window.limit,
        counts: window.counts,
    })
}
