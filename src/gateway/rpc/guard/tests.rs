//! The notation of gRPC time-outs, and the code that is corrected.

use super::*;

fn allowed(texts: &[&str]) -> Result<Option<Duration>, Code> {
    let mut headers = HeaderMap::new();
    for text in texts {
        headers.append("grpc-timeout", HeaderValue::from_str(text).unwrap());
    }
    timeout(&headers).map_err(|status| status.code())
}

#[test]
fn a_timeout_is_at_most_eight_digits_and_a_unit() {
    let times = [
        ("2H", Duration::from_hours(2)),
        ("3M", Duration::from_mins(3)),
        ("4S", Duration::from_secs(4)),
        ("99999999m", Duration::from_millis(99_999_999)),
        ("5u", Duration::from_micros(5)),
        ("00000006n", Duration::from_nanos(6)),
    ];
    for (text, time) in times {
        assert_eq!(allowed(&[text]), Ok(Some(time)), "{text:?}");
    }
    assert_eq!(allowed(&[]), Ok(None));
    let malformed = [
        "",
        "S",
        "5",
        "5s",
        "5h",
        "+5S",
        "-5S",
        "123456789m",
        "1234567890S",
        "1.5S",
        "1s",
        " 1S",
        "1 S",
        "1SS",
        "0x1S",
        "1e1S",
        "1ms",
        "1μ",
    ];
    for text in malformed {
        let bytes = HeaderValue::from_bytes(text.as_bytes()).unwrap();
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static("grpc-timeout"), bytes)]);
        let code = timeout(&headers).unwrap_err().code();
        assert_eq!(code, Code::InvalidArgument, "{text:?}");
    }
    assert_eq!(allowed(&["1S", "2S"]), Err(Code::InvalidArgument), "which of them is meant?");
}

#[test]
fn a_call_without_time_is_not_begun() {
    for text in ["0n", "0S", "00000000H"] {
        assert_eq!(allowed(&[text]), Err(Code::DeadlineExceeded), "{text}");
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
