//! Gateway floor: the audit log to `buf.alpha.audit.v1alpha1`.

use std::collections::BTreeMap;

use super::{
    alpha::{from_organization_role, from_source},
    from_timestamp,
};
use crate::{
    domain::{
        audit::{
            Action,
            recorded::{Event as Done, Fact, Recorded, RecordedActor, RecordedRequest, RoleChanged},
        },
        clock::Timestamp,
        membership::Effective,
        role::OrganizationRole,
    },
    proto::buf::alpha::{
        audit::v1alpha1::{
            Actor, ActorType, Event, EventMetadata, EventType, PayloadDeviceAuthorizationGrantApproved,
            PayloadDeviceAuthorizationGrantDenied, PayloadOrganizationCreated, PayloadOrganizationDeleted,
            PayloadOrganizationIdpGroupAdded, PayloadOrganizationIdpGroupRemoved,
            PayloadOrganizationIdpGroupUpdated, PayloadOrganizationMemberAdded,
            PayloadOrganizationMemberRemoved, PayloadOrganizationMemberRolesChanged, PayloadScimTokenCreated,
            PayloadScimTokenDeleted, PayloadTokenCreated, PayloadTokenDeleted,
            PayloadUserAutoMergedFromNewIdP, PayloadUserCreated, PayloadUserDeactivated, PayloadUserDeleted,
            PayloadUserReactivated, Resource, ResourceType, event::Payload,
            payload_organization_member_roles_changed::OrganizationRole as HeldRole,
        },
        registry::v1alpha1 as registry,
    },
};

/// The changes of facts that the published API has a type of event for. Changes of direct roles are not among
/// them: the effective role that follows is told in their place.
pub(in crate::gateway::rpc) const ACTIONS: [Action; 16] = [
    Action::UserCreated,
    Action::UserLinked,
    Action::UserDeactivated,
    Action::UserReactivated,
    Action::UserDeleted,
    Action::TokenCreated,
    Action::TokenDeleted,
    Action::ScimTokenCreated,
    Action::ScimTokenDeleted,
    Action::DeviceAuthorizationGrantApproved,
    Action::DeviceAuthorizationGrantDenied,
    Action::OrganizationCreated,
    Action::OrganizationDeleted,
    Action::OrganizationGroupAdded,
    Action::OrganizationGroupUpdated,
    Action::OrganizationGroupRemoved,
];

/// An entry of the log; none for what the published API has no type for.
pub(in crate::gateway::rpc) fn from_recorded(entry: Recorded) -> Option<Event> {
    let (event_type, resource, payload) = match &entry.event {
        Done::Fact(fact) => from_fact(fact)?,
        Done::Role(change) => from_role_change(change)?,
    };
    Some(Event {
        event_id: entry.id.to_string(),
        r#type: event_type.into(),
        actor: Some(from_actor(entry.actor)),
        resource: Some(resource),
        event_time: from_timestamp(entry.time),
        metadata: Some(from_request(entry.request)),
        payload: Some(payload),
    })
}

