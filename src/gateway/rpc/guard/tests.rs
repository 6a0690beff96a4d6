//! The notation of gRPC time-outs, and the code that is corrected.

use super::*;

fn parsed(text: &str) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-timeout", HeaderValue::from_str(text).unwrap());
    timeout(&headers)
}

#[test]
fn a_timeout_is_at_most_eight_digits_and_a_unit() {
    assert_eq!(parsed("2H"), Some(Duration::from_hours(2)));
    assert_eq!(parsed("3M"), Some(Duration::from_mins(3)));
    assert_eq!(parsed("4S"), Some(Duration::from_secs(4)));
    assert_eq!(parsed("99999999m"), Some(Duration::from_millis(99_999_999)));
    assert_eq!(parsed("5u"), Some(Duration::from_micros(5)));
    assert_eq!(parsed("0n"), Some(Duration::ZERO));
    for text in ["", "S", "5", "5s", "+5S", "-5S", "123456789m", "1.5S"] {
        assert_eq!(parsed(text), None, "{text:?}");
    }
}

fn corrected(status: &'static str, message: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", HeaderValue::from_static(status));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    correct_code(&mut headers);
    headers
}

#[test]
fn only_tonics_own_size_error_is_corrected() {
    let text = "Error,%20decoded%20message%20length%20too%20large:%20found%205%20bytes";
    assert_eq!(corrected("11", text)["grpc-status"], "8");
    assert_eq!(corrected("11", "page%20too%20large")["grpc-status"], "11");
    assert_eq!(corrected("3", text)["grpc-status"], "3");
}
