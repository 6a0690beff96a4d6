//! The text that is read: `OpenMetrics` for who asks for it, as Prometheus does, and Prometheus's older format, which
//! every other reader knows.

use http::{HeaderMap, header};
use prometheus_client::{encoding::text, registry::Registry};

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// Prometheus's text format 0.0.4.
    Prometheus,
}

impl Format {
    /// What a client takes.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let is_open = accepted.any(|value| value.contains("application/openmetrics-text"));
        if is_open { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// The media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Everything in `registry`.
pub(super) fn render(registry: &Registry, format: Format) -> String {
    let mut text = String::new();
    if let Err(error) = text::encode(&mut text, registry) {
        // writing to a string fails only when a figure cannot be told
        tracing::error!(%error, "metrics");
    }
    match format {
        Format::OpenMetrics => text,
        Format::Prometheus => in_old_format(&text),
    }
}

/// In the older format a counter is described by the name of its samples, there are no units, and the text has no mark
/// at its end.
fn in_old_format(text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut old = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        if line.starts_with("# UNIT ") || line == "# EOF" {
            continue;
        }
        let is_counter = |line: &str| line.starts_with("# TYPE ") && line.ends_with(" counter");
        let describes_counter =
            line.starts_with("# HELP ") && lines.peek().is_some_and(|next| is_counter(next));
        if describes_counter || is_counter(line) {
            old.push_str(&of_samples(line));
        } else {
            old.push_str(line);
        }
        old.push('\n');
    }
    old
}

/// `# HELP name …` as `# HELP name_total …`.
fn of_samples(line: &str) -> String {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (mark, kind, name, rest) = (word(), word(), word(), word());
    format!("{mark} {kind} {name}_total {rest}")
}

#[cfg(test)]
mod tests {
    use prometheus_client::{metrics::counter::Counter, metrics::gauge::Gauge};

    use super::*;

    #[test]
    fn both_formats_tell_the_same() {
        let mut registry = Registry::with_prefix("x");
        let counter: Counter = Counter::default();
        counter.inc_by(3);
        registry.register("pushes", "Pushes so far", counter);
        let gauge: Gauge = Gauge::default();
        registry.register("places", "Places now", gauge);
        let open = "# HELP x_pushes Pushes so far.\n# TYPE x_pushes counter\nx_pushes_total 3\n\
                    # HELP x_places Places now.\n# TYPE x_places gauge\nx_places 0\n# EOF\n";
        assert_eq!(render(&registry, Format::OpenMetrics), open);
        let old = "# HELP x_pushes_total Pushes so far.\n# TYPE x_pushes_total counter\nx_pushes_total 3\n\
                   # HELP x_places Places now.\n# TYPE x_places gauge\nx_places 0\n";
        assert_eq!(render(&registry, Format::Prometheus), old);
    }

    #[test]
    fn who_asks_for_openmetrics_gets_it() {
        let of = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            Format::of(&headers)
        };
        let prometheus =
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
        assert_eq!(of(prometheus), Format::OpenMetrics);
        assert_eq!(of("*/*"), Format::Prometheus);
        assert_eq!(Format::of(&HeaderMap::new()), Format::Prometheus);
    }
}
