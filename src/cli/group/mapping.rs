//! A group and an organization that it is or may be mapped to, as arguments (cli floor).

use clap::Args;

use crate::cli::{named::Named, session::Session};

/// Which group, to what.
#[derive(Args, Debug)]
pub(super) struct MappingArguments {
    /// Name of the group, pushed already or not
    pub(super) group: String,

    /// The organization
    #[arg(value_name = "ORGANIZATION")]
    pub(super) organization: Named,
}

impl MappingArguments {
    /// The organization's id and the group's name.
    pub(super) async fn names(&self, session: &Session) -> anyhow::Result<(String, String)> {
        Ok((session.organization_id(&self.organization).await?, self.group.clone()))
    }
}
