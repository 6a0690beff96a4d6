//! The command line: one file per command (cli floor).

mod bootstrap;
mod config;
mod serve;

use clap::{Parser, Subcommand};

/// The open, self-hosted registry-admin service: SCIM in, gRPC out.
#[derive(Parser)]
#[command(name = "roster", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve SCIM, gRPC, gRPC-Web and Connect on one port
    Serve(crate::config::ServeFlags),
    /// Create the first server admin, and print an API token
    Bootstrap(bootstrap::Arguments),
    /// Check, show or start a configuration
    Config(config::Arguments),
}

/// Runs the command that the process was started with.
///
/// # Errors
/// What the command fails with; the message is for people and has no secret in it.
pub async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(flags) => serve::run(flags).await,
        Command::Bootstrap(arguments) => bootstrap::run(arguments).await,
        Command::Config(arguments) => config::run(arguments).await,
    }
}
