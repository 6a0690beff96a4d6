//! `roster scim-token create` (cli floor).

use clap::Args;

use super::profile::Profile;
use crate::{
    cli::{session::Session, when::When},
    proto::roster::v1::{
        CreateScimTokenRequest, ScimTokenProfile, scim_token_service_client::ScimTokenServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    description: String,

    /// Identity provider whose habits its requests follow
    #[arg(long, value_enum, default_value = "generic")]
    profile: Profile,

    /// When it ends: a span such as 90d, or a time such as 2027-01-31T00:00:00Z [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
}

/// The secret alone is on stdout, so that a script can keep it.
pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = CreateScimTokenRequest {
        description: arguments.description,
        profile: ScimTokenProfile::from(arguments.profile).into(),
        expire_time: arguments.expires.map(When::ahead).transpose()?,
    };
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let made = client.create_scim_token(request).await?.into_inner();
    if session.is_for_people() {
        let id = made.scim_token.as_ref().map_or("", |token| token.id.as_str());
        eprintln!("the SCIM token {id}, whose secret is shown this once:");
    }
    session.show(&made, |made| made.secret.clone())
}
