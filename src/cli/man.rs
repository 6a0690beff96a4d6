//! `roster man`: the manual pages, made from the tree of commands (cli floor).

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{show, tree};

/// What `man` takes.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Write one page for each command into this folder, which must be there
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(folder) = &arguments.to {
        return clap_mangen::generate_to(tree(), folder)
            .with_context(|| format!("cannot write manual pages to {}", folder.display()));
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(tree()).render(&mut page)?;
    show::print(String::from_utf8(page)?.trim_end())
}
