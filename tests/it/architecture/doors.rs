//! The doors to the database: `services/change` is the one for whatever writes on behalf of a caller.

use std::{collections::BTreeMap, fs};

use super::{root, rust_files};

/// Files that begin transactions, with how many they begin. All but the first have no caller: what they do, the server does
/// by itself.
const DOORS: [(&str, usize); 5] = [
    ("src/services/change.rs", 2),
    ("src/services/job.rs", 1),
    ("src/services/membership/watch/retention.rs", 1),
    ("src/services/provisioning/log/retention.rs", 2),
    ("src/services/provisioning/log/writer.rs", 1),
];

#[test]
fn whatever_a_caller_changes_goes_through_one_door() {
    let mut found = BTreeMap::new();
    for file in rust_files(&root().join("src")) {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        if name.starts_with("src/storage/") {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        let count = source.matches(".transaction(").count() + source.matches(".transaction_that(").count();
        if count > 0 {
            found.insert(name, count);
        }
    }
    let doors: BTreeMap<_, _> = DOORS.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    assert_eq!(found, doors, "a change of a caller goes through Services::change");
}
