//! `roster jit admin-email list` (cli floor).

use clap::Args;

use crate::{
    cli::{session::Session, show, word},
    proto::roster::v1::{AdminEmail, ListAdminEmailsRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

const HEADINGS: [&str; 3] = ["e-mail", "set by", "since"];

pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<()> {
    let mut client = session.client(JitServiceClient::with_origin);
    let found = client.list_admin_emails(ListAdminEmailsRequest::default()).await?.into_inner();
    session.show(&found, |found| show::table(&HEADINGS, found.admin_emails.iter().map(row).collect()))
}

fn row(found: &AdminEmail) -> Vec<String> {
    let set_by = word::set_by(found.configured, found.actor.as_ref());
    vec![found.email.clone(), set_by, word::time(found.create_time.as_ref())]
}
