//! The grants behind a role, in tables (cli floor).

use crate::{cli::word, proto::roster::v1::MembershipGrant};

/// `admin by idp-group Engineering`.
pub(super) fn text(grant: &MembershipGrant) -> String {
    let role = word::role(grant.role());
    let source = word::source(grant.source());
    match &grant.group {
        Some(group) => format!("{role} by {source} {}", group.group_name),
        None => format!("{role} by {source}"),
    }
}

/// What stands over the columns of [`row`].
pub(super) const HEADINGS: &[&str] = &["role", "source", "group", "given by", "at", "request"];

pub(super) fn row(grant: &MembershipGrant) -> Vec<String> {
    let group = grant.group.as_ref();
    vec![
        word::role(grant.role()),
        word::source(grant.source()),
        group.map_or_else(|| word::NONE.to_owned(), |group| group.group_name.clone()),
        word::actor(grant.actor.as_ref()),
        word::time(grant.create_time.as_ref()),
        group.map_or_else(|| word::NONE.to_owned(), |group| word::or_none(&group.request_id)),
    ]
}
