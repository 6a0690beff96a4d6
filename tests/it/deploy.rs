//! What is in `deploy/` names only settings that the program has, and ports and paths that it serves.

use std::{collections::BTreeSet, fs, path::Path};

use crate::documents::{files, root};

fn texts() -> Vec<(String, String)> {
    let found = files(&root().join("deploy"), &|_| true);
    assert!(found.len() > 10, "too few files: {found:?}");
    let text = |path: &Path| (path.display().to_string(), fs::read_to_string(path).unwrap());
    found.iter().map(|path| text(path)).collect()
}

/// The words of `text` that begin with `start` and go on in capitals.
fn names(text: &str, start: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
    let rest = text.split(start).skip(1);
    let names = rest.map(|rest| format!("{start}{}", rest.split(|c| !is_part(c)).next().unwrap()));
    names.filter(|name| name != start).collect()
}

#[test]
fn every_variable_is_one_that_the_program_knows() {
    let known = names(&fs::read_to_string(root().join("docs/configuration.md")).unwrap(), "ROSTER_");
    assert!(known.contains("ROSTER_DATABASE_URL_FILE"), "{known:?}");
    let mut seen = 0;
    for (file, text) in texts() {
        for name in &names(&text, "ROSTER_") {
            assert!(known.contains(name), "{file}: {name}");
            seen += 1;
        }
    }
    assert!(seen > 5, "the check sees nothing");
}

#[test]
fn every_probe_asks_a_path_that_is_served() {
    let probes: Vec<_> = texts()
        .iter()
        .flat_map(|(_, text)| text.split("httpGet: { path: ").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|rest| rest.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(probes, ["/healthz", "/healthz", "/readyz"]);
}

/// `cargo deb` is not run in CI; a file that was moved is found all the same.
#[test]
fn the_debian_package_is_made_of_files_that_are_there() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let package = manifest.split("[package.metadata.deb]").nth(1).unwrap().split("\n[").next().unwrap();
    let sources: Vec<_> = package
        .lines()
        .filter_map(|line| line.trim().strip_prefix("[\"")?.split('"').next())
        .filter(|source| !source.starts_with("target/"))
        .collect();
    assert!(sources.len() > 3, "{sources:?}");
    for source in sources {
        assert!(root().join(source).exists(), "{source}");
    }
    let unit = package.split("maintainer-scripts = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(root().join(unit).join("roster.service").exists());
}
