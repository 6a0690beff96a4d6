//! `roster config default` (cli floor).

use clap::Args;

use crate::{cli::show, config::DEFAULTS};

#[derive(Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> anyhow::Result<()> {
    show::print(DEFAULTS.trim_end_matches('\n'))
}
