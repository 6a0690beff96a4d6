//! Client profiles of SCIM tokens as they are typed and shown (cli floor).

use clap::ValueEnum;

use crate::{
    cli::word,
    proto::roster::v1::{ScimToken, ScimTokenProfile},
};

/// Whose habits the requests of a token follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Profile {
    /// Any client
    Generic,
    /// Okta, the same as generic
    Okta,
    /// Microsoft Entra ID, the same as generic
    Entra,
    /// The RFC to the letter, for conformance suites
    Strict,
}

impl From<Profile> for ScimTokenProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Generic => Self::Generic,
            Profile::Okta => Self::Okta,
            Profile::Entra => Self::Entra,
            Profile::Strict => Self::Strict,
        }
    }
}

/// What stands over the columns of [`row`].
pub(super) const HEADINGS: &[&str] = &["id", "profile", "created", "expires", "last used", "description"];

pub(super) fn row(token: &ScimToken) -> Vec<String> {
    vec![
        token.id.clone(),
        word::of(token.profile().as_str_name(), "SCIM_TOKEN_PROFILE_"),
        word::time(token.create_time.as_ref()),
        token.expire_time.as_ref().map_or_else(|| "never".to_owned(), |time| word::time(Some(time))),
        last_use(token),
        word::or_none(&token.description),
    ]
}

/// When it was used last; a token that was just changed does not say.
fn last_use(token: &ScimToken) -> String {
    match token.usage.as_ref().map(|usage| usage.last_use_time.as_ref()) {
        None => word::NONE.to_owned(),
        Some(None) => "never".to_owned(),
        Some(time) => word::time(time),
    }
}
