//! Gateway floor: the provisioning log, on the wire.

use super::{proto, provisioning::from_organization_removal};
use crate::{
    domain::provisioning::{
        LoggedBody, LoggedOperation, LoggedRequest, Notes, PushEffect, RequestFilter, Resource, ResourceKind,
        UsedRule,
    },
    gateway::rpc::status::Violations,
    gateway::rpc::{
        convert::{from_timestamp, to_id_if_given, to_timestamp},
        status::{All, invalid},
    },
};

/// Which requests a list is to show.
pub(in crate::gateway::rpc) fn to_request_filter(
    request: proto::ListProvisioningRequestsRequest,
) -> Result<RequestFilter, Violations> {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let status = request.status.map(u16::try_from).transpose();
    let time = |field: &str, time: Option<prost_types::Timestamp>| {
        time.map(|time| to_timestamp(field, time)).transpose()
    };
    let (status, token, from, until) = (
        status.map_err(|_| invalid("status", "must be a status of HTTP, or 0")),
        to_id_if_given("scim_token_id", &request.scim_token_id),
        time("start_time", request.start_time),
        time("end_time", request.end_time),
    )
        .all()?;
    Ok(RequestFilter {
        failed: request.failed_only,
        user: given(request.user),
        group: given(request.group),
        external_id: given(request.external_id),
        method: given(request.method),
        status,
        token,
        request_id: given(request.request_id),
        from,
        until,
    })
}

/// A request of the log.
pub(in crate::gateway::rpc) fn from_logged_request(request: LoggedRequest) -> proto::ProvisioningRequest {
    let (token, outcome) = (request.token, request.outcome);
    let removals = request.notes.large_removals.clone();
    let operations = request.operations.iter();
    let deactivation_refused = request.notes.is_deactivation_refused
        || operations.map(|operation| &operation.notes).any(|notes| notes.is_deactivation_refused);
    let held = request.notes.held.map(|id| id.to_string()).unwrap_or_default();
    let notes = from_notes(request.notes);
    proto::ProvisioningRequest {
        id: request.id.to_string(),
        request_id: request.request_id,
        client_request_id: request.client_request_id.unwrap_or_default(),
        time: from_timestamp(request.time),
        duration: prost_types::Duration::try_from(request.duration).ok(),
        scim_token_id: token.as_ref().map(|token| token.id.to_string()).unwrap_or_default(),
        scim_token_description: token.map(|token| token.description).unwrap_or_default(),
        client: request.user_agent.unwrap_or_default(),
        address: request.address.unwrap_or_default(),
        method: request.method,
        path: request.path,
        query: request.query,
        status: outcome.status.into(),
        scim_type: outcome.scim_type.unwrap_or_default(),
        detail: outcome.detail.unwrap_or_default(),
        resource: notes.resource,
        effect: Some(notes.effect),
        rewrites: notes.rewrites,
        ignored_attributes: notes.ignored,
        unknown_members: notes.unknown_members,
        operations: request.operations.into_iter().map(from_operation).collect(),
        lost_before: request.lost_before,
        large_removals: removals.into_iter().map(from_organization_removal).collect(),
        held_large_removal_id: held,
        deactivation_refused,
    }
}

/// What was noted, on the wire.
struct Noted {
    resource: Option<proto::ProvisioningResource>,
    effect: proto::ProvisioningEffect,
    rewrites: Vec<proto::ProvisioningRewrite>,
    ignored: Vec<String>,
    unknown_members: Vec<String>,
}

fn from_notes(notes: Notes) -> Noted {
    Noted {
        resource: notes.resource.map(from_resource),
        effect: from_push_effect(&notes.effect),
        rewrites: notes.rewrites.into_iter().map(from_rule).collect(),
        ignored: notes.ignored,
        unknown_members: notes.unknown_members,
    }
}

fn from_operation(operation: LoggedOperation) -> proto::ProvisioningOperation {
    let outcome = operation.outcome;
    let notes = from_notes(operation.notes);
    proto::ProvisioningOperation {
        method: operation.method,
        path: operation.path,
        status: outcome.status.into(),
        scim_type: outcome.scim_type.unwrap_or_default(),
        detail: outcome.detail.unwrap_or_default(),
        resource: notes.resource,
        effect: Some(notes.effect),
        rewrites: notes.rewrites,
    }
}

fn from_resource(resource: Resource) -> proto::ProvisioningResource {
    let kind = match resource.kind {
        ResourceKind::User => proto::ProvisioningResourceKind::User,
        ResourceKind::Group => proto::ProvisioningResourceKind::Group,
    };
    proto::ProvisioningResource {
        kind: kind.into(),
        id: resource.id,
        name: resource.name,
        external_id: resource.external_id.unwrap_or_default(),
    }
}

fn from_push_effect(effect: &PushEffect) -> proto::ProvisioningEffect {
    proto::ProvisioningEffect {
        summary: effect.to_string(),
        users_created: effect.users_created,
        users_changed: effect.users_changed,
        users_deactivated: effect.users_deactivated,
        groups_created: effect.groups_created,
        groups_changed: effect.groups_changed,
        groups_deleted: effect.groups_deleted,
        members_added: effect.members_added,
        members_removed: effect.members_removed,
        memberships_added: effect.memberships_added,
        memberships_changed: effect.memberships_changed,
        memberships_removed: effect.memberships_removed,
    }
}

fn from_rule(rule: UsedRule) -> proto::ProvisioningRewrite {
    proto::ProvisioningRewrite { operation: rule.operation, rule: rule.rule, place: rule.place }
}

/// A body of the log.
pub(in crate::gateway::rpc) fn from_logged_body(body: LoggedBody) -> proto::ProvisioningBody {
    proto::ProvisioningBody { text: body.text, truncated: !body.is_whole }
}
