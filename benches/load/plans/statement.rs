//! Statements, as a server's log tells of them.

use std::{
    collections::BTreeMap,
    fmt,
    io::{Read as _, Seek as _, SeekFrom},
    time::Duration,
};

use anyhow::Result;
use serde_json::Value;

use super::SLOW;
use crate::report::short;

/// A statement that was run, in the slowest of its runs.
pub(super) struct Statement {
    /// The request that it was run for.
    request: String,
    pub(super) sql: String,
    elapsed: Duration,
    pub(super) plan: String,
    /// What it reads whole.
    pub(super) whole: Vec<String>,
}

/// All that were run, by their text without lists of values, which are of any length.
#[derive(Default)]
pub(super) struct Statements {
    pub(super) all: BTreeMap<String, Statement>,
    read: u64,
}

impl Statements {
    /// Reads what was logged since the last time, for this request.
    pub(super) fn read(&mut self, request: &str, log: &str) -> Result<()> {
        let (mut file, mut text) = (std::fs::File::open(log)?, String::new());
        file.seek(SeekFrom::Start(self.read))?;
        file.read_to_string(&mut text)?;
        // the last line may not be whole yet
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        let (whole, _) = text.split_at_checked(end).unwrap_or_default();
        self.read += u64::try_from(end)?;
        for line in whole.lines() {
            if let Ok(line) = serde_json::from_str::<Value>(line) {
                self.line(request, &line);
            }
        }
        Ok(())
    }

    fn line(&mut self, request: &str, line: &Value) {
        let text = |path: &str| line.pointer(path).and_then(Value::as_str).unwrap_or_default().trim();
        match text("/target") {
            "sqlx::query" => {
                let whole = text("/db.statement");
                let sql = if whole.is_empty() { text("/summary") } else { whole };
                let seconds = line.pointer("/elapsed_secs").and_then(Value::as_f64);
                let elapsed = Duration::from_secs_f64(seconds.unwrap_or_default());
                // several that are sent as one have their time together
                for sql in sql.split(';').map(str::trim).filter(|sql| !sql.is_empty()) {
                    self.keep(request, sql, elapsed, "");
                }
            }
            "sqlx::postgres::notice" => {
                if let Some((elapsed, sql, plan)) = super::postgres::explained(text("/message")) {
                    self.keep(request, sql, elapsed, plan);
                }
            }
            _ => {}
        }
    }

    /// Keeps a run, unless a slower one of the same statement is known, or one whose plan is known.
    fn keep(&mut self, request: &str, sql: &str, elapsed: Duration, plan: &str) {
        let before = self.all.get(&general(sql));
        let is_worse =
            |before: &Statement| (!plan.is_empty(), elapsed) > (!before.plan.is_empty(), before.elapsed);
        if before.is_none_or(is_worse) {
            let (request, sql, plan) = (request.to_owned(), sql.to_owned(), plan.to_owned());
            let whole = Vec::new();
            self.all.insert(general(&sql), Statement { request, sql, elapsed, plan, whole });
        }
    }
}

/// The text with one value in each list, and one space between words.
fn general(sql: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in sql.split_whitespace() {
        let is_value = |word: &str| word.trim_matches([',', '(', ')']).starts_with(['?', '$']);
        if !(is_value(word) && words.last().is_some_and(|last| is_value(last) && last.ends_with(','))) {
            words.push(word);
        }
    }
    words.join(" ")
}

impl fmt::Display for Statements {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<(&String, &Statement)> = self.all.iter().collect();
        all.sort_by_key(|(_, one)| std::cmp::Reverse(one.elapsed));
        let (slow, quick): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, one)| one.elapsed > SLOW);
        writeln!(to, "{} statements, of which {} took over 20 ms:", self.all.len(), slow.len())?;
        for (sql, Statement { request, elapsed, plan, whole, .. }) in slow {
            let scans =
                if whole.is_empty() { String::new() } else { format!(", reads {}", whole.join(", ")) };
            writeln!(to, "\n- {}{scans}, for `{request}`\n\n```\n{sql}\n{plan}\n```", short(*elapsed))?;
        }
        writeln!(to, "\nThese walk along a table or an index as well, and were done sooner:\n")?;
        for (sql, Statement { request, elapsed, whole, .. }) in
            quick.iter().filter(|(_, one)| !one.whole.is_empty())
        {
            writeln!(to, "- {}, {}, for `{request}`: `{sql}`", short(*elapsed), whole.join(", "))?;
        }
        Ok(())
    }
}
