//! Lists: one page of them, or all (cli floor).

use clap::Args;
use prost::{Message, Name};

/// Most that a server gives at once.
const MOST: u32 = 250;

/// How much of a list is asked for.
#[derive(Args, Clone, Debug)]
pub(super) struct PageArguments {
    /// How many to show, at most 250
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=250))]
    page_size: u32,

    /// Where to go on: the nextPageToken of the page before
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(super) page_token: String,

    /// Show every page from there on
    #[arg(long)]
    pub(super) all: bool,
}

impl PageArguments {
    pub(super) fn size(&self) -> u32 {
        if self.all { MOST } else { self.page_size }
    }
}

/// A page of a list, and the table of it.
pub(super) trait Page: Message + Name {
    /// What stands over the columns.
    const HEADINGS: &'static [&'static str];

    /// A line for each item.
    fn rows(&self) -> Vec<Vec<String>>;

    /// Where the next page begins; empty on the last one.
    fn next_page_token(&self) -> &str;

    /// What is told before the table.
    fn summary(&self) -> Option<String> {
        None
    }
}
