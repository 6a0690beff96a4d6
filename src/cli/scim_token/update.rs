//! `roster scim-token update` (cli floor).

use clap::Args;

use super::profile::{self, Profile};
use crate::{
    cli::{session::Session, show},
    proto::roster::v1::{
        ScimTokenProfile, UpdateScimTokenRequest, scim_token_service_client::ScimTokenServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the token
    #[arg(value_name = "ID")]
    scim_token: String,

    #[command(flatten)]
    change: ChangeArguments,
}

/// What becomes of it.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
struct ChangeArguments {
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// Identity provider whose habits its requests follow
    #[arg(long, value_enum)]
    profile: Option<Profile>,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = UpdateScimTokenRequest {
        scim_token_id: arguments.scim_token,
        description: arguments.change.description,
        profile: arguments.change.profile.map(|profile| ScimTokenProfile::from(profile).into()),
    };
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let updated = client.update_scim_token(request).await?.into_inner();
    session.show(&updated, |updated| {
        show::table(profile::HEADINGS, updated.scim_token.iter().map(profile::row).collect())
    })
}
