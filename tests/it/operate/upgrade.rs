//! Databases of earlier releases open with this one.

use super::{done, meddle};
use crate::process::run;

/// A step that stops half way, as it does when the server is killed, leaves what was there.
#[tokio::test]
async fn a_step_is_done_as_a_whole_or_not_at_all() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/databases/0.1.0.sql");
    let folder = tempfile::tempdir().unwrap();
    meddle(folder.path(), &std::fs::read_to_string(fixture).unwrap()).await;
    // in the way of the last of the three tables that a later step makes anew
    meddle(folder.path(), "CREATE TABLE organization_member_clustered (way text)").await;
    assert_ne!(run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await.code, Some(0));
    let url = format!("sqlite:{}", folder.path().join("roster.db").display());
    let mut left = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let made_anew = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%WITHOUT ROWID%' \
                     AND name IN ('owner_name', 'idp_group_member', 'organization_member')";
    let count: i64 = sqlx::query_scalar(made_anew).fetch_one(&mut left).await.unwrap();
    assert_eq!(count, 0);
    meddle(folder.path(), "DROP TABLE organization_member_clustered").await;
    done(&run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await);
    let count: i64 = sqlx::query_scalar(made_anew).fetch_one(&mut left).await.unwrap();
    assert_eq!(count, 3);
}

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

/// Keys that followed Unicode fold ASCII alone; and what was deleted or switched off before counts as if it were now.
#[tokio::test]
async fn what_decides_about_rights_is_brought_in_line() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/databases/0.1.0.sql");
    let folder = tempfile::tempdir().unwrap();
    meddle(folder.path(), &std::fs::read_to_string(fixture).unwrap()).await;
    let before = "UPDATE idp_group SET display_name = 'ÄRZTE' || char(8490), display_name_key = 'ärztek';
        UPDATE organization_group SET group_name = 'ÄRZTE' || char(8490), group_name_key = 'ärztek';
        UPDATE \"user\" SET email = 'Bo' || char(8490) || '@X', email_key = 'bok@x' WHERE email IS NOT NULL;
        UPDATE \"user\" SET state = 2 WHERE server_role = 40;
        DELETE FROM organization_member WHERE user_id IN (SELECT id FROM \"user\" WHERE state = 2);
        INSERT INTO audit_event SELECT x'00112233445566778899aabbccddeeff', time, 42, actor_kind, actor_id, actor_name, 4,
            subject_id, 'gone', organization_id, before, after, request_id, address, user_agent FROM audit_event LIMIT 1";
    meddle(folder.path(), before).await;
    done(&run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await);
    let url = format!("sqlite:{}", folder.path().join("roster.db").display());
    let mut now = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for (query, expected) in [
        ("SELECT display_name_key FROM idp_group", "Ärzte\u{212a}"),
        ("SELECT group_name_key FROM organization_group", "Ärzte\u{212a}"),
        ("SELECT DISTINCT email_key FROM \"user\" WHERE email IS NOT NULL", "bo\u{212a}@x"),
        ("SELECT r.name FROM retired_name r JOIN owner_name n ON n.name = r.name", "gone"),
        ("SELECT u.username FROM suspended_admin s JOIN \"user\" u ON u.id = s.user_id", "admin"),
        ("SELECT u.username FROM organization_creator c JOIN \"user\" u ON u.id = c.user_id", "admin"),
    ] {
        let found: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut now).await.unwrap();
        assert_eq!(found, [expected], "{query}");
    }
    done(&run(folder.path(), &["doctor"]).await);
}

/// Two groups whose names differ in the order of marks alone stay two, and the start does not fail.
#[tokio::test]
async fn names_of_groups_that_become_one_both_stay() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/databases/0.1.0.sql");
    let folder = tempfile::tempdir().unwrap();
    meddle(folder.path(), &std::fs::read_to_string(fixture).unwrap()).await;
    let before = "UPDATE idp_group SET display_name = 'o' || char(795, 768), display_name_key = 'o' || char(795, 768);
        UPDATE organization_group SET group_name = 'o' || char(795, 768), group_name_key = 'o' || char(795, 768);
        INSERT INTO idp_group SELECT x'ffffffffffffffffffffffffffffffff', 'o' || char(768, 795), 'o' || char(768, 795), NULL,
            document, search, 0, 1, create_time, update_time FROM idp_group;
        INSERT INTO idp_group SELECT x'fffffffffffffffffffffffffffffffe', 'e' || char(769), 'e' || char(769), NULL,
            document, search, 0, 1, create_time, update_time FROM idp_group LIMIT 1;
        INSERT INTO organization_group SELECT x'ffffffffffffffffffffffffffffffff', organization_id, char(233), char(233),
            role_override, NULL, create_time FROM organization_group";
    meddle(folder.path(), before).await;
    done(&run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await);
    let url = format!("sqlite:{}", folder.path().join("roster.db").display());
    let mut now = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for (query, expected) in [
        // the last one would meet a mapping that waits, and nothing is granted by an upgrade
        (
            "SELECT display_name_key FROM idp_group ORDER BY id",
            vec!["\u{1edd}", "e\u{301}", "o\u{300}\u{31b}"],
        ),
        ("SELECT group_name_key FROM organization_group ORDER BY id", vec!["\u{1edd}", "\u{e9}"]),
    ] {
        let found: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut now).await.unwrap();
        assert_eq!(found, expected, "{query}");
    }
    done(&run(folder.path(), &["doctor"]).await);
}

/// Accounts that were stored before SCIM showed a name of them are found by it.
#[tokio::test]
async fn local_accounts_are_found_by_their_name() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/databases/0.1.0.sql");
    let folder = tempfile::tempdir().unwrap();
    meddle(folder.path(), &std::fs::read_to_string(fixture).unwrap()).await;
    let before = r#"UPDATE "user" SET provenance = 1, document = '', search = '{"emails":[{"type":"work","value":"ann@example.com"}]}'
        WHERE username = 'ann'"#;
    meddle(folder.path(), before).await;
    done(&run(folder.path(), &["bootstrap", "--username", "later", "--force"]).await);
    let url = format!("sqlite:{}", folder.path().join("roster.db").display());
    let mut now = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let query = "SELECT json_extract(search, '$.name.givenName') || ' ' || json_extract(search, '$.emails[0].value') \
                 FROM \"user\" WHERE username = 'ann'";
    let found: String = sqlx::query_scalar(query).fetch_one(&mut now).await.unwrap();
    assert_eq!(found, "ann ann@example.com");
}
