//! Answers on stdout: tables for people, protobuf JSON for machines (cli floor).

use std::io::Write as _;

use anyhow::Context as _;
use clap::ValueEnum;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage};

use crate::domain::name::is_invisible;

/// How answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned columns, for people
    #[default]
    Table,
    /// The answer of the server as protobuf JSON, one document a line
    Json,
}

/// Rows under headings, without lines around: they are cut and searched as easily as they are read.
pub(super) fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(headings.iter().map(|heading| heading.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| plain(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Names are other people's text: what would move the cursor, start a line, or not be seen is shown as its escape.
pub(super) fn plain(text: &str) -> String {
    let escaped = text.chars().map(|char| match char {
        char if char.is_control() || is_invisible(char) => char.escape_default().to_string(),
        char => char.to_string(),
    });
    escaped.collect()
}

/// The canonical protobuf JSON of `message`, as the Connect gateway writes it.
pub(super) fn json<M: Message + Name>(pool: &DescriptorPool, message: &M) -> anyhow::Result<String> {
    let descriptor = pool.get_message_by_name(&M::full_name());
    let descriptor = descriptor.with_context(|| format!("no descriptor of {}", M::full_name()))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())?;
    Ok(serde_json::to_string(&dynamic)?)
}

/// Prints `text` and the end of its line.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).context("cannot write to stdout")
}
