//! `roster config`: looks at the configuration without serving (cli floor).

mod check;
mod default;
mod show;

use clap::{Args, Subcommand};

/// What `config` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Read the configuration as `serve` does, and tell every mistake
    Check(check::Arguments),
    /// Print every value and where it comes from, with secrets masked
    Show(show::Arguments),
    /// Print the defaults, with what each key does: the start of a file of your own
    Default(default::Arguments),
}

/// Prints what was asked for; a configuration with a mistake is an error.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.verb {
        Verb::Check(arguments) => check::run(&arguments).await,
        Verb::Show(arguments) => show::run(&arguments),
        Verb::Default(arguments) => default::run(&arguments),
    }
}
