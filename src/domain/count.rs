//! Numbers of things in sentences (domain floor).

/// `1 request`, `2 requests`: the number with the noun in its form.
#[must_use]
pub fn of(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The same for nouns that take an `s`.
#[must_use]
pub fn things(count: u64, one: &str) -> String {
    of(count, one, &format!("{one}s"))
}

/// A sentence in which each `one|many` stands for the form that goes with the number.
#[must_use]
pub fn formed(count: u64, sentence: &str) -> String {
    let form = |word: &str| match word.split_once('|') {
        Some((one, many)) => (if count == 1 { one } else { many }).to_owned(),
        None => word.to_owned(),
    };
    sentence.split(' ').map(form).collect::<Vec<_>>().join(" ")
}

/// `is` or `are`.
#[must_use]
pub const fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_one() {
        assert_eq!(things(1, "request"), "1 request");
        assert_eq!(things(0, "request"), "0 requests");
        assert_eq!(of(2, "is", "are"), "2 are");
        let held = "request|requests that would go is|are held";
        assert_eq!(formed(1, held), "request that would go is held");
        assert_eq!(formed(3, held), "requests that would go are held");
        assert_eq!((are(1), are(0)), ("is", "are"));
    }
}
