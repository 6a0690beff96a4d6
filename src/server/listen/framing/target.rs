//! Request targets with characters that none may have, such as a raw blank (RFC 9112 §3.2).
//!
//! hyper answers those with a 400 without a word. They are refused here too, since who sends them may be understood in two ways; but
//! by those who answer requests, in their own form. So each such character gives way to a harmless one before hyper reads it,
//! and it is noted that there was one.

/// What stands for a character that no target may have.
const HARMLESS: u8 = b'_';

/// What the preface of HTTP/2 begins with (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI ";
/// The version, in front of which the target ends.
const VERSION: &[u8] = b"HTTP/1.";

/// Mends the target in `bytes`, which follow after `head`, as far as it came, and tells whether there was need to.
pub(super) fn mend(head: &[u8], bytes: &mut [u8]) -> bool {
    if head.contains(&b'\n') {
        return false;
    }
    let Some((target, is_whole)) = target_in(head, bytes) else { return false };
    // of a part it cannot be said
    let is_utf8 = !is_whole || std::str::from_utf8(target).is_ok();
    let mut was_foreign = false;
    for byte in target.iter_mut().filter(|byte| is_foreign(**byte, is_utf8)) {
        *byte = HARMLESS;
        was_foreign = true;
    }
    was_foreign
}

/// From behind the method to the blank before the version, and whether that is all of it. The line may come in parts: then the last
/// blank is that one if what follows may be the version.
fn target_in<'a>(head: &[u8], bytes: &'a mut [u8]) -> Option<(&'a mut [u8], bool)> {
    // empty lines before a request are none of it (RFC 9112 §2.2)
    // the preface of HTTP/2 is no request
    if head.starts_with(PREFACE) || head.is_empty() && bytes.starts_with(PREFACE) {
        return None;
    }
    let is_break = |byte: &&u8| head.is_empty() && matches!(byte, b'\r' | b'\n');
    let begin = bytes.iter().take_while(is_break).count();
    let rest = bytes.get_mut(begin..)?;
    let end = rest.iter().position(|&byte| byte == b'\n');
    let line = rest.get_mut(..end.unwrap_or(rest.len()))?;
    let is_behind_method = head.contains(&b' ');
    let first = if is_behind_method { 0 } else { line.iter().position(|&byte| byte == b' ')? + 1 };
    let last = line.iter().rposition(|&byte| byte == b' ').filter(|last| *last >= first);
    let after = last.and_then(|last| line.get(last + 1..)).unwrap_or_default();
    let ends = last.is_some() && (after.starts_with(VERSION) || end.is_none() && VERSION.starts_with(after));
    let last = match (ends, end) {
        (true, _) => last?,
        (false, None) => line.len(),
        (false, Some(_)) => return None,
    };
    Some((line.get_mut(first..last)?, head.is_empty() && end.is_some()))
}

/// What hyper refuses, or RFC 3986 has no place for.
fn is_foreign(byte: u8, is_utf8: bool) -> bool {
    byte.is_ascii_control() || matches!(byte, b' ' | b'"' | b'<' | b'>') || !byte.is_ascii() && !is_utf8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(head: &str, text: &[u8]) -> (bool, String) {
        let mut bytes = text.to_vec();
        let need = mend(head.as_bytes(), &mut bytes);
        (need, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn what_no_target_may_have_gives_way() {
        for (line, expected) in [
            (
                "GET /a?filter=userName eq \"x y\" HTTP/1.1\r\n",
                "GET /a?filter=userName_eq__x_y__HTTP/1.1\r\n",
            ),
            ("\r\nGET /a b HTTP/1.1\nHost: x y\n", "\r\nGET /a_b HTTP/1.1\nHost: x y\n"),
            ("GET /<a>\t HTTP/1.0\r\n", "GET /_a__ HTTP/1.0\r\n"),
        ] {
            let expected = expected.replace("__HTTP", "_ HTTP");
            assert_eq!(mended("", line.as_bytes()), (true, expected), "{line}");
        }
        assert_eq!(mended("GET /a", b" b HTTP/1.1\r\n"), (true, "_b HTTP/1.1\r\n".to_owned()));
        assert_eq!(mended("GE", b"T /a b HTTP/1.1\r\n"), (true, "T /a_b HTTP/1.1\r\n".to_owned()));
        assert!(mended("", b"GET /\xff HTTP/1.1\r\n").0);
        // in parts
        assert_eq!(mended("", b"GET /a b H"), (true, "GET /a_b H".to_owned()));
        assert_eq!(mended("GET /a b H", b"TTP/1.1\r\nA: b"), (false, "TTP/1.1\r\nA: b".to_owned()));
        assert_eq!(mended("", b"GET /a b c"), (true, "GET /a_b_c".to_owned()));
    }

    #[test]
    fn what_is_well_formed_or_not_understood_stays() {
        for line in [
            "GET /a?filter=userName%20eq%20%22x%22 HTTP/1.1\r\nA: \"b c\"\r\n",
            "POST /a{b}|^\\?c=[d]'é HTTP/1.1\r\n",
            "GET /a ",
            "GET /a HTT",
            "GET /a",
            "GET ",
            "GE",
            "PRI * HTTP/2.0\r\n\r\n",
            "GET /a b HTTP/2\r\n",
            "GET\r\n",
            "\r\n",
            "",
        ] {
            assert_eq!(mended("", line.as_bytes()), (false, line.to_owned()));
        }
        assert!(!mended("GET / HTTP/1.1\r\n", b"A: b HTTP/1.1\r\n").0, "a header is none");
    }
}
