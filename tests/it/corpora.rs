//! The corpora of the fuzz targets, as ordinary tests; `scripts/fuzz` looks for more.

#[expect(unreachable_pub, reason = "public for the fuzz targets, which are another crate")]
#[path = "../../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

fn run(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 5, "the corpus of {name} is gone");
    for file in files {
        target(&fs::read(file).unwrap());
    }
}

#[test]
fn filters_print_and_parse_back() {
    run("filter", targets::filter);
}

#[test]
fn paths_print_and_parse_back() {
    run("path", targets::path);
}

#[test]
fn a_patch_is_all_or_nothing() {
    run("patch", targets::patch);
}

#[test]
fn no_request_is_answered_with_a_server_error() {
    run("request", targets::request);
}
