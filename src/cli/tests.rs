//! The tree of commands is the tree of files, and `docs/cli.md` tells of each.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::tree;

mod reference;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every command that does something, with the words that lead to it.
fn leaves() -> Vec<(Vec<String>, clap::Command)> {
    fn walk(path: &[String], command: &clap::Command, all: &mut Vec<(Vec<String>, clap::Command)>) {
        let mut verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help").peekable();
        // one that has verbs may do something without them, too
        if verbs.peek().is_none() || !command.is_subcommand_required_set() && !path.is_empty() {
            all.push((path.to_vec(), command.clone()));
        }
        for verb in verbs {
            walk(&[path, &[verb.get_name().to_owned()]].concat(), verb, all);
        }
    }
    let mut tree = tree();
    tree.build();
    let mut all = Vec::new();
    walk(&[], &tree, &mut all);
    all
}

#[test]
fn the_tree_is_sound() {
    tree().debug_assert();
}

#[test]
fn each_command_is_the_file_of_its_words() {
    for (path, _) in leaves() {
        let file = format!("src/cli/{}.rs", path.join("/").replace('-', "_"));
        assert!(root().join(&file).is_file(), "{}: no {file}", path.join(" "));
    }
}

#[test]
fn the_exit_codes_in_the_reference_are_those_of_the_program() {
    let reference = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let told = super::exit::HELP.strip_prefix("Exit codes: ").unwrap().split(", ");
    let told: BTreeSet<_> = told.map(|entry| entry.split_once(' ').unwrap()).collect();
    for (code, meaning) in &told {
        assert!(reference.contains(&format!("| {code} | {meaning}")), "{code} {meaning}");
    }
    assert_eq!(told.len(), super::exit::Exit::Unimplemented as usize + 1);
}

#[test]
fn the_reference_is_that_of_the_tree() {
    let path = root().join("docs/cli.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, _) = document.split_once(reference::BEGIN).unwrap();
    let expected = format!("{before}{}{}", reference::BEGIN, reference::of(&leaves()));
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(Path::new(&path), &expected).unwrap();
    } else {
        assert!(document == expected, "docs/cli.md is old: run the test with UPDATE_REFERENCE=1");
    }
}
