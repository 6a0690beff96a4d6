//! What a push did beyond the plain request, told in the log (gateway floor).

use super::auth::Session;
use crate::{domain::idp_group::GroupEffect, scim::patch::Rewrite};

/// Tells which tolerances were used and which attributes were left out; names alone, never values.
pub(super) fn intake(session: &Session, rewrites: &[Rewrite], ignored: &[String]) {
    if rewrites.is_empty() && ignored.is_empty() {
        return;
    }
    let rules: Vec<_> =
        rewrites.iter().map(|rewrite| format!("{} at {}", rewrite.rule.name(), rewrite.place)).collect();
    tracing::info!(token = %session.token.id, ?rules, ?ignored, "a client's own form was understood");
}

/// How many of a list a log line names.
const EXAMPLES: usize = 20;

/// Tells what a push did to a group.
pub(super) fn effect(session: &Session, effect: &GroupEffect) {
    let (token, group) = (session.token.id, effect.group.id);
    tracing::info!(%token, %group, added = effect.added, removed = effect.removed, "group pushed");
    if !effect.unknown_members.is_empty() {
        let (count, some) = (effect.unknown_members.len(), &effect.unknown_members[..]);
        let some: Vec<_> = some.iter().take(EXAMPLES).collect();
        tracing::warn!(%token, %group, count, ?some, "member ids that no user has were left out");
    }
}
