//! Characters that nobody sees (domain floor).

/// `Default_Ignorable_Code_Point` of Unicode 17 (`DerivedCoreProperties.txt`): joiners, controls of direction, fillers of Hangul,
/// variation selectors, tags, and what is reserved for more of them. A dozen and a half of ranges that Unicode has reserved
/// in advance, so a crate with tables of all properties would bring nothing that they lack.
const IGNORABLE: [(char, char); 17] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fff8}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// What is blank, or nothing at all, in most fonts, and is not ignorable: annotations and the place of an object, the pattern of
/// Braille without dots, a note of music without a head, the controls of Egyptian quadrats, and what is for private use.
const BLANK: [(char, char); 7] = [
    ('\u{2800}', '\u{2800}'),
    ('\u{fff9}', '\u{fffc}'),
    ('\u{13430}', '\u{13440}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{f0000}', '\u{10ffff}'),
];

/// Whether a reader does not see that `char` is there, or does not see what: ignorable and blank characters, and white space
/// (`White_Space` of Unicode) other than the blank itself. Controls are none of them.
#[must_use]
pub fn is_invisible(char: char) -> bool {
    let is_in = |ranges: &[(char, char)]| ranges.iter().any(|&(first, last)| (first..=last).contains(&char));
    let is_white = char != ' ' && !char.is_control() && char.is_whitespace();
    // nearly every character
    !char.is_ascii() && (is_white || is_in(&IGNORABLE) || is_in(&BLANK))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One or more of every kind.
    const SEEN_BY_NOBODY: [(&str, &[char]); 14] = [
        ("soft hyphen", &['\u{ad}']),
        ("grapheme joiner", &['\u{34f}']),
        (
            "controls of direction",
            &['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'],
        ),
        ("fillers of Hangul", &['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}']),
        ("inherent vowels of Khmer", &['\u{17b4}', '\u{17b5}']),
        ("selectors of Mongolian", &['\u{180b}', '\u{180e}', '\u{180f}']),
        ("zero width", &['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}']),
        ("operators and reserved", &['\u{2061}', '\u{2064}', '\u{2065}', '\u{206a}', '\u{fff0}']),
        ("variation selectors", &['\u{fe00}', '\u{fe0f}', '\u{e0100}', '\u{e01ef}']),
        ("shorthand and music", &['\u{1bca0}', '\u{1d159}', '\u{1d173}', '\u{1d17a}']),
        ("tags", &['\u{e0001}', '\u{e0020}', '\u{e007f}', '\u{e0fff}']),
        ("blanks", &['\u{2800}', '\u{fffc}', '\u{fff9}', '\u{13430}']),
        (
            "white space",
            &[
                '\u{a0}', '\u{1680}', '\u{2000}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}',
                '\u{3000}',
            ],
        ),
        ("private use and none", &['\u{e000}', '\u{f8ff}', '\u{fdd0}', '\u{f0000}', '\u{10ffff}']),
    ];

    #[test]
    fn every_kind_is_known() {
        for (kind, chars) in SEEN_BY_NOBODY {
            for &char in chars {
                assert!(is_invisible(char), "{kind}: U+{:04X}", u32::from(char));
            }
        }
    }

    #[test]
    fn what_is_seen_is_none() {
        for char in " !aZ0~éßжλ漢字かなكहอ한€→★📱\u{301}\u{fffd}\u{2801}\u{3163}\u{ffa1}".chars()
        {
            assert!(!is_invisible(char), "U+{:04X}", u32::from(char));
        }
        assert!(('\0'..='\u{9f}').all(|char| !is_invisible(char)), "controls are told apart");
    }
}
