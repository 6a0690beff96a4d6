//! `roster migrate status` (cli floor).

use clap::Args;

use crate::{
    cli::{
        exit::Exit,
        serve::{checks, settings},
        show,
    },
    config::{CommonFlags, Sources},
    storage::Store,
};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let config = Sources::of(&arguments.common).load_with(checks::problems)?.config;
    let probed = Store::probe(config.database.url.reveal()).await;
    let due = probed.map_err(|error| settings::unopened(&config, error))?;
    show::print(due.as_deref().unwrap_or("the schema is up to date"))?;
    Ok(if due.is_some() { Exit::No } else { Exit::Done })
}
