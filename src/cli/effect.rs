//! What a change would do to memberships, as a table (cli floor).

use super::word;
use crate::proto::roster::v1::MembershipEffect;

/// What stands over the columns.
pub(super) const HEADINGS: &[&str] = &["effect", "user", "old role", "old source", "new role", "new source"];

/// The line of one user.
pub(super) fn row(effect: &MembershipEffect) -> Vec<String> {
    vec![
        word::of(effect.kind().as_str_name(), "MEMBERSHIP_EFFECT_KIND_"),
        effect.username.clone(),
        word::role(effect.old_role()),
        word::source(effect.old_source()),
        word::role(effect.new_role()),
        word::source(effect.new_source()),
    ]
}

/// How many are added, changed, removed and staying.
pub(super) fn summary([added, changed, removed, staying]: [u64; 4]) -> String {
    format!("{added} added, {changed} changed, {removed} removed, {staying} staying\n")
}
