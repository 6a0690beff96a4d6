//! Names: the registry's own (users and organizations share one namespace), and the keys by which names
//! that come from outside are compared (domain floor).

mod canonical;
mod invisible;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};

pub use self::invisible::is_invisible;
use super::Invalid;

/// Longest registry name, in characters (`buf.registry.owner.v1`).
pub const NAME_MAX: usize = 32;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 350;
/// Longest URL, in characters.
pub const URL_MAX: usize = 255;
/// Longest name of a group, and of any other text from an IdP that we keep in a column, in characters.
pub const TEXT_MAX: usize = 255;

/// Longest `externalId`, and longest e-mail, in characters: four bytes each still fit into an index.
pub const INDEXED_MAX: usize = 512;

/// Names that stand for something else in a URL or on a command line: the first segments of the paths that the server serves, or
/// will. A test compares them with the routes.
const RESERVED: [&str; 18] = [
    "api", "assets", "buf", "console", "favicon", "grpc", "healthz", "livez", "login", "logout", "metrics",
    "oauth", "oauth2", "readyz", "roster", "scim", "static", "version",
];

/// Names under which someone could speak for the registry: server admins alone give them.
const FOR_ADMINS: [&str; 27] = [
    "abuse",
    "admin",
    "administrator",
    "administrators",
    "admins",
    "all",
    "anonymous",
    "billing",
    "everyone",
    "help",
    "helpdesk",
    "hostmaster",
    "moderator",
    "official",
    "operator",
    "postmaster",
    "registry",
    "root",
    "security",
    "service",
    "staff",
    "studio",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "webmaster",
];

/// Checks a registry name: 2 to 32 of `a-z 0-9 -`, starting with a letter, not ending in a hyphen
/// (`^[a-z][a-z0-9-]*[a-z0-9]$`), and not a reserved word.
///
/// # Errors
/// The rule that `name` breaks, as an error of `field`.
pub fn check_name(field: &'static str, name: &str) -> Result<(), Invalid> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let ends = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-');
    if !letters || !ends || !(2..=NAME_MAX).contains(&name.len()) {
        return Err(Invalid::new(
            field,
            "must be 2 to 32 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen",
        ));
    }
    if is_reserved(name) {
        return Err(Invalid::new(field, format!("{name:?} is a reserved word")));
    }
    Ok(())
}

/// Whether the registry keeps `name` for itself.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether server admins alone give `name`.
#[must_use]
pub fn is_for_admins(name: &str) -> bool {
    is_reserved(name) || FOR_ADMINS.contains(&name)
}

/// Checks a description: at most 350 characters.
///
/// # Errors
/// When it is longer.
pub fn check_description(text: &str) -> Result<(), Invalid> {
    check_length("description", text, DESCRIPTION_MAX)
}

/// Checks a URL: empty, or `http://` or `https://` with a host, at most 255 characters without white space.
///
/// # Errors
/// When it is not.
pub fn check_url(text: &str) -> Result<(), Invalid> {
    check_length("url", text, URL_MAX)?;
    let host = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let well_formed = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if text.is_empty() || (well_formed && clean) {
        return Ok(());
    }
    Err(Invalid::new("url", "must be empty or an http or https URL with a host"))
}

/// Checks the name of a group: 1 to 255 characters, not only white space.
///
/// # Errors
/// When it is not, as an error of `field`.
pub fn check_group_name(field: &'static str, name: &str) -> Result<(), Invalid> {
    if name.trim().is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    check_length(field, name, TEXT_MAX)
}

/// Checks that `text` has at most `max` characters, and no NUL, which PostgreSQL cannot keep.
///
/// # Errors
/// When it is longer or has one, as an error of `field`.
pub fn check_length(field: &'static str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.chars().count() > max {
        return Err(Invalid::new(field, format!("must be at most {max} characters")));
    }
    if text.contains('\0') {
        return Err(Invalid::new(field, "must not hold a NUL character"));
    }
    Ok(())
}

/// Checks a text that people decide by, and that another one wrote: no control and no invisible character, and, unless it is
/// empty, a letter or a digit.
///
/// # Errors
/// When it has one, or none, as an error of `field`.
pub fn check_visible(field: &'static str, text: &str) -> Result<(), Invalid> {
    if text.chars().any(|char| char.is_control() || is_invisible(char)) {
        return Err(Invalid::new(field, "must not hold control, invisible or blank characters"));
    }
    if text.is_empty() || text.contains(char::is_alphanumeric) {
        return Ok(());
    }
    Err(Invalid::new(field, "must hold a letter or a digit"))
}

/// The key by which texts that decide about rights (e-mails; names of groups by [`group_key`]) are compared and kept unique: ASCII letters without
/// regard to case, and everything else exactly. Unicode takes more for alike, such as the Kelvin sign for `k`, and whoever may
/// choose a name would have another's rights.
#[must_use]
pub fn key(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// The key of the name of a group: as [`key`], where composed and decomposed accents are the same.
#[must_use]
pub fn group_key(name: &str) -> String {
    key(&canonical::canonical(name))
}

/// The form in which texts are looked for without regard to case. What Unicode takes for an ASCII letter and is none stays another
/// character, as in SCIM's filters.
#[must_use]
pub fn folded(text: &str) -> String {
    let is_alike = |c: char| !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii());
    if !text.contains(is_alike) {
        return text.to_lowercase();
    }
    let lower = |c: char| if is_alike(c) { c.to_string() } else { c.to_lowercase().collect() };
    text.chars().map(lower).collect()
}

