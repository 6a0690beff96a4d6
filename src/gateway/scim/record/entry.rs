//! The record of one request, from its head to its end (gateway floor).

use std::{net::SocketAddr, time::Instant};

use axum::{
    extract::{ConnectInfo, Request},
    response::Response,
};
use serde_json::Value;

use super::{Record, Told, clean};
use crate::{
    domain::{
        actor::{Actor, Caller},
        clock::Timestamp,
        id::ProvisioningRequestId,
        provisioning::{LoggedRequest, Outcome, Resource, ResourceKind, TARGET_MAX},
    },
    gateway::scim::{Scim, auth::caller},
    services::provisioning::log,
};

/// Longest detail of an error that is kept, in characters.
const DETAIL_MAX: usize = 1_024;

/// A request that is being served. When it is dropped before its end, nobody waited for the answer, or serving it
/// panicked; that is recorded as well.
pub(super) struct Entry(Option<Open>);

struct Open {
    scim: Scim,
    record: Record,
    caller: Caller,
    client_request_id: Option<String>,
    time: Timestamp,
    started: Instant,
    method: String,
    path: String,
    query: String,
    /// Whether the path or the query had a secret in it.
    is_compared: bool,
}

impl Entry {
    pub(super) fn begin(scim: Scim, request: &Request, record: Record) -> Self {
        let cut = |text: &str| text.chars().take(TARGET_MAX).collect::<String>();
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let kept = (scim.secrets.in_path(path), scim.secrets.in_query(query));
        let client_request_id = request.headers().get("x-client-request-id").and_then(|id| id.to_str().ok());
        let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Self(Some(Open {
            time: scim.services.now(),
            started: Instant::now(),
            // who it is, the record knows
            caller: caller(Actor::System, request.headers(), address),
            client_request_id: client_request_id.map(str::to_owned),
            method: request.method().to_string(),
            is_compared: kept.0 != path || kept.1 != query,
            path: cut(&kept.0),
            query: cut(&kept.1),
            record,
            scim,
        }))
    }

    /// The record, now that the answer is ready; none when it is not to be kept.
    pub(super) fn end(mut self, response: &Response) -> Option<LoggedRequest> {
        let open = self.0.take()?;
        open.finish(response.status().as_u16(), response.extensions().get())
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        let services = open.scim.services.clone();
        if let Some(request) = open.finish(0, None) {
            log::record_now(&services, request);
        }
    }
}

impl Open {
    fn finish(self, status: u16, told: Option<&Told>) -> Option<LoggedRequest> {
        let Self { scim, record, caller, time, .. } = self;
        let secrets = &scim.secrets;
        let mut outcome = outcome(status, told.and_then(Told::value));
        scim.figures.count(&scim, &self.method, &self.path, &outcome);
        let mut notes = record.notes(&self.path);
        notes.resource = completed(notes.resource, told.and_then(Told::about));
        let mut rest = record.lock();
        let is_compared = self.is_compared || rest.is_compared;
        clean::outcome(secrets, is_compared, &mut outcome);
        clean::notes(secrets, &mut notes);
        clean::operations(secrets, is_compared, &mut rest.operations);
        if rest.token.is_none() && !scim.throttle.lets_through(time) {
            log::skip(&scim.services);
            return None;
        }
        Some(LoggedRequest {
            id: ProvisioningRequestId::generate(scim.services.now()),
            time,
            duration: self.started.elapsed(),
            request_id: caller.request_id,
            client_request_id: self.client_request_id.map(|id| secrets.in_text(&id)),
            token: rest.token.take(),
            address: caller.address.map(|address| address.to_string()),
            user_agent: caller.user_agent.map(|text| secrets.in_text(&text)),
            method: self.method,
            path: self.path,
            query: self.query,
            outcome,
            notes,
            operations: std::mem::take(&mut rest.operations),
            request_body: rest.body.take(),
            response_body: told.map(|told| told.printed(&scim, is_compared)),
            lost_before: 0,
        })
    }
}

/// How a request ended, by its status and its answer.
pub(in crate::gateway::scim) fn outcome(status: u16, told: Option<&Value>) -> Outcome {
    let text = |name: &str| {
        let text = told.filter(|_| status >= 400)?.get(name)?.as_str()?;
        Some(text.chars().take(DETAIL_MAX).collect())
    };
    Outcome { status, scim_type: text("scimType"), detail: text("detail") }
}

/// The resource that a path names, with what else is known of it; without a path to one, what else is known.
pub(super) fn resource(path: &str, about: Option<Resource>) -> Option<Resource> {
    let named = |endpoint: &str| path.split_once(endpoint).map(|(_, id)| id).filter(|id| !id.is_empty());
    let (kind, id) = match (named("/Users/"), named("/Groups/")) {
        (Some(id), _) => (ResourceKind::User, id),
        (_, Some(id)) => (ResourceKind::Group, id),
        _ => return about,
    };
    if id.starts_with(['.']) || id.contains('/') {
        return about;
    }
    let about = about.filter(|about| about.kind == kind);
    let (name, external_id) = about.map(|about| (about.name, about.external_id)).unwrap_or_default();
    Some(Resource { kind, id: id.to_owned(), name, external_id })
}

/// The resource with what the answer tells of it, where nothing else did.
fn completed(resource: Option<Resource>, told: Option<Resource>) -> Option<Resource> {
    let (mut resource, told) = match (resource, told) {
        (Some(resource), Some(told)) if resource.kind == told.kind => (resource, told),
        (resource, told) => return resource.or(told),
    };
    if resource.id.is_empty() {
        resource.id = told.id;
    }
    if resource.name.is_empty() {
        resource.name = told.name;
    }
    resource.external_id = resource.external_id.or(told.external_id);
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_resource() {
        let of = |path: &str| resource(path, None).map(|resource| (resource.kind, resource.id));
        assert_eq!(of("/scim/v2/Users/7"), Some((ResourceKind::User, "7".to_owned())));
        assert_eq!(of("/Groups/7"), Some((ResourceKind::Group, "7".to_owned())));
        for path in [
            "/scim/v2/Users",
            "/scim/v2/Users/",
            "/scim/v2/Users/.search",
            "/scim/v2/Schemas/x",
            "/scim/v2/Users/7/8",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
