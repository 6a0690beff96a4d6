//! Time-outs: the two notations.

use super::*;

#[test]
fn milliseconds_become_grpc_units_of_at_most_eight_digits() {
    let converted = |text: &'static str| grpc_timeout(&HeaderValue::from_static(text)).unwrap();
    assert_eq!(converted("1"), "1m");
    assert_eq!(converted("99999999"), "99999999m");
    assert_eq!(converted("100000000"), "100000S");
    assert_eq!(converted("9999999999"), "9999999S");
}

#[test]
fn anything_but_one_to_ten_digits_is_refused() {
    for text in ["", "0", "0000000000", "-1", "+1", "1.5", "1s", "12345678901", " 1"] {
        let error = grpc_timeout(&HeaderValue::from_static(text)).unwrap_err();
        assert_eq!(error.code(), tonic::Code::InvalidArgument, "{text:?}");
    }
}
