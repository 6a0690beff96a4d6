//! Cursors.

use super::*;

fn cursor(position: Position) -> Cursor {
    Cursor { position, total: 7, made: Timestamp::from_micros(1_000) }
}

fn kind(text: &str, query: &str, now: i64) -> Option<ScimType> {
    Cursor::read(text, query, Timestamp::from_micros(now)).err()?.scim_type
}

#[test]
fn a_cursor_comes_back_as_it_went_in_unreserved_characters() {
    for position in [Position::After("00ff".to_owned()), Position::Offset(u64::MAX)] {
        let cursor = cursor(position);
        let text = cursor.write("q");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)), "{text}");
        assert_eq!(Cursor::read(&text, "q", Timestamp::from_micros(2_000)), Ok(cursor));
    }
}

#[test]
fn a_cursor_of_another_query_or_an_invented_one_is_invalid() {
    let text = cursor(Position::Offset(3)).write("q");
    for (text, query) in [(text.as_str(), "r"), ("abc", "q"), ("§", "q"), (&text[1..], "q")] {
        assert_eq!(kind(text, query, 2_000), Some(ScimType::InvalidCursor), "{text} {query}");
    }
}

#[test]
fn a_cursor_expires() {
    let text = cursor(Position::Offset(3)).write("q");
    let end = 1_000 + 3_600 * 1_000_000;
    assert_eq!((kind(&text, "q", end), kind(&text, "q", end + 1)), (None, Some(ScimType::ExpiredCursor)));
}
