//! Databases of earlier releases open with this one.

use super::{done, meddle};
use crate::process::run;

#[tokio::test]
async fn the_database_of_each_release_is_upgraded() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/databases");
    let files = std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
    let dumps: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "sql")).collect();
    assert!(!dumps.is_empty());
    for dump in dumps {
        let folder = tempfile::tempdir().unwrap();
        meddle(folder.path(), &std::fs::read_to_string(&dump).unwrap()).await;
        done(&run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await);
        done(&run(folder.path(), &["doctor"]).await);
        let backup = run(folder.path(), &["backup", "--to", "one.db"]).await;
        done(&backup);
        let members = backup.stdout.lines().find(|line| line.starts_with("organization_member ")).unwrap();
        assert_eq!(members.split_whitespace().last(), Some("2"), "{members}");
    }
}
