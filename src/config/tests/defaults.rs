//! The defaults, the sections and the documentation hold together.

use std::collections::BTreeMap;

use crate::config::{Config, DEFAULTS, Key, Sources, file::File};

/// The comment above each key of `config.default.toml`.
fn comments() -> BTreeMap<String, String> {
    let (mut section, mut comment, mut comments) = (String::new(), Vec::new(), BTreeMap::new());
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((name, _)) = line.split_once(" = ") {
            comments.insert(format!("{section}.{name}"), comment.join(" "));
        }
        comment.clear();
    }
    comments
}

#[test]
fn every_key_has_a_default_and_every_default_a_key() {
    let leaves = File { name: None, text: DEFAULTS }.leaves().unwrap();
    let mut written: Vec<_> = leaves.into_iter().map(|leaf| leaf.path).collect();
    let mut known: Vec<_> = Config::keys().iter().map(Key::path).collect();
    written.sort();
    known.sort();
    assert_eq!(written, known);
}

#[test]
fn every_default_is_told_with_its_purpose_its_variables_and_whether_it_reloads() {
    let comments = comments();
    for key in Config::keys() {
        let comment = &comments[&key.path()];
        let (purpose, rest) = comment.split_once("Environment: ").unwrap_or_else(|| panic!("{}", key.path()));
        assert!(purpose.len() > 20, "{}", key.path());
        assert!(rest.starts_with(&key.variable()), "{}: {rest}", key.path());
        assert_eq!(key.reloads(), purpose.contains("Reloads"), "{}", key.path());
        if let Some(short) = key.short_variable() {
            assert!(rest.contains(short), "{}: {rest}", key.path());
        }
    }
}

#[test]
fn every_secret_has_a_twin() {
    let paths: Vec<_> = Config::keys().iter().map(Key::path).collect();
    let secrets: Vec<_> = Config::keys().into_iter().filter(Key::is_secret).collect();
    assert!(!secrets.is_empty());
    for secret in secrets {
        assert!(paths.contains(&format!("{}_file", secret.path())), "{}", secret.path());
    }
}

#[test]
fn no_variable_stands_for_two_keys() {
    let keys = Config::keys();
    let short = keys.iter().filter_map(Key::short_variable).map(str::to_owned);
    let mut variables: Vec<_> = keys.iter().map(Key::variable).chain(short).collect();
    let count = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), count);
}

/// The table in `docs/configuration.md`.
fn reference() -> String {
    let (comments, loaded) = (comments(), Sources::default().load().unwrap());
    let row = |key: &Key| {
        let path = key.path();
        let purpose = comments[&path].split("Environment: ").next().unwrap().trim();
        let variables = [Some(key.variable()), key.short_variable().map(str::to_owned)];
        let variables: Vec<_> = variables.into_iter().flatten().map(|name| format!("`{name}`")).collect();
        let (default, variables) = (&loaded.values[&path].raw, variables.join(", "));
        format!("| `{path}` | `{default}` | {variables} | {purpose} |\n")
    };
    let rows: String = Config::keys().iter().map(row).collect();
    format!("| Key | Default | Environment | What |\n|---|---|---|---|\n{rows}")
}

#[test]
fn the_reference_is_that_of_the_defaults() {
    let document = include_str!("../../../docs/configuration.md");
    let reference = reference();
    assert!(document.contains(&reference), "docs/configuration.md must have this table:\n{reference}");
}
