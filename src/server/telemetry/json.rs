//! One JSON object a line. tracing-subscriber's own format reads the fields of each span again for every line, and goes
//! through a serializer for the rest; a line for each request is most of what is logged, so here it is written straight.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// What `log` calls the target of a record that comes from there.
const LOG_TARGET: &str = "log.target";
/// What else `log` adds to such a record.
const LOG: &str = "log.";

/// Writes the time, the level, the fields, the target, and the spans from the outermost on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let about = event.metadata();
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", about.level())?;
        let mut fields = Fields { to: writer.by_ref(), target: None, written: Ok(()) };
        event.record(&mut fields);
        let Fields { target, written, .. } = fields;
        written?;
        writer.write_str(",\"target\":")?;
        string(&mut writer, target.as_deref().unwrap_or(about.target()))?;
        if let Some(scope) = context.event_scope() {
            let mut before = ",\"spans\":[";
            for span in scope.from_root() {
                writer.write_str(before)?;
                before = ",";
                let extensions = span.extensions();
                // an object, as the fields of spans are formatted
                let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.as_str());
                let fields = fields.strip_suffix('}').filter(|fields| fields.len() > 1);
                write!(writer, "{}\"name\":\"{}\"}}", with_comma(fields), span.name())?;
            }
            writer.write_str("]")?;
        }
        writer.write_str("}\n")
    }
}

/// An object that is still open, ready for a field more.
fn with_comma(open: Option<&str>) -> impl fmt::Display {
    fmt::from_fn(move |to| match open {
        Some(open) => write!(to, "{open},"),
        None => to.write_str("{"),
    })
}

struct Fields<'a> {
    to: Writer<'a>,
    /// The target of a record that comes from `log`.
    target: Option<String>,
    written: fmt::Result,
}

impl Fields<'_> {
    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.written.is_ok() && !field.name().starts_with(LOG) {
            self.written = write!(self.to, ",\"{}\":", field.name()).and_then(|()| value(&mut self.to));
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == LOG_TARGET {
            self.target = Some(value.to_owned());
        }
        self.field(field, |to| string(to, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |to| write!(to, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |to| write!(to, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |to| write!(to, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinity, and nothing that is no number
        self.field(field, |to| if value.is_finite() { write!(to, "{value}") } else { to.write_str("null") });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, |to| string(to, &format!("{value:?}")));
    }
}

/// A string of JSON (RFC 8259 §7).
fn string(to: &mut Writer<'_>, text: &str) -> fmt::Result {
    to.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (plain, special) = rest.split_at(at);
        to.write_str(plain)?;
        let mut chars = special.chars();
        match chars.next() {
            Some(quoted @ ('"' | '\\')) => write!(to, "\\{quoted}")?,
            Some('\n') => to.write_str("\\n")?,
            Some(control) => write!(to, "\\u{:04x}", u32::from(control))?,
            None => {}
        }
        rest = chars.as_str();
    }
    to.write_str(rest)?;
    to.write_char('"')
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::fmt::format::JsonFields;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Page {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// The line that `log` logs, behind its time.
    fn line(log: impl FnOnce()) -> String {
        let page = Page::default();
        let layer = tracing_subscriber::fmt::layer().with_writer(page.clone());
        let layer = layer.fmt_fields(JsonFields::new()).event_format(JsonLines);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let (time, rest) = text.strip_prefix("{\"timestamp\":\"").unwrap().split_once("\",").unwrap();
        assert!(time.len() > 20 && time.ends_with('Z'), "{time}");
        rest.strip_suffix('\n').unwrap().to_owned()
    }

    #[test]
    fn a_line_is_an_object_with_the_fields_and_the_spans() {
        let nothing: Option<&str> = None;
        let logged = line(|| {
            let _outer = tracing::info_span!("request", id = "a\"b", number = 7).entered();
            let _inner = tracing::info_span!("change").entered();
            let text = "a\\b\n\u{1}é";
            tracing::warn!(text, yes = true, less = -1, part = 0.5, none = nothing, list = ?[1], "said {}", 1);
        });
        let expected = concat!(
            r#""level":"WARN","message":"said 1","text":"a\\b\n\u0001é","yes":true,"less":-1,"part":0.5,"list":"[1]","#,
            r#""target":"roster::server::telemetry::json::tests","#,
            r#""spans":[{"id":"a\"b","number":7,"name":"request"},{"name":"change"}]}"#
        );
        assert_eq!(logged, expected);
    }

    #[test]
    fn a_line_outside_of_spans_names_none() {
        let expected =
            r#""level":"ERROR","message":"x","odd":null,"target":"roster::server::telemetry::json::tests"}"#;
        assert_eq!(line(|| tracing::error!(odd = f64::NAN, "x")), expected);
    }
}
