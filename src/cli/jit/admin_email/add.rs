//! `roster jit admin-email add` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::roster::v1::{AddAdminEmailRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The address
    #[arg(value_name = "E-MAIL")]
    email: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = AddAdminEmailRequest { email: arguments.email.clone() };
    let mut client = session.client(JitServiceClient::with_origin);
    let done = client.add_admin_email(request).await?.into_inner();
    session.show(&done, |_| format!("{} makes a server admin of whoever is pushed with it", arguments.email))
}
