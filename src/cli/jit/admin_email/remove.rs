//! `roster jit admin-email remove` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::roster::v1::{RemoveAdminEmailRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The address
    #[arg(value_name = "E-MAIL")]
    email: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = RemoveAdminEmailRequest { email: arguments.email.clone() };
    let mut client = session.client(JitServiceClient::with_origin);
    let done = client.remove_admin_email(request).await?.into_inner();
    session.show(&done, |_| format!("{} makes nobody a server admin any more", arguments.email))
}
