//! Warnings that a server sends along with its answers (cli floor).

use std::sync::atomic::{AtomicBool, Ordering};

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use http::Response;
use serde_json::json;
use tonic::body::Body;

use crate::cli::show::{Format, plain};

/// The header, which `buf` prints as well.
const HEADER: &str = "buf-warning-bin";

/// Whether one was printed: a command that asks several times would print it as often.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Prints a warning on stderr, once, and passes the answer on.
pub(super) type Watch = fn(Response<Body>) -> Response<Body>;

/// What prints in this form.
pub(super) fn watch(format: Format) -> Watch {
    match format {
        Format::Table => |answer| tell(answer, |text| format!("warning: {}", plain(text))),
        Format::Json => |answer| tell(answer, |text| json!({ "warning": text }).to_string()),
    }
}

fn tell(answer: Response<Body>, line: impl Fn(&str) -> String) -> Response<Body> {
    if let Some(text) = answer.headers().get(HEADER).and_then(|value| decode(value.as_bytes()))
        && !TOLD.swap(true, Ordering::Relaxed)
    {
        eprintln!("{}", line(&text));
    }
    answer
}

/// gRPC takes base64 with padding and without it.
fn decode(value: &[u8]) -> Option<String> {
    let end = value.iter().rposition(|byte| *byte != b'=')?;
    let bytes = BASE64_STANDARD_NO_PAD.decode(value.get(..=end)?).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_read_with_padding_and_without() {
        assert_eq!(decode(b"YmV3YXJl"), Some("beware".to_owned()));
        assert_eq!(decode(b"YmV3YXJlIQ"), Some("beware!".to_owned()));
        assert_eq!(decode(b"YmV3YXJlIQ=="), Some("beware!".to_owned()));
        for wrong in [&b""[..], b"==", b"?", b"/w"] {
            assert_eq!(decode(wrong), None, "{wrong:?}");
        }
    }
}
