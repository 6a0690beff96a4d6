//! What server admins know of users, in tables (cli floor).

use crate::{
    cli::{show, word},
    proto::roster::v1::UserAccount,
};

/// What stands over the columns of [`row`].
pub(super) const HEADINGS: &[&str] =
    &["id", "name", "state", "server role", "origin", "email", "userName", "externalId"];

pub(super) fn row(account: &UserAccount) -> Vec<String> {
    vec![
        account.user_id.clone(),
        account.username.clone(),
        if account.active { "active" } else { "inactive" }.to_owned(),
        if account.server_admin { "admin" } else { "member" }.to_owned(),
        word::of(account.origin().as_str_name(), "USER_ACCOUNT_ORIGIN_"),
        word::or_none(&account.email),
        word::or_none(&account.scim_user_name),
        word::or_none(&account.external_id),
    ]
}

pub(super) fn table<'a>(accounts: impl IntoIterator<Item = &'a UserAccount>) -> String {
    show::table(HEADINGS, accounts.into_iter().map(row).collect())
}
