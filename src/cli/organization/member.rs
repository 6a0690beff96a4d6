//! A user in an organization, as arguments (cli floor).

use clap::Args;

use crate::cli::{named::Named, session::Session};

/// Who, in what.
#[derive(Args, Debug)]
pub(super) struct MemberArguments {
    /// The organization
    #[arg(value_name = "ORGANIZATION")]
    organization: Named,

    /// The user
    #[arg(value_name = "USER")]
    user: Named,
}

impl MemberArguments {
    /// The ids of the organization and the user.
    pub(super) async fn ids(&self, session: &Session) -> anyhow::Result<(String, String)> {
        Ok((session.organization_id(&self.organization).await?, session.user_id(&self.user).await?))
    }

    pub(super) fn organization(&self) -> &str {
        self.organization.text()
    }

    pub(super) fn user(&self) -> &str {
        self.user.text()
    }
}
