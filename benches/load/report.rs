//! Tables as text, in Markdown.

use std::{fmt, time::Duration};

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
        f64::from(u32::try_from(self.requests).unwrap_or(u32::MAX)) / self.elapsed.as_secs_f64()
    }
}

/// Rows of figures, each with the row it is measured against.
pub(crate) struct Table {
    title: String,
    rows: Vec<(String, Figures, Option<f64>)>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
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
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "### {}\n", self.title)?;
        writeln!(to, "| work | per second | p50 | p99 | CPU per request | peak memory | ratio |")?;
        writeln!(to, "|---|--:|--:|--:|--:|--:|--:|")?;
        for (name, figures, ratio) in &self.rows {
            let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            let (p50, p99, cpu) = (micros(figures.p50), micros(figures.p99), micros(figures.cpu));
            let (rate, memory) = (figures.per_second(), figures.memory);
            writeln!(to, "| {name} | {rate:.0} | {p50} | {p99} | {cpu} | {memory} MiB | {ratio} |")?;
        }
        Ok(())
    }
}

fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 10_000.0 { format!("{micros:.0} µs") } else { format!("{:.1} ms", micros / 1e3) }
}
