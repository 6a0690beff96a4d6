//! Tables as text, in Markdown.

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result};

/// What a load did to a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) requests: usize,
    pub(crate) elapsed: Duration,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time of the server for one request.
    pub(crate) cpu: Duration,
    /// Peak of the server's resident memory, in MiB.
    pub(crate) memory: u64,
}

impl Figures {
    pub(crate) fn per_second(&self) -> f64 {
        number(self.requests) / self.elapsed.as_secs_f64()
    }

    /// What requests that took these times did to a server, which spent `cpu` on all of them.
    pub(crate) fn of(
        mut times: Vec<Duration>,
        elapsed: Duration,
        cpu: Duration,
        memory: u64,
    ) -> Result<Self> {
        times.sort_unstable();
        let at =
            |percent: usize| times.get(times.len() * percent / 100).copied().context("no request was sent");
        let (p50, p99, cpu) = (at(50)?, at(99)?, cpu / u32::try_from(times.len())?);
        Ok(Self { requests: times.len(), elapsed, p50, p99, cpu, memory })
    }

    /// The middle of several runs of the same load, figure by figure; of memory the most.
    pub(crate) fn middle(runs: &[Self]) -> Result<Self> {
        let first = runs.first().context("nothing was run")?;
        let of = |figure: fn(&Self) -> Duration| {
            let mut all: Vec<Duration> = runs.iter().map(figure).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        Ok(Self {
            requests: first.requests,
            elapsed: of(|run| run.elapsed),
            p50: of(|run| run.p50),
            p99: of(|run| run.p99),
            cpu: of(|run| run.cpu),
            memory: runs.iter().map(|run| run.memory).max().unwrap_or_default(),
        })
    }
}

/// A number to calculate with.
pub(crate) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Rows of figures, each with the row it is measured against.
pub(crate) struct Table {
    title: String,
    rows: Vec<(String, Figures, Option<f64>)>,
    notes: Vec<String>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new(), notes: Vec::new() }
    }

    /// A baseline, and what is measured against it: `ratio` of the second to the first.
    pub(crate) fn pair(&mut self, baseline: (&str, Figures), ours: (&str, Figures)) {
        self.rows.push((baseline.0.to_owned(), baseline.1, None));
        self.rows.push((ours.0.to_owned(), ours.1, Some(ours.1.per_second() / baseline.1.per_second())));
    }

    /// Two loads on our server, and how much slower the middle request of the second is.
    pub(crate) fn growth(&mut self, small: (&str, Figures), large: (&str, Figures)) {
        self.rows.push((small.0.to_owned(), small.1, None));
        self.rows.push((
            large.0.to_owned(),
            large.1,
            Some(large.1.p50.as_secs_f64() / small.1.p50.as_secs_f64()),
        ));
    }

    /// A sentence below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "### {}\n", self.title)?;
        writeln!(to, "| work | per second | p50 | p99 | CPU per request | peak memory | ratio |")?;
        writeln!(to, "|---|--:|--:|--:|--:|--:|--:|")?;
        for (name, figures, ratio) in &self.rows {
            let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            let (p50, p99, cpu) = (short(figures.p50), short(figures.p99), short(figures.cpu));
            let (rate, memory) = (figures.per_second(), figures.memory);
            writeln!(to, "| {name} | {rate:.0} | {p50} | {p99} | {cpu} | {memory} MiB | {ratio} |")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(to, "\n{note}"))
    }
}

/// A time in the unit that suits it.
pub(crate) fn short(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 10_000.0 {
        return format!("{micros:.0} µs");
    }
    if micros < 10e6 { format!("{:.1} ms", micros / 1e3) } else { format!("{:.1} s", micros / 1e6) }
}
