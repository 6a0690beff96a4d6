//! The table of first syncs: how long each took, and whether ten times as much takes ten times as long.

use std::fmt;

use super::{Client, Run, Size};
use crate::report::{Figures, number, short};

/// Rows of runs, in Markdown.
pub(crate) struct Table {
    title: String,
    rows: Vec<String>,
}

impl Table {
    pub(super) fn new(title: String) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// Adds the runs of a client, the smallest first: the others are measured against it.
    pub(super) fn add(&mut self, client: Client, runs: &[Run]) {
        for run in runs {
            let Size { users, groups, members } = run.size;
            let first = runs.first().unwrap_or(run);
            let each = |run: &Run| run.users.elapsed.as_secs_f64() / number(run.size.users);
            self.row(&format!("{}: {users} users", client.name()), &run.users, each(run) / each(first));
            let each = |run: &Run| run.groups.elapsed.as_secs_f64() / number(run.size.groups);
            let name = format!("{}: {groups} groups of {members}", client.name());
            self.row(&name, &run.groups, each(run) / each(first));
        }
    }

    fn row(&mut self, name: &str, figures: &Figures, ratio: f64) {
        let Figures { requests, elapsed, p50, p99, cpu, memory } = *figures;
        let all = cpu.mul_f64(number(requests));
        self.rows.push(format!(
            "| {name} | {requests} | {} | {} | {:.0} | {} | {} | {} | {memory} MiB | {ratio:.2} |",
            short(elapsed),
            short(all),
            figures.per_second(),
            short(p50),
            short(p99),
            short(cpu),
        ));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "### {}\n", self.title)?;
        writeln!(
            to,
            "| work | requests | time | CPU | per second | p50 | p99 | CPU per request | peak memory | ratio |"
        )?;
        writeln!(to, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        self.rows.iter().try_for_each(|row| writeln!(to, "{row}"))?;
        writeln!(to, "\nThe ratio is the time of one user or one group to that of the smallest run.")
    }
}
