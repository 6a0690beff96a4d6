//! The command line: the tree of commands is the tree of files here (cli floor).
//!
//! `roster user list` is `user/list.rs`. Commands that ask a server do so over the public API, with the generated
//! gRPC clients; the others work on the database themselves. `docs/cli.md` is the reference.

mod audit;
mod backup;
mod bootstrap;
mod completions;
mod config;
mod confirm;
mod database;
mod doctor;
mod effect;
mod exit;
mod failure;
mod group;
mod healthcheck;
mod jit;
mod maintenance;
mod man;
mod membership;
mod migrate;
mod named;
mod organization;
mod page;
mod provisioning;
mod remote;
mod restore;
mod role;
mod scim_token;
mod serve;
mod session;
mod show;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod when;
mod word;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use exit::Exit;
use show::Format;

/// The open, self-hosted registry-admin service: SCIM in, gRPC out.
#[derive(Parser)]
#[command(name = "roster", version, about, after_help = exit::HELP)]
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
    /// Look for what is wrong, say why it matters and what to do; the exit code is 10 when there is something to mend
    Doctor(doctor::Arguments),
    /// Ask the server on this machine whether it is ready, for images without curl; the exit code is 0 or 1
    Healthcheck(healthcheck::Arguments),
    /// Copy a SQLite database into a file, while the server runs, and verify the copy
    Backup(backup::Arguments),
    /// Put a backup in the place of a SQLite database that no server uses; the old one is kept beside
    Restore(restore::Arguments),
    /// Bring the schema of the database up to date, or tell what is due
    Migrate(migrate::Arguments),
    /// Work on whole databases
    Database(database::Arguments),
    /// SCIM tokens, with which identity providers sign in
    ScimToken(scim_token::Arguments),
    /// API tokens of users
    Token(token::Arguments),
    /// Users
    User(user::Arguments),
    /// Organizations and their members
    Organization(organization::Arguments),
    /// Who is a member of what, with which role, and why
    Membership(membership::Arguments),
    /// Groups of the identity provider, and the organizations that they are mapped to
    Group(group::Arguments),
    /// What people get without anyone's doing: organizations that everyone joins, e-mails that make a server admin
    Jit(jit::Arguments),
    /// What identity providers push, and whether they may
    Provisioning(provisioning::Arguments),
    /// The mode in which the server takes no changes, for upgrades
    Maintenance(maintenance::Arguments),
    /// The audit log
    Audit(audit::Arguments),
    /// Print the completions for a shell
    Completions(completions::Arguments),
    /// Print the manual page, or write one page for each command
    Man(man::Arguments),
}

impl Command {
    /// How errors are printed: as the answers would have been.
    fn format(&self) -> Format {
        match self {
            Self::Doctor(arguments) => arguments.format,
            Self::ScimToken(arguments) => arguments.remote.format,
            Self::Token(arguments) => arguments.remote.format,
            Self::User(arguments) => arguments.remote.format,
            Self::Organization(arguments) => arguments.remote.format,
            Self::Membership(arguments) => arguments.remote.format,
            Self::Group(arguments) => arguments.remote.format,
            Self::Jit(arguments) => arguments.remote.format,
            Self::Provisioning(arguments) => arguments.remote.format,
            Self::Maintenance(arguments) => arguments.remote.format,
            Self::Audit(arguments) => arguments.remote.format,
            _ => Format::Table,
        }
    }

    async fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::Serve(flags) => serve::run(flags).await?,
            Self::Bootstrap(arguments) => bootstrap::run(arguments).await?,
            Self::Config(arguments) => config::run(arguments).await?,
            Self::Doctor(arguments) => return doctor::run(arguments).await,
            Self::Healthcheck(arguments) => healthcheck::run(&arguments).await?,
            Self::Backup(arguments) => return backup::run(arguments).await,
            Self::Restore(arguments) => restore::run(arguments).await?,
            Self::Migrate(arguments) => return migrate::run(arguments).await,
            Self::Database(arguments) => database::run(arguments).await?,
            Self::ScimToken(arguments) => scim_token::run(arguments).await?,
            Self::Token(arguments) => token::run(arguments).await?,
            Self::User(arguments) => user::run(arguments).await?,
            Self::Organization(arguments) => organization::run(arguments).await?,
            Self::Membership(arguments) => return membership::run(arguments).await,
            Self::Group(arguments) => group::run(arguments).await?,
            Self::Jit(arguments) => jit::run(arguments).await?,
            Self::Provisioning(arguments) => return provisioning::run(arguments).await,
            Self::Maintenance(arguments) => maintenance::run(arguments).await?,
            Self::Audit(arguments) => audit::run(arguments).await?,
            Self::Completions(arguments) => completions::run(&arguments)?,
            Self::Man(arguments) => man::run(&arguments)?,
        }
        Ok(Exit::Done)
    }
}

/// The tree of commands, as completions and manual pages are made of it.
fn tree() -> clap::Command {
    Cli::command()
}

/// Runs the command that the process was started with, and tells on stderr what it fails with: for people, with
/// no secret in it.
pub async fn run() -> ExitCode {
    let command = Cli::parse().command;
    let format = command.format();
    // boxed: the futures of some commands are large
    match Box::pin(command.run()).await {
        Ok(exit) => exit.into(),
        Err(error) => failure::report(&remote::explained(error).await, format).into(),
    }
}
