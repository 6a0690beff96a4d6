//! The import table of `docs/architecture.md`, held against every file under `src`.

mod doors;
mod imports;
mod lex;
mod table;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use imports::{Import, imports};
use table::{Floor, TABLE, TEST_CRATES};

/// Crates that every floor may use.
const LANGUAGE: [&str; 3] = ["std", "core", "alloc"];

#[test]
fn every_file_imports_what_its_floor_may() {
    let crates = outside_crates();
    let files = rust_files(&root().join("src"));
    assert!(files.len() > 50, "too few files were found: {}", files.len());
    let broken: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(root()).unwrap().to_str().unwrap();
            violations(name, &fs::read_to_string(file).unwrap(), &crates)
        })
        .collect();
    assert!(broken.is_empty(), "against the table in tests/it/architecture/table.rs:\n{}", broken.join("\n"));
}

#[test]
fn the_table_names_its_own_floors_and_our_dependencies() {
    let crates = outside_crates();
    for floor in TABLE {
        for name in floor.ours {
            assert!(TABLE.iter().any(|other| other.folder == *name), "{}: no floor {name}", floor.folder);
        }
        for name in floor.outside {
            assert!(crates.contains(*name), "{}: {name} is not in Cargo.toml", floor.folder);
        }
    }
}

/// Checks made-up files, to see that the check itself can fail.
fn check(file: &str, source: &str) -> Vec<String> {
    violations(file, source, &outside_crates())
}

#[test]
fn a_floor_above_is_refused_with_file_line_and_rule() {
    let found = check("src/services/user.rs", "//! A file.\n\nuse crate::{\n    gateway::scim::users,\n};\n");
    assert_eq!(
        found,
        ["src/services/user.rs:4: services may not use gateway/scim (of ours: domain, quote, storage)"
            .to_owned()]
    );
}

#[test]
fn an_outside_crate_is_refused_wherever_it_is_named() {
    let uses =
        ["use sea_orm::*;", "use sea_orm as db;", "fn f() -> sea_orm::DbErr {}", "use ::sea_orm::DbErr;"];
    for source in uses {
        let found = check("src/gateway/scim/users.rs", source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(
            found[0].starts_with("src/gateway/scim/users.rs:1: gateway/scim may not use sea_orm"),
            "{found:?}"
        );
    }
}

#[test]
fn a_way_round_by_super_or_by_another_name_is_found() {
    for source in [
        "use super::super::super::storage::user;",
        "fn f() { super::super::super::storage::user::find() }",
        "mod inner { use super::super::super::super::storage::user; }",
        "use crate::storage as below;",
        "fn f() { crate::storage::user::find() }",
        "fn f() { roster::storage::user::find() }",
        "use crate::{services, storage::{self, user}};",
    ] {
        let found = check("src/gateway/rpc/auth.rs", source);
        assert!(
            found.iter().any(|text| text.contains("gateway/rpc may not use storage")),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn what_only_looks_like_an_import_is_let_pass() {
    for source in [
        "//! Uses sea_orm::EntityTrait.\n/* crate::storage::x /* nested */ tonic::y */",
        "const A: &str = \"crate::storage::x\"; const B: &str = r#\"tonic::y \"quoted\" \"#;",
        "use std::time; fn f() { time::sleep('\\'', ':', b'x') }",
        "use axum::http; fn f<'a>(x: &'a str) -> http::StatusCode {}",
        "mod error; fn f() -> error::Error {}",
        "use crate::services::{self, user}; fn f() { user::get(services::user::Ref::Id) }",
    ] {
        assert_eq!(check("src/gateway/scim/mod.rs", source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn only_tests_may_use_the_crates_of_tests() {
    let import = "use proptest::prelude::*;";
    assert_eq!(check("src/scim/filter/mod.rs", import).len(), 1);
    assert_eq!(check("src/scim/filter/tests.rs", import), Vec::<String>::new());
    assert_eq!(check("src/scim/filter/tests/roundtrip.rs", import), Vec::<String>::new());
    let beside = format!("#[cfg(test)]\nmod tests {{ {import} }}\n");
    assert_eq!(check("src/scim/filter/mod.rs", &beside), Vec::<String>::new());
    let after = format!("#[cfg(test)]\nmod tests;\n{import}\n");
    assert_eq!(check("src/scim/filter/mod.rs", &after).len(), 1);
    assert_eq!(check("src/scim/filter/tests.rs", "use crate::domain::user;").len(), 1);
}

#[test]
fn a_folder_without_a_rule_is_refused() {
    let found = check("src/utils/mod.rs", "");
    assert_eq!(found, ["src/utils/mod.rs: no floor of the table has this file".to_owned()]);
}

/// What `source`, which stands in `file`, imports against the table.
fn violations(file: &str, source: &str, crates: &BTreeSet<String>) -> Vec<String> {
    let module = module_of(file);
    let Some(floor) = floor_of(&module[1..]) else {
        return vec![format!("{file}: no floor of the table has this file")];
    };
    let is_test_file = module.iter().any(|name| name == "tests" || name == "testing");
    let broken = |import: &Import| {
        let rule = refusal(floor, import, is_test_file, crates)?;
        Some(format!("{file}:{}: {} may not use {rule}", import.line, floor.folder))
    };
    imports(source, &module).iter().filter_map(broken).collect()
}

/// What the floor's rule says against `import`; `None` when it is allowed.
fn refusal(floor: &Floor, import: &Import, is_test_file: bool, crates: &BTreeSet<String>) -> Option<String> {
    let first = import.path.first()?.as_str();
    if first == "crate" {
        let name = match floor_of(&import.path[1..]) {
            Some(target) => target.folder,
            None => import.path.get(1)?.as_str(),
        };
        let allowed = name == floor.folder || floor.ours.contains(&name);
        return (!allowed).then(|| format!("{name} (of ours: {})", list(floor.ours)));
    }
    let is_test = is_test_file || import.is_test;
    let allowed = !crates.contains(first)
        || LANGUAGE.contains(&first)
        || floor.outside.contains(&first)
        || (is_test && TEST_CRATES.contains(&first));
    (!allowed).then(|| format!("{first} (from outside: {})", list(floor.outside)))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// The floor with the longest folder that the module path begins with.
fn floor_of(module: &[String]) -> Option<&'static Floor> {
    let holds = |floor: &&Floor| {
        let folder: Vec<_> = floor.folder.split('/').collect();
        module.len() >= folder.len() && folder.iter().zip(module).all(|(a, b)| a == b)
    };
    TABLE.iter().filter(holds).max_by_key(|floor| floor.folder.len())
}

/// The module that `file` is, from `crate` on: `src/storage/mod.rs` is `crate::storage`.
fn module_of(file: &str) -> Vec<String> {
    let path = Path::new(file).strip_prefix("src").unwrap().with_extension("");
    let mut module = vec!["crate".to_owned()];
    module.extend(path.iter().map(|name| name.to_str().unwrap().to_owned()));
    if module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// The crates that `Cargo.toml` names, as Rust names them, and those of the language.
fn outside_crates() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut crates: BTreeSet<_> = LANGUAGE.into_iter().map(str::to_owned).collect();
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = matches!(line, "[dependencies]" | "[dev-dependencies]");
        } else if let (true, Some((name, _))) = (in_dependencies, line.split_once('=')) {
            crates.insert(name.trim().replace('-', "_"));
        }
    }
    crates
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
