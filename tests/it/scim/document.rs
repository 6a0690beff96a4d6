//! `docs/scim.md` says what the tests hold, and lists every tolerance.

use std::{collections::BTreeSet, fs, path::Path};

use roster::scim::patch::dialect::Rule;

const DOCUMENT: &str = include_str!("../../../docs/scim.md");

/// The families of requirements, with the number of the last one.
const FAMILIES: [(char, u32); 9] =
    [('D', 15), ('A', 26), ('C', 5), ('G', 5), ('Q', 20), ('U', 15), ('X', 2), ('B', 8), ('P', 12)];

/// The cells of the rows of the document's tables.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect())
}

fn is_number(text: &str) -> bool {
    let digits = text.get(1..).unwrap_or_default();
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && digits.parse::<u32>().is_ok()
}

/// The numbers at the beginning of the names of tests here.
fn tested() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scim");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let text: String = files.collect();
    let names = text.lines().filter_map(|line| line.strip_prefix("async fn "));
    let numbers = names.flat_map(|name| name.split('_').take_while(|part| is_number(part)));
    numbers.map(str::to_uppercase).collect()
}

#[test]
fn every_requirement_has_its_row_and_every_yes_its_test() {
    let tested = tested();
    let mut missing: BTreeSet<String> = FAMILIES
        .iter()
        .flat_map(|(family, last)| (1..=*last).map(move |number| format!("{family}{number}")))
        .collect();
    for row in rows().filter(|row| is_number(row[0])) {
        assert!(missing.remove(row[0]), "{} is unknown, or there twice", row[0]);
        let answer = *row.last().unwrap();
        assert!(
            answer != "yes" || tested.contains(row[0]),
            "{} says yes, and no test is called by it",
            row[0]
        );
        assert!(answer == "yes" || answer.contains(": "), "{}: {answer:?} gives no reason", row[0]);
    }
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[test]
fn every_tolerance_is_listed_with_its_reason() {
    let listed: Vec<_> =
        rows().filter(|row| row.len() == 2).map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    for rule in Rule::ALL {
        let row = (format!("`{}`", rule.name()), rule.reason().to_owned());
        assert!(listed.contains(&row), "docs/scim.md lacks | {} | {} |", row.0, row.1);
    }
    let section =
        DOCUMENT.split("## What is tolerated beyond the RFC").nth(1).unwrap().split("\n## ").next().unwrap();
    assert_eq!(section.lines().filter(|line| line.starts_with("| `")).count(), Rule::ALL.len());
}
