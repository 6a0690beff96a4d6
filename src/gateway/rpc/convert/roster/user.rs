//! Gateway floor: accounts as server admins see them, on the wire.

use super::{from_effective, from_role, proto};
use crate::{
    domain::{
        role::ServerRole,
        user::{Provenance, User},
    },
    gateway::rpc::{convert::from_count, status::rule},
    services::{
        Error,
        user::{
            import::{Done, Row},
            merge::{Membership, Merge},
        },
    },
};

/// An account.
pub(in crate::gateway::rpc) fn from_account(user: &User) -> proto::UserAccount {
    let person = &user.person;
    let shown = |text: String| if user.is_visible_to_scim() { text } else { String::new() };
    proto::UserAccount {
        user_id: user.id.to_string(),
        username: user.username.clone(),
        active: user.is_active(),
        server_admin: user.server_role == ServerRole::Admin,
        origin: from_provenance(user.provenance).into(),
        email: person.email.clone().unwrap_or_default(),
        scim_user_name: shown(person.user_name.clone()),
        scim_id: shown(user.scim_id.to_string()),
        external_id: person.external_id.clone().unwrap_or_default(),
    }
}

fn from_provenance(provenance: Provenance) -> proto::UserAccountOrigin {
    match provenance {
        Provenance::Local => proto::UserAccountOrigin::Local,
        Provenance::Provisioned => proto::UserAccountOrigin::Provisioned,
        Provenance::Linked => proto::UserAccountOrigin::Linked,
        Provenance::Deprovisioned => proto::UserAccountOrigin::Deprovisioned,
        Provenance::Deleted => proto::UserAccountOrigin::Unspecified,
    }
}

/// A row of an import.
pub(in crate::gateway::rpc) fn to_import_row(user: proto::ImportedUser) -> Row {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    Row { username: user.username, email: given(user.email), description: given(user.description) }
}

/// What becomes of a row of an import.
pub(in crate::gateway::rpc) fn from_import(row: Result<Done, Error>) -> proto::ImportedRow {
    let effect = match row {
        Ok(Done::Created) => proto::ImportEffect::Created,
        Ok(Done::Updated) => proto::ImportEffect::Updated,
        Ok(Done::Unchanged) => proto::ImportEffect::Unchanged,
        Err(error) => {
            let (field, mistake) = (error.field.unwrap_or_default().to_owned(), rule(&error).to_owned());
            return proto::ImportedRow { field, mistake, ..proto::ImportedRow::default() };
        }
    };
    proto::ImportedRow { effect: effect.into(), ..proto::ImportedRow::default() }
}

/// Two accounts that become one.
pub(in crate::gateway::rpc) fn from_merge(merge: Merge) -> proto::UserMerge {
    proto::UserMerge {
        from: Some(from_account(&merge.from)),
        into: Some(from_account(&merge.into)),
        merged: Some(from_account(&merge.merged)),
        memberships: merge.memberships.into_iter().map(from_membership).collect(),
        kept_groups: merge.kept_groups,
        ended_groups: merge.ended_groups,
        ended_token_count: from_count(merge.ended_tokens),
        kept_token_count: from_count(merge.kept_tokens),
    }
}

fn from_membership(membership: Membership) -> proto::MergedMembership {
    let (merged_role, merged_source) = from_effective(membership.merged);
    proto::MergedMembership {
        organization_id: membership.organization_id.to_string(),
        organization_name: membership.organization_name,
        from_role: from_role(membership.from),
        into_role: from_role(membership.into),
        merged_role,
        merged_source,
    }
}
