//! Every link in the documentation leads somewhere: to a file that is there, and to a heading that it has.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders that are made, not written.
const MADE: [&str; 4] = [".git", "target", "node_modules", "corpus"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder that are `wanted`, in order.
pub(crate) fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !MADE.iter().any(|made| path.ends_with(made)) {
                found.extend(files(&path, wanted));
            }
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn documents() -> Vec<PathBuf> {
    files(root(), &|path| path.extension().is_some_and(|extension| extension == "md"))
}

/// The lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The targets of the links in a line, outside of code.
fn links(line: &str) -> Vec<String> {
    let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let targets = outside.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// The anchor of a heading, as GitHub makes it: lower case, no punctuation, hyphens for spaces.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for heading in prose(text).filter(|line| line.starts_with('#')) {
        let plain = anchor(heading);
        let numbered = (1..).map(|n| format!("{plain}-{n}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !anchors.contains(name));
        anchors.insert(free.unwrap());
    }
    anchors
}

/// Why a link of `file` leads nowhere.
fn broken(file: &Path, target: &str) -> Option<String> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { file.to_owned() } else { file.parent().unwrap().join(path) };
    if !path.exists() {
        return Some(format!("{}: {target}: there is no such file", file.display()));
    }
    if fragment.is_empty() || anchors(&fs::read_to_string(&path).unwrap()).contains(fragment) {
        return None;
    }
    Some(format!("{}: {target}: there is no such heading", file.display()))
}

fn targets(file: &Path) -> Vec<String> {
    prose(&fs::read_to_string(file).unwrap()).flat_map(links).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let all = documents();
    assert!(all.len() > 10, "too few documents: {all:?}");
    let checked: Vec<_> =
        all.iter().flat_map(|file| targets(file).into_iter().map(move |target| (file, target))).collect();
    assert!(checked.len() > 50, "too few links: {}", checked.len());
    let broken: Vec<_> = checked.iter().filter_map(|(file, target)| broken(file, target)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_book_has_every_page() {
    let index = root().join("docs/README.md");
    let linked: BTreeSet<_> = targets(&index).into_iter().collect();
    for page in files(&root().join("docs"), &|path| !path.ends_with("README.md")) {
        let name = page.strip_prefix(root().join("docs")).unwrap().display().to_string();
        assert!(linked.contains(&name), "docs/README.md does not link {name}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let file = root().join("docs/README.md");
    for target in ["nothing.md", "../README.md#nothing", "#nothing", "scim.md#nothing"] {
        assert!(broken(&file, target).is_some(), "{target}");
    }
    for target in
        ["../README.md", "#roster-the-book", "https://example.com/x#y", "scim.md#unknown-member-ids"]
    {
        assert_eq!(broken(&file, target), None);
    }
    assert_eq!(links("see [a](b.md#c) and `[x](y)` and [d](e)"), ["b.md#c", "e"]);
    assert_eq!(anchor("## With or without `?aadOptscim062020`"), "with-or-without-aadoptscim062020");
}
