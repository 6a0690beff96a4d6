//! `roster provisioning resume` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::roster::v1::{ResumeProvisioningRequest, provisioning_service_client::ProvisioningServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The pause of this SCIM token, not that of all
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    scim_token: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ResumeProvisioningRequest { scim_token_id: arguments.scim_token.clone() };
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let answer = client.resume_provisioning(request).await?.into_inner();
    let whose = match arguments.scim_token.as_str() {
        "" => "all SCIM tokens".to_owned(),
        id => format!("the SCIM token {id}"),
    };
    session.show(&answer, |_| format!("resumed: {whose}"))
}
