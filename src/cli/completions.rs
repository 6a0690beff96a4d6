//! `roster completions`: what a shell completes (cli floor).

use clap::Args;
use clap_complete::Shell;

use super::{show, tree};

/// What `completions` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Shell to print for
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut tree(), "roster", &mut script);
    show::print(String::from_utf8(script)?.trim_end())
}
