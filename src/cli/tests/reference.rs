//! The second half of `docs/cli.md`, made from the tree of commands.

use std::fmt::Write as _;

/// What the half begins with.
pub(super) const BEGIN: &str = "## Commands\n";

/// A section for each command, with its arguments.
pub(super) fn of(leaves: &[(Vec<String>, clap::Command)]) -> String {
    leaves.iter().map(|(path, command)| section(path, command)).collect()
}

fn section(path: &[String], command: &clap::Command) -> String {
    let mut text = format!("\n### `roster {}`\n\n", path.join(" "));
    if let Some(about) = command.get_about() {
        writeln!(text, "{about}.").unwrap();
    }
    let own: Vec<_> = command.get_arguments().filter(|argument| is_own(argument)).map(row).collect();
    if !own.is_empty() {
        writeln!(text, "\n| Argument | What |\n|---|---|\n{}", own.join("\n")).unwrap();
    }
    text
}

/// Not one of those that every command has, which the first half tells of.
fn is_own(argument: &clap::Arg) -> bool {
    let everywhere = ["help", "version"].contains(&argument.get_id().as_str());
    !everywhere && !argument.is_global_set() && !argument.is_hide_set()
}

fn row(argument: &clap::Arg) -> String {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let mut help = help.replace('|', "\\|");
    let values: Vec<_> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !values.is_empty() && argument.get_action().takes_values() {
        write!(help, ": {}", values.join(", ")).unwrap();
    }
    if let Some(name) = argument.get_env().and_then(|name| name.to_str()) {
        write!(help, "; `{name}` in the environment").unwrap();
    }
    let defaults: Vec<_> = argument.get_default_values().iter().filter_map(|value| value.to_str()).collect();
    if !defaults.is_empty() && !argument.is_hide_default_value_set() && argument.get_action().takes_values() {
        write!(help, "; default `{}`", defaults.join(" ")).unwrap();
    }
    format!("| `{}` | {help} |", usage(argument).replace('|', "\\|"))
}

fn usage(argument: &clap::Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.first().map(ToString::to_string).unwrap_or_default();
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    }
}
