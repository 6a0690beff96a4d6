//! `roster jit organization list` (cli floor).

use clap::Args;

use crate::{
    cli::{session::Session, show, word},
    proto::roster::v1::{JitOrganization, ListJitOrganizationsRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

const HEADINGS: [&str; 5] = ["id", "organization", "role", "set by", "since"];

pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<()> {
    let mut client = session.client(JitServiceClient::with_origin);
    let found = client.list_jit_organizations(ListJitOrganizationsRequest::default()).await?.into_inner();
    session.show(&found, |found| show::table(&HEADINGS, found.jit_organizations.iter().map(row).collect()))
}

fn row(set: &JitOrganization) -> Vec<String> {
    vec![
        set.organization_id.clone(),
        set.organization_name.clone(),
        word::role(set.role()),
        word::set_by(set.configured, set.actor.as_ref()),
        word::time(set.create_time.as_ref()),
    ]
}
