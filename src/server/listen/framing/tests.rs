//! Heads among bodies, however the bytes come.

use super::*;

/// Whether both are found in these bytes, which come in pieces of every size.
#[track_caller]
fn is_found(text: &str) -> bool {
    let found = |size: usize| {
        let ambiguity = Ambiguity::default();
        let mut framed = Framed::new((), ambiguity.clone());
        text.as_bytes().chunks(size).for_each(|piece| framed.observe(piece));
        ambiguity.is_found()
    };
    let whole = found(text.len());
    assert!((1..40).all(|size| found(size) == whole), "{text:?}");
    whole
}

#[test]
fn nothing_of_http_2_is_kept() {
    let mut framed = Framed::new((), Ambiguity::default());
    framed.observe(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    framed.observe(&[0; 4096]);
    assert!(matches!(framed.at, At::Nowhere));
}

const BOTH: &str = "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

#[test]
fn both_are_found_in_any_order_and_writing() {
    assert!(is_found(BOTH));
    for head in [
        "transfer-encoding:chunked\r\ncontent-length:4\r\n",
        "CONTENT-LENGTH: 4\r\nA: b\r\nTRANSFER-ENCODING: gzip, chunked\r\n",
        "Content-Length: x\r\nTransfer-Encoding: chunked\r\n",
    ] {
        assert!(is_found(&format!("POST / HTTP/1.1\r\n{head}\r\n")), "{head}");
    }
    assert!(is_found(&BOTH.replace("\r\n", "\n")), "lines may end without a return");
}

#[test]
fn one_is_not_both() {
    for head in ["Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n", "X: Content-Length: 4\r\n", ""] {
        assert!(!is_found(&format!("POST / HTTP/1.1\r\n{head}\r\n")), "{head}");
    }
}

#[test]
fn bodies_are_no_heads_and_the_next_head_is_found_behind_them() {
    let sized = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
    let chunked = format!(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x};a=\"b\"\r\n{BOTH}\r\n3\r\nabc\r\n0\r\nContent-Length: 4\r\n\r\n",
        BOTH.len()
    );
    let bare = "GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n".to_owned();
    for before in [&sized, &chunked, &bare, &format!("{sized}{chunked}{bare}")] {
        assert!(!is_found(before), "{before:?}");
        assert!(is_found(&format!("{before}{BOTH}")), "{before:?}");
    }
}

#[test]
fn what_is_no_request_is_let_pass() {
    for text in [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n\r\n",
        "Content-Length: 4",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ] {
        assert!(!is_found(text), "{text:?}");
    }
    let strange = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert!(!is_found(&format!("{strange}{BOTH}")));
}