fn from_actor(actor: RecordedActor) -> Actor {
    let user = actor.kind == "user";
    let actor_type = if user { ActorType::User } else { ActorType::System };
    Actor { r#type: actor_type.into(), id: actor.id, name: actor.name }
}

fn from_request(request: RecordedRequest) -> EventMetadata {
    EventMetadata {
        user_agent: request.user_agent.unwrap_or_default(),
        ip: request.address.unwrap_or_default(),
        trace_id: request.id,
    }
}

type Told = (EventType, Resource, Payload);

fn from_fact(fact: &Fact) -> Option<Told> {
    let (event_type, payload) = match fact.action {
        Action::UserCreated => (EventType::UserCreated, Payload::UserCreated(PayloadUserCreated {})),
        Action::UserLinked => (
            EventType::UserAutoMergedFromNewIdp,
            Payload::UserAutoMergedFromNewIdp(PayloadUserAutoMergedFromNewIdP {}),
        ),
        Action::UserDeactivated => {
            (EventType::UserDeactivated, Payload::UserDeactivated(PayloadUserDeactivated {}))
        }
        Action::UserReactivated => {
            (EventType::UserReactivated, Payload::UserReactivated(PayloadUserReactivated {}))
        }
        Action::UserDeleted => (EventType::UserDeleted, Payload::UserDeleted(PayloadUserDeleted {})),
        Action::TokenCreated | Action::TokenDeleted => return Some(from_token(fact)),
        Action::ScimTokenCreated | Action::ScimTokenDeleted => return Some(from_scim_token(fact)),
        Action::DeviceAuthorizationGrantApproved | Action::DeviceAuthorizationGrantDenied => {
            return Some(from_device_grant(fact));
        }
        Action::OrganizationCreated => {
            (EventType::OrganizationCreated, Payload::OrganizationCreated(PayloadOrganizationCreated {}))
        }
        Action::OrganizationDeleted => {
            (EventType::OrganizationDeleted, Payload::OrganizationDeleted(PayloadOrganizationDeleted {}))
        }
        Action::OrganizationGroupAdded
        | Action::OrganizationGroupUpdated
        | Action::OrganizationGroupRemoved => return Some(from_mapping(fact)),
        _ => return None,
    };
    let of_organization = matches!(fact.action, Action::OrganizationCreated | Action::OrganizationDeleted);
    let kind = if of_organization { ResourceType::Organization } else { ResourceType::User };
    Some((event_type, subject(fact, kind), payload))
}

fn subject(fact: &Fact, kind: ResourceType) -> Resource {
    Resource { r#type: kind.into(), id: fact.subject.id.clone(), name: fact.subject.name.clone() }
}

fn from_token(fact: &Fact) -> Told {
    let resource = subject(fact, ResourceType::Token);
    if fact.action == Action::TokenDeleted {
        let owner_id = text(&fact.before, "user_id");
        return (EventType::TokenDeleted, resource, Payload::TokenDeleted(PayloadTokenDeleted { owner_id }));
    }
    let payload =
        PayloadTokenCreated { owner_id: text(&fact.after, "user_id"), token_expiry_time: end(&fact.after) };
    (EventType::TokenCreated, resource, Payload::TokenCreated(payload))
}

fn from_scim_token(fact: &Fact) -> Told {
    let resource = subject(fact, ResourceType::ScimToken);
    if fact.action == Action::ScimTokenDeleted {
        let payload = Payload::ScimTokenDeleted(PayloadScimTokenDeleted {});
        return (EventType::ScimTokenDeleted, resource, payload);
    }
    let payload = PayloadScimTokenCreated { token_expiry_time: end(&fact.after) };
    (EventType::ScimTokenCreated, resource, Payload::ScimTokenCreated(payload))
}

fn from_device_grant(fact: &Fact) -> Told {
    let resource = subject(fact, ResourceType::DeviceAuthorizationGrant);
    let client_id = text(&fact.after, "client_id");
    if fact.action == Action::DeviceAuthorizationGrantDenied {
        let payload = PayloadDeviceAuthorizationGrantDenied { client_id };
        return (
            EventType::DeviceAuthorizationGrantDenied,
            resource,
            Payload::DeviceAuthorizationGrantDenied(payload),
        );
    }
    let payload = PayloadDeviceAuthorizationGrantApproved { client_id };
    (
        EventType::DeviceAuthorizationGrantApproved,
        resource,
        Payload::DeviceAuthorizationGrantApproved(payload),
    )
}

/// A mapping has no id of its own in the published API: the organization's stands for it.
fn from_mapping(fact: &Fact) -> Told {
    let (organization_id, organization_name) = (fact.subject.id.clone(), fact.subject.name.clone());
    let named = if fact.after.is_empty() { &fact.before } else { &fact.after };
    let resource = Resource {
        r#type: ResourceType::OrganizationIdpGroup.into(),
        id: organization_id.clone(),
        name: text(named, "group_name"),
    };
    let (before, after) = (role_override(&fact.before), role_override(&fact.after));
    match fact.action {
        Action::OrganizationGroupAdded => {
            let payload =
                PayloadOrganizationIdpGroupAdded { organization_id, organization_name, role_override: after };
            (EventType::OrganizationIdpGroupAdded, resource, Payload::IdpGroupAdded(payload))
        }
        Action::OrganizationGroupRemoved => {
            let payload = PayloadOrganizationIdpGroupRemoved {
                organization_id,
                organization_name,
                role_override: before,
            };
            (EventType::OrganizationIdpGroupRemoved, resource, Payload::IdpGroupRemoved(payload))
        }
        _ => {
            let payload = PayloadOrganizationIdpGroupUpdated {
                organization_id,
                organization_name,
                old_role_override: before,
                new_role_override: after,
            };
            (EventType::OrganizationIdpGroupUpdated, resource, Payload::IdpGroupUpdated(payload))
        }
    }
}

fn text(values: &BTreeMap<String, String>, name: &str) -> String {
    values.get(name).cloned().unwrap_or_default()
}

fn end(values: &BTreeMap<String, String>) -> Option<prost_types::Timestamp> {
    let micros = values.get("expire_time_micros")?.parse().ok()?;
    from_timestamp(Timestamp::from_micros(micros))
}

fn role_override(values: &BTreeMap<String, String>) -> i32 {
    let name = text(values, "role_override");
    let role = OrganizationRole::Owner.manageable().into_iter().find(|role| role.name() == name);
    role.map_or(registry::OrganizationRole::Unspecified, from_organization_role).into()
}

fn from_role_change(change: &RoleChanged) -> Option<Told> {
    let resource = Resource {
        r#type: ResourceType::OrganizationMember.into(),
        id: change.user_id.to_string(),
        name: change.username.clone(),
    };
    let organization_id = change.organization_id.to_string();
    let organization_name = change.organization_name.clone();
    let held = |effective: Effective| HeldRole {
        role: from_organization_role(effective.role).into(),
        source: from_source(effective.source).into(),
    };
    let (event_type, payload) = match (change.before.map(held), change.after.map(held)) {
        (None, None) => return None,
        (None, Some(HeldRole { role: member_role, source: member_role_source })) => {
            let payload = PayloadOrganizationMemberAdded {
                organization_id,
                organization_name,
                member_role,
                member_role_source,
            };
            (EventType::OrganizationMemberAdded, Payload::OrganizationMemberAdded(payload))
        }
        (Some(HeldRole { role: member_role, source: member_role_source }), None) => {
            let payload = PayloadOrganizationMemberRemoved {
                organization_id,
                organization_name,
                member_role,
                member_role_source,
            };
            (EventType::OrganizationMemberRemoved, Payload::OrganizationMemberRemoved(payload))
        }
        (Some(old), Some(new)) => {
            let payload = PayloadOrganizationMemberRolesChanged {
                organization_id,
                organization_name,
                old_roles: vec![old],
                new_roles: vec![new],
            };
            (EventType::OrganizationMemberRolesChanged, Payload::OrganizationMemberRolesChanged(payload))
        }
    };
    Some((event_type, resource, payload))
}
