//! `roster jit admin-email preview` (cli floor).

use clap::{Args, ValueEnum};

use crate::{
    cli::{session::Session, show, word},
    proto::roster::v1::{
        AdminEmailEffect, PreviewAdminEmailRequest,
        jit_service_client::JitServiceClient,
        preview_admin_email_request::{Add, Change, Remove},
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The address
    #[arg(value_name = "E-MAIL")]
    email: String,

    /// What would be done
    #[arg(long, value_enum, default_value = "add")]
    change: Planned,
}

/// A command whose effect is wanted.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Planned {
    /// `roster jit admin-email add`
    Add,
    /// `roster jit admin-email remove`
    Remove,
}

const HEADINGS: [&str; 4] = ["effect", "user", "server admin then", "vouched for"];

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let change = match arguments.change {
        Planned::Add => Change::Add(Add {}),
        Planned::Remove => Change::Remove(Remove {}),
    };
    let request = PreviewAdminEmailRequest { email: arguments.email, change: Some(change), min_revision: 0 };
    let mut client = session.client(JitServiceClient::with_origin);
    let told = client.preview_admin_email(request).await?.into_inner();
    session.show(&told, |told| show::table(&HEADINGS, told.effects.iter().map(row).collect()))
}

fn row(effect: &AdminEmailEffect) -> Vec<String> {
    vec![
        word::of(effect.kind().as_str_name(), "ADMIN_EMAIL_EFFECT_KIND_"),
        effect.username.clone(),
        word::yes(effect.server_admin),
        word::yes(effect.vouched_for),
    ]
}
