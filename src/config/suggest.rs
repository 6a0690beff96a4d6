//! «Did you mean …?» (config floor).

use strsim::damerau_levenshtein;

/// The name of `names` that was probably meant by `typed`; `last` parts the last word of a name from the rest.
pub(super) fn closest(typed: &str, names: impl IntoIterator<Item = String>, last: char) -> Option<String> {
    let names: Vec<_> = names.into_iter().collect();
    let limit = (typed.chars().count() / 4).max(2);
    let near = |name: &&String| damerau_levenshtein(typed, name) <= limit;
    let nearest = names.iter().filter(near).min_by_key(|name| damerau_levenshtein(typed, name));
    // the right key in the wrong section
    let word = |name: &str| name.rsplit(last).next().unwrap_or_default().to_owned();
    let same_word = |name: &&String| word(name) == word(typed);
    nearest.or_else(|| names.iter().find(same_word)).cloned()
}

/// `; did you mean NAME?`, or nothing.
pub(super) fn question(typed: &str, names: impl IntoIterator<Item = String>, last: char) -> String {
    closest(typed, names, last).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}
