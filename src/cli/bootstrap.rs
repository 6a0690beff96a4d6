//! `roster bootstrap`: the first server admin, and the way back in (cli floor).

use std::{io::Write as _, sync::Arc};

use clap::Args;

use super::{serve::settings::open_store, show, word};
use crate::{
    config::{CommonFlags, Sources},
    domain::{clock::SystemClock, token::Token},
    services::{
        Services,
        bootstrap::{Bootstrapped, Force, let_in},
    },
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

    /// With --force: end the account's other API tokens, for example those that leaked
    #[arg(long, requires = "force")]
    revoke: bool,
}

/// Prints the token alone on stdout.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let store = open_store(&Sources::of(&arguments.common).load()?.config).await?;
    let services = Services::new(store, Arc::new(SystemClock));
    let force = match (arguments.force, arguments.revoke) {
        (false, _) => Force::No,
        (true, false) => Force::Yes,
        (true, true) => Force::Revoking,
    };
    let made = let_in(&services, &arguments.username, arguments.email.as_deref(), force).await;
    services.close().await?;
    let made = made?;
    if !made.others.is_empty() {
        eprintln!("{}", others(&made));
    }
    writeln!(std::io::stdout(), "{}", made.secret.reveal())?;
    Ok(())
}

/// The account's other tokens: stderr has them, for stdout is the new one alone.
fn others(made: &Bootstrapped) -> String {
    let (name, count) = (&made.admin.username, made.others.len());
    let heading = match (made.revoked, count) {
        (true, 1) => format!("1 other token of {name} was ended:"),
        (true, count) => format!("{count} other tokens of {name} were ended:"),
        (false, 1) => format!("1 other token of {name} still works; --revoke ends it:"),
        (false, count) => format!("{count} other tokens of {name} still work; --revoke ends them:"),
    };
    let line = |token: &Token| {
        let (made, ends) = (word::moment(token.create_time), word::moment(token.expire_time));
        format!("  {}  made {made}, ends {ends}  {}", token.id, show::plain(&token.note))
    };
    let lines = made.others.iter().map(line);
    std::iter::once(heading).chain(lines).collect::<Vec<_>>().join("\n")
}
