//! Gateway floor: what is told to those who watch memberships, on the wire.

use super::{from_actor, from_effective, proto};
use crate::{
    domain::membership::{Effect, Effective, MemberKey, MembershipEvent},
    gateway::rpc::convert::from_timestamp,
    services::membership::watch::Told,
};

/// One message of the stream.
pub(in crate::gateway::rpc) fn from_told(told: Told) -> proto::WatchMembershipsResponse {
    use proto::watch_memberships_response::Event;
    let (event, revision) = match told {
        Told::Snapshot { members, complete } => {
            let members = members.into_iter().map(from_member).collect();
            let snapshot = proto::MembershipSnapshot { members, complete: complete.is_some() };
            (Event::Snapshot(snapshot), complete.unwrap_or(0))
        }
        Told::Change(event) => (Event::Change(from_event(&event)), event.revision),
        Told::Heartbeat(revision) => (Event::Heartbeat(proto::MembershipHeartbeat {}), revision),
    };
    proto::WatchMembershipsResponse { event: Some(event), revision }
}

fn from_member((key, held): (MemberKey, Effective)) -> proto::membership_snapshot::Member {
    let role = from_effective(Some(held)).0;
    proto::membership_snapshot::Member {
        organization_id: key.0.to_string(),
        user_id: key.1.to_string(),
        role,
    }
}

fn from_event(event: &MembershipEvent) -> proto::MembershipChange {
    let change = event.change;
    let kind = match change.effect() {
        Effect::Added => proto::MembershipChangeKind::Added,
        Effect::Changed => proto::MembershipChangeKind::Changed,
        Effect::Removed => proto::MembershipChangeKind::Removed,
        // the log has changes of roles alone
        Effect::Staying => proto::MembershipChangeKind::Unspecified,
    };
    proto::MembershipChange {
        organization_id: change.key.0.to_string(),
        user_id: change.key.1.to_string(),
        kind: kind.into(),
        old_role: from_effective(change.before).0,
        new_role: from_effective(change.after).0,
        source: from_effective(change.after.or(change.before)).1,
        time: from_timestamp(event.given.time),
        actor: Some(from_actor(event.given.clone())),
        request_id: event.request_id.clone(),
    }
}
