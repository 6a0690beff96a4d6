//! Users in tables (cli floor).

use crate::{
    cli::{show, word},
    proto::buf::registry::owner::v1::User,
};

/// What stands over the columns of [`row`].
pub(super) const HEADINGS: &[&str] =
    &["id", "name", "type", "state", "server role", "created", "description"];

pub(super) fn row(user: &User) -> Vec<String> {
    vec![
        user.id.clone(),
        user.name.clone(),
        word::of(user.r#type().as_str_name(), "USER_TYPE_"),
        word::of(user.state().as_str_name(), "USER_STATE_"),
        word::of(user.user_instance_role().as_str_name(), "USER_INSTANCE_ROLE_"),
        word::time(user.create_time.as_ref()),
        word::or_none(&user.description),
    ]
}

pub(super) fn table<'a>(users: impl IntoIterator<Item = &'a User>) -> String {
    show::table(HEADINGS, users.into_iter().map(row).collect())
}
