//! `roster backup verify` (cli floor).

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    cli::{exit::Exit, failure::Failure, show},
    services::backup::{Verified, verify},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// The backup
    file: PathBuf,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let verified = verify(&arguments.file).await.map_err(|error| Failure::of_service(&error))?;
    tell(&arguments.file, &verified)
}

/// What is in the file; the exit code is 10 when it is not sound.
pub(super) fn tell(file: &Path, verified: &Verified) -> anyhow::Result<Exit> {
    if !verified.tables.is_empty() {
        let rows = verified.tables.iter().map(|(table, rows)| vec![table.clone(), rows.to_string()]);
        show::print(&format!("{}\n", show::table(&["table", "rows"], rows.collect())))?;
    }
    if verified.problems.is_empty() {
        show::print(&format!("{} is sound: revision {}", file.display(), verified.revision))?;
        return Ok(Exit::Done);
    }
    show::print(&format!("{} is not sound:\n{}", file.display(), verified.problems.join("\n")))?;
    Ok(Exit::No)
}
