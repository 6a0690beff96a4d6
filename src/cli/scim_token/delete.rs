//! `roster scim-token delete` (cli floor).

use clap::Args;

use crate::{
    cli::{confirm::Confirm, session::Session, show, word},
    domain::count,
    proto::roster::v1::{
        DeleteScimTokenRequest, GetScimTokenRequest, scim_token_service_client::ScimTokenServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the token
    #[arg(value_name = "ID")]
    scim_token: String,

    #[command(flatten)]
    confirm: Confirm,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    arguments.confirm.ask(async || loss(session, &arguments.scim_token).await).await?;
    let request = DeleteScimTokenRequest { scim_token_id: arguments.scim_token.clone() };
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let deleted = client.delete_scim_token(request).await?.into_inner();
    session.show(&deleted, |_| format!("revoked the SCIM token {}", arguments.scim_token))
}

/// Who signs in with the token, as far as it is known.
async fn loss(session: &Session, id: &str) -> anyhow::Result<String> {
    let request = GetScimTokenRequest { scim_token_id: id.to_owned(), min_revision: 0 };
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let token = client.get_scim_token(request).await?.into_inner().scim_token.unwrap_or_default();
    let (name, usage) = (word::or_none(&token.description), token.usage.unwrap_or_default());
    let used = match &usage.last_use_time {
        None => "it was never used".to_owned(),
        Some(time) => format!(
            "it was used last at {} from {} by {}, with {} in the last day",
            word::time(Some(time)),
            word::or_none(&usage.last_use_address),
            word::or_none(&usage.last_use_client),
            count::things(usage.day_request_count, "request")
        ),
    };
    Ok(show::plain(&format!(
        "the SCIM token {id} ({name}) opens nothing any more, and whoever pushes with it is refused: {used}"
    )))
}
