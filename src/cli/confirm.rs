//! Asking before something is taken away (cli floor): who would lose what is shown on stderr, so that the answer of the command
//! stays alone on stdout.

use std::io::{self, BufRead as _, IsTerminal as _};

use clap::Args;

use super::{exit::Exit, failure::Failure};

/// What every command takes that takes something away.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Confirm {
    /// Do it without showing what is lost and without asking, as scripts want it
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Confirm {
    /// Shows what `loss` finds out and asks whether to go on. Where nobody can be asked, nothing is done without `--yes`.
    pub(super) async fn ask(self, loss: impl AsyncFnOnce() -> anyhow::Result<String>) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        eprintln!("{}", loss().await?);
        if !io::stdin().is_terminal() {
            let failure = Failure::new(Exit::Usage, "nothing was changed: nobody can be asked here");
            return Err(failure.with_hint("--yes does it without asking").into());
        }
        eprint!("Go on? [y/N] ");
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::new(Exit::Precondition, "nothing was changed").into()),
        }
    }
}
