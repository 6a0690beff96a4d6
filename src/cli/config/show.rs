//! `roster config show` (cli floor).

use clap::Args;

use crate::{
    cli::show,
    config::{CommonFlags, Sources},
};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let text = Sources::of(&arguments.common).load()?.show();
    show::print(text.trim_end_matches('\n'))
}
