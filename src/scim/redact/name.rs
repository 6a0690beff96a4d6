//! Which names secrets go by; floor `scim`.
//!
//! It is a rule and no list, so that nobody has to foresee `newPassword`, `x-api-key` and `SMTP_PASSWD_2`. A name counts that
//! is no secret's where it only looks like one (`passwordPolicy`): something that isn't kept is a smaller loss than a secret
//! that is.

/// What makes any name that it is part of a secret's, with what may follow it in other words.
const STEMS: [(&str, &[&str]); 27] = [
    ("password", &[]),
    ("passwd", &[]),
    ("passphrase", &[]),
    ("passcode", &[]),
    ("pwd", &[]),
    ("secret", &["ary", "arial", "ariat", "aries"]),
    ("token", &["is", "iz"]),
    ("credential", &[]),
    ("authorization", &[]),
    ("authorisation", &[]),
    ("bearer", &[]),
    ("apikey", &[]),
    ("privatekey", &[]),
    ("accesskey", &[]),
    ("signingkey", &[]),
    ("encryptionkey", &[]),
    ("decryptionkey", &[]),
    ("sharedkey", &[]),
    ("sessionkey", &[]),
    ("masterkey", &[]),
    ("servicekey", &[]),
    ("pincode", &[]),
    ("onetime", &[]),
    ("recoverycode", &[]),
    ("backupcode", &[]),
    ("verificationcode", &[]),
    ("securityanswer", &[]),
];

/// Words that are too short to be looked for within others.
const WORDS: [&str; 15] = [
    "pass", "pw", "pin", "pins", "otp", "otps", "totp", "hotp", "mfa", "jwt", "jwts", "cookie", "cookies",
    "creds", "auth",
];

/// Words that end in `pass`, and have nothing to do with one.
const NO_PASS: [&str; 7] = ["bypass", "compass", "encompass", "overpass", "surpass", "trespass", "underpass"];

/// Whether a secret goes by `name`: without regard to case and to what separates words.
pub(super) fn is_secret(name: &str) -> bool {
    let flat = flat(name);
    STEMS.iter().any(|(stem, others)| has(&flat, stem, others)) || words(name).any(|word| is_word(&word))
}

/// Letters and digits alone, in lower case.
pub(super) fn flat(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|char| char.to_ascii_lowercase()).collect()
}

fn has(flat: &str, stem: &str, others: &[&str]) -> bool {
    let mut found = flat.match_indices(stem).map(|(at, _)| flat.get(at + stem.len()..).unwrap_or_default());
    found.any(|rest| !others.iter().any(|other| rest.starts_with(other)))
}

fn is_word(word: &str) -> bool {
    let word = word.trim_end_matches(|char: char| char.is_ascii_digit());
    WORDS.contains(&word) || (word.ends_with("pass") && !NO_PASS.contains(&word))
}

/// The words of a name, in lower case: what stands between separators, and what begins with a capital.
fn words(name: &str) -> impl Iterator<Item = String> {
    let parts = name.split(|char: char| !char.is_ascii_alphanumeric());
    parts.filter(|part| !part.is_empty()).flat_map(|part| {
        let (mut words, mut before) = (vec![String::new()], 'A');
        for char in part.chars() {
            if char.is_ascii_uppercase() && !before.is_ascii_uppercase() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(char.to_ascii_lowercase());
            }
            before = char;
        }
        // all capitals but for a small one may be another way to write one word
        words.push(part.to_ascii_lowercase());
        words
    })
}
