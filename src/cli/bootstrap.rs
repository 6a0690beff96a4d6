//! `roster bootstrap`: the first server admin, and the way back in (cli floor).

use std::{io::Write as _, sync::Arc};

use clap::Args;

use super::serve::settings::open_store;
use crate::{
    config::{CommonFlags, Sources},
    domain::clock::SystemClock,
    services::{Services, bootstrap::bootstrap},
};

/// What `bootstrap` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// Registry name of the admin
    #[arg(long, default_value = "admin", value_name = "NAME")]
    username: String,

    /// E-mail of the admin, by which an identity provider finds the account later
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,

    /// Break glass: give a fresh token to the named account and make it an active server admin, even if there
    /// is one already
    #[arg(long)]
    force: bool,
}

/// Prints the token alone on stdout.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let store = open_store(&Sources::of(&arguments.common).load()?.config).await?;
    let services = Services::new(store, Arc::new(SystemClock));
    let made = bootstrap(&services, &arguments.username, arguments.email.as_deref(), arguments.force).await;
    services.close().await?;
    let (_, secret) = made?;
    writeln!(std::io::stdout(), "{}", secret.reveal())?;
    Ok(())
}
