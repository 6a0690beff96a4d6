//! `roster migrate run` (cli floor).

use clap::Args;

use crate::{
    cli::{
        exit::Exit,
        serve::{checks, settings},
        show,
    },
    config::{CommonFlags, Sources},
};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let config = Sources::of(&arguments.common).load_with(checks::problems)?.config;
    settings::open_store(&config).await?.close().await?;
    show::print("the schema is up to date")?;
    Ok(Exit::Done)
}
