//! One form for texts that are canonically equivalent: composed accents (domain floor).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The text in Unicode's form NFC, but for characters that this form gives up for another one.
///
/// `é` is one character or two, depending on who typed it, and means the same. The Kelvin sign and a hundred others are characters
/// of their own that NFC replaces, that one by the letter K; where names decide about rights they stay what they are.
pub(super) fn canonical(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for char in text.chars() {
        if is_replaced(char) {
            out.extend(run.nfc());
            run.clear();
            out.push(char);
        } else {
            run.push(char);
        }
    }
    out.extend(run.nfc());
    Cow::Owned(out)
}

/// Whether NFC has another single character in the place of this one.
fn is_replaced(char: char) -> bool {
    let mut form = std::iter::once(char).nfc();
    matches!((form.next(), form.next()), (Some(other), None) if other != char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composed_and_a_decomposed_text_are_one() {
        for (composed, decomposed) in [
            ("\u{e9}quipe", "e\u{301}quipe"),
            ("\u{1edd}", "o\u{31b}\u{300}"),
            ("\u{1edd}", "o\u{300}\u{31b}"),
            ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
            ("\u{958}", "\u{915}\u{93c}"),
            ("Z\u{fc}rich \u{212a}", "Zu\u{308}rich \u{212a}"),
        ] {
            assert_eq!(canonical(composed), canonical(decomposed), "{composed:?}");
        }
    }

    #[test]
    fn no_character_becomes_another_one_alone_or_in_company() {
        for char in ('\u{80}'..=char::MAX).filter(|char| !char.is_ascii()) {
            let text = format!("a{char}b");
            let form = canonical(&text);
            assert!(!form.is_ascii(), "{char:?} became {form:?}");
            if is_replaced(char) {
                assert_eq!(form, text, "{char:?}");
            }
        }
        for sign in ["\u{212a}", "\u{212b}", "\u{2126}", "\u{37e}", "\u{1fef}", "\u{f900}"] {
            assert_eq!(canonical(sign), sign);
        }
    }

    #[test]
    fn the_form_of_a_form_is_itself() {
        for char in '\u{80}'..=char::MAX {
            let text = format!("e{char}\u{301}");
            let form = canonical(&text).into_owned();
            assert_eq!(canonical(&form), form, "{char:?}");
        }
    }
}
