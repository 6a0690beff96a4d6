//! The messages of the stream, a line each (cli floor).

use crate::{
    cli::word,
    proto::roster::v1::{MembershipChange, MembershipSnapshot},
};

/// The members of a part of the snapshot.
pub(super) fn snapshot(snapshot: &MembershipSnapshot) -> String {
    let each = snapshot.members.iter().map(|member| {
        format!("member {} of {}: {}", member.user_id, member.organization_id, word::role(member.role()))
    });
    each.collect::<Vec<_>>().join("\n")
}

/// One change, with its revision in front.
pub(super) fn change(revision: u64, change: &MembershipChange) -> String {
    let kind = word::of(change.kind().as_str_name(), "MEMBERSHIP_CHANGE_KIND_");
    format!(
        "{revision} {} {kind} {} of {}: {} -> {} by {}; {}, request {}",
        word::time(change.time.as_ref()),
        change.user_id,
        change.organization_id,
        word::role(change.old_role()),
        word::role(change.new_role()),
        word::source(change.source()),
        word::actor(change.actor.as_ref()),
        word::or_none(&change.request_id),
    )
}