/// The key of a SCIM `userName`: each part prepared by PRECIS `UsernameCaseMapped` (RFC 7643 §7.8, RFC 8265
/// §3.3; white space separates the parts of a user name, §3.1).
///
/// # Errors
/// When the name is empty, too long, or has a character that the profile forbids.
pub fn user_name_key(user_name: &str) -> Result<String, Invalid> {
    check_length("userName", user_name, TEXT_MAX)?;
    let parts: Vec<_> = user_name.split(' ').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err(Invalid::new("userName", "must not be empty"));
    }
    let prepared: Result<Vec<_>, _> = parts.into_iter().map(UsernameCaseMapped::enforce).collect();
    prepared.map(|parts| parts.join(" ")).map_err(|_| {
        Invalid::new(
            "userName",
            "has a character that user names may not have (RFC 8265, UsernameCaseMapped)",
        )
    })
}

/// The registry name that a user pushed by an IdP would like: the left part of the e-mail, each character
/// that is not allowed as `-`, starting with a letter, within the length.
#[must_use]
pub fn wanted_username(email_or_user_name: &str) -> String {
    let local = email_or_user_name.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let clean: String =
        local.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect();
    let mut name = clean.trim_matches('-').to_owned();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert(0, 'u');
    }
    name.truncate(NAME_MAX);
    let name = name.trim_end_matches('-').to_owned();
    if name.len() < 2 { format!("{name}1") } else { name }
}

/// The `attempt`-th name after `wanted`: 0 is the name itself, then an incrementing integer is appended,
/// and the name shortened to keep the length.
#[must_use]
pub fn username_candidate(wanted: &str, attempt: u32) -> String {
    if attempt == 0 {
        return wanted.to_owned();
    }
    let suffix = attempt.to_string();
    let kept: String = wanted.chars().take(NAME_MAX - suffix.len()).collect();
    kept + &suffix
}

/// An e-mail address, as far as its form tells.
///
/// # Errors
/// It lacks a part, has white space, or is longer than 255 characters.
pub fn check_email(field: &'static str, email: &str) -> Result<(), Invalid> {
    check_length(field, email, TEXT_MAX)?;
    let well_formed =
        email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if well_formed && !email.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(Invalid::new(field, "must be an e-mail address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_follow_the_published_examples() {
        for (email, name) in [
            ("bob.smith@example.com", "bob-smith"),
            ("julia-smith+demo@example.com", "julia-smith-demo"),
            ("Bob@example.com", "bob"),
            ("42@example.com", "u42"),
            ("é@example.com", "u1"),
            ("a@example.com", "a1"),
            ("_x_@example.com", "x1"),
        ] {
            assert_eq!(wanted_username(email), name, "{email}");
            assert_eq!(check_name("name", &wanted_username(email)), Ok(()), "{email}");
        }
    }

    #[test]
    fn keys_fold_the_case_of_ascii_letters_and_nothing_else() {
        assert_eq!(key("Kate@EXAMPLE.com"), "kate@example.com");
        for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_ascii()) {
            assert_eq!(key(&format!("A{c}")), format!("a{c}"));
            assert!(!folded(&format!("a{c}")).chars().skip(1).any(|c| c.is_ascii()), "{c:?}");
        }
    }

    #[test]
    fn keys_of_groups_know_one_form_of_an_accent_and_no_look_alike() {
        assert_eq!(group_key("\u{c9}quipe A"), group_key("E\u{301}quipe a"));
        assert_ne!(group_key("\u{c9}quipe"), group_key("\u{e9}quipe"), "the case of ASCII letters alone");
        assert_ne!(group_key("\u{212a}ate"), group_key("kate"));
        for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_ascii()) {
            assert!(!group_key(&format!("a{c}")).is_ascii(), "{c:?}");
        }
    }

    #[test]
    fn every_candidate_is_a_valid_name() {
        let wanted = wanted_username(&"long.".repeat(20));
        for attempt in [0, 1, 10, 4_000_000_000] {
            assert_eq!(check_name("name", &username_candidate(&wanted, attempt)), Ok(()));
        }
    }

    #[test]
    fn names_outside_the_pattern_are_refused() {
        for name in ["", "a", "Acme", "1a", "a-", "-a", "a_b", "scim", &"a".repeat(33)] {
            assert!(check_name("name", name).is_err(), "{name}");
        }
        assert_eq!(check_name("name", &"a".repeat(32)), Ok(()));
    }

    #[test]
    fn user_names_compare_without_case_and_width() {
        assert_eq!(user_name_key("BJensen@Example.com").unwrap(), "bjensen@example.com");
        assert_eq!(user_name_key("Ｂob").unwrap(), user_name_key("bOB").unwrap());
        assert_eq!(user_name_key("E\u{301}va").unwrap(), user_name_key("\u{c9}va").unwrap());
        assert_eq!(user_name_key("Babs  Jensen").unwrap(), "babs jensen");
    }

    #[test]
    fn user_names_without_a_letter_or_with_a_control_are_refused() {
        for name in ["", " ", "a\u{0}b", "a\nb", "\u{200b}"] {
            assert_eq!(user_name_key(name).unwrap_err().field, "userName", "{name:?}");
        }
    }

    #[test]
    fn urls_have_a_scheme_and_a_host() {
        for url in ["", "https://example.com", "http://localhost:8080/x"] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        for url in ["example.com", "ftp://x", "https://", "https:///x", "https://a b"] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
