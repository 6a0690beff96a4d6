//! `roster config`, and how a start ends when the configuration is wrong.

use std::{fs, path::Path};

use super::{Ended, Serving, roster, run};

/// A configuration file in `folder`.
fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("roster.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

async fn check(folder: &Path, text: &str, more: &[&str]) -> Ended {
    let file = write(folder, text);
    run(folder, &[&["config", "check", "--config", &file], more].concat()).await
}

#[tokio::test]
async fn a_mistake_is_told_with_file_place_key_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "[server]\nlisen = \"127.0.0.1:1\"\n",
            "roster.toml:2:1: there is no key server.lisen; did you mean server.listen?",
        ),
        (
            "listen = \"127.0.0.1:1\"\n",
            "roster.toml:1:1: there is no key listen; did you mean server.listen?",
        ),
        ("[sever]\n", "roster.toml:1:2: there is no key sever"),
        ("[server]\n  listen = 8080\n", "roster.toml:2:3: server.listen: must be a text"),
        ("[log]\n\nlevel = \"roster=loud\"\n", "roster.toml:3:1: log.level: is not a log filter"),
        (
            "[cors]\norigins = [\"https://a/b\"]\n",
            "roster.toml:2:1: cors.origins: `https://a/b` is not an origin",
        ),
        (
            "[cors]\norigins = [1]\n",
            "roster.toml:2:1: cors.origins: must not be a list of something else than texts",
        ),
        (
            "[database]\nconnections = 2.5\n",
            "roster.toml:2:1: database.connections: must not be a number with a fraction",
        ),
        ("[server]\nlisten = \n", "roster.toml:2:"),
        ("[server]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:1\"\n", "roster.toml:3:1: duplicate key"),
    ];
    for (text, told) in cases {
        let ended = check(folder.path(), text, &[]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{text}");
        assert!(
            ended.stderr.starts_with("roster: ") && ended.stderr.contains(told),
            "{text}: {}",
            ended.stderr
        );
        let started = run(folder.path(), &["serve", "--config", "roster.toml"]).await;
        assert_eq!(started.code, Some(1));
        assert!(started.stderr.contains(told.trim_start_matches("roster.toml")), "{}", started.stderr);
    }
}

#[tokio::test]
async fn an_unknown_variable_or_key_of_a_flag_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = roster(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let output = command.env("ROSTER_LISTNE", "127.0.0.1:0").output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("ROSTER_LISTNE: Roster has no such variable; did you mean ROSTER_LISTEN?"),
        "{told}"
    );
    let ended = run(folder.path(), &["config", "show", "--set", "log.levl=debug"]).await;
    assert!(ended.stderr.contains("--set log.levl: there is no key log.levl; did you mean log.level?"));
    let ended = run(folder.path(), &["config", "show", "--config", "none.toml"]).await;
    assert!(ended.stderr.contains("--config: cannot read none.toml"), "{}", ended.stderr);
}

#[tokio::test]
async fn what_is_shown_is_a_configuration_and_has_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "[database]\nurl = \"postgres://roster:s3cret@db/roster\"\n");
    let mut command = roster(folder.path(), &["config", "show", "--set", "log.level=debug"]);
    let output =
        command.env("ROSTER_CONFIG", &file).env("ROSTER_SCIM_EXTENSIONS", "x.json").output().await.unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("s3cret"), "{shown}");
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("url ").contains("\"postgres://roster:***@db/roster\""), "{shown}");
    assert!(line("url ").ends_with(&format!("# {file}:2:1")), "{shown}");
    assert!(line("level").ends_with("# --set log.level"), "{shown}");
    assert!(line("extensions").ends_with("# ROSTER_SCIM_EXTENSIONS"), "{shown}");
    assert!(line("listen").ends_with("# default"), "{shown}");
    let ended = check(folder.path(), &shown, &[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn the_printed_defaults_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = run(folder.path(), &["config", "default"]).await;
    write(folder.path(), &defaults.stdout);
    let values = |shown: &str| -> Vec<String> {
        shown.lines().map(|line| line.split(" # ").next().unwrap().to_owned()).collect()
    };
    let without = run(folder.path(), &["config", "show"]).await.stdout;
    let with = run(folder.path(), &["config", "show", "--config", "roster.toml"]).await.stdout;
    assert_eq!(values(&with), values(&without));
    assert!(with.contains("# roster.toml:") && !without.contains("# roster.toml:"));
}

#[tokio::test]
async fn a_deep_check_opens_what_is_named_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32, &str); 5] = [
        (
            &["--set", "scim.test_resources_file=none.json"],
            1,
            "--set scim.test_resources_file: scim.test_resources_file: cannot read none.json",
        ),
        (
            &["--set", "scim.extensions=none.json"],
            1,
            "--set scim.extensions: scim.extensions: cannot read none.json",
        ),
        (
            &["--database", "sqlite:/nowhere/at/all.db"],
            7,
            "cannot open the database sqlite:/nowhere/at/all.db",
        ),
        (
            &["--database", "postgres://ann:s3cret@127.0.0.1:1/x"],
            9,
            "cannot open the database postgres://ann:***@127.0.0.1:1/x",
        ),
        (&["--database", "sqlite:roster.toml"], 7, "cannot open the database sqlite:roster.toml"),
    ];
    for (arguments, code, told) in cases {
        let text = "[log]\nlevel = \"info\"\n";
        let shallow = check(folder.path(), text, arguments).await;
        assert_eq!(shallow.code, Some(0), "{arguments:?}: {}", shallow.stderr);
        let deep = check(folder.path(), text, &[&["--deep"], arguments].concat()).await;
        assert_eq!(deep.code, Some(code), "{arguments:?}");
        assert!(
            deep.stderr.contains(told) && !deep.stderr.contains("s3cret"),
            "{arguments:?}: {}",
            deep.stderr
        );
    }
    let good = check(folder.path(), "", &["--deep"]).await;
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""));
    assert!(good.stdout.contains("the database roster.db is not there yet"), "{}", good.stdout);
    assert!(!folder.path().join("roster.db").exists());
}

#[tokio::test]
async fn a_secret_comes_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("url"), "sqlite:from_file.db\n").unwrap();
    let serving = Serving::start(folder.path(), &["--set", "database.url_file=url"]).await;
    assert!(folder.path().join("from_file.db").exists());
    drop(serving);
    let both = ["config", "check", "--set", "database.url_file=url", "--database", "sqlite:x.db"];
    let ended = run(folder.path(), &both).await;
    assert!(
        ended.stderr.contains("database.url: is set by --database as well; set one of the two"),
        "{}",
        ended.stderr
    );
    let ended = run(folder.path(), &["config", "check", "--set", "database.url_file=none"]).await;
    assert!(ended.stderr.contains("database.url: cannot read none"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_value_that_cannot_work_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (key, value, told) in [
        ("log.level", "verbose", "`verbose` is none of error, warn, info"),
        ("log.level", "info,loud", "`loud` is none of"),
        ("log.level", "hyper=debug", "would log nothing"),
        ("provisioning.large_removal_percent", "101", "must be a whole number from 0 to 100"),
        ("traces.sample_percent", "101", "must be a whole number from 0 to 100"),
        ("limits.head", "1", "must be at least 8KiB"),
        ("limits.head", "8191", "must be at least 8KiB"),
        ("limits.scim_body", "1", "must be at least 1KiB"),
        ("limits.message", "1", "must be at least 1KiB"),
        ("metrics.listen", "127.0.0.1:8080", "is the address of server.listen as well"),
        ("database.url", "mysql://ann:s3cret@db/x", "must be sqlite:PATH"),
        ("database.url", "postgres://ann:s3cret@db/x?sslmod=require", "there is no parameter sslmod"),
        ("database.url", "sqlite:a.db?mode=ro", "parameter mode"),
        ("database.start_timeout", "0s", "must be a time"),
        ("drain.grace", "soon", "must be a time"),
        ("watch.heartbeat", "1ms", "must be at least 1s"),
    ] {
        let set = format!("{key}={value}");
        for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let command = if key == "metrics.listen" { &["config", "check"] } else { command };
            let ended = run(folder.path(), &[command, &["--set", &set]].concat()).await;
            assert_eq!(ended.code, Some(1), "{set}: {ended:?}");
            assert!(ended.stderr.contains(told) && ended.stderr.contains(key), "{set}: {}", ended.stderr);
            assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
        }
    }
    for set in [
        "drain.grace=0s",
        "drain.grace=auto",
        "drain.grace=7s",
        "log.level=roster=debug,warn",
        "limits.head=8KiB",
    ] {
        assert_eq!(run(folder.path(), &["config", "check", "--set", set]).await.code, Some(0), "{set}");
    }
}

#[tokio::test]
async fn all_mistakes_of_a_file_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[server]\nlisten = \"nowhere\"\nlisen = \"x\"\n[log]\nlevel = \"verbose\"\n[limits]\nhead = 1\n[watch]\n\
                heartbeat = \"1ms\"\nreader_timeout = \"1ms\"\n[cors]\norigins = [\"x\"]\n[tls]\nkey = \"k.pem\"\n\
                [jit]\nadmin_emails = [\"ann\"]\n[database]\nurl = \"mysql://x\"\nconnections = true\n";
    let ended = check(folder.path(), text, &[]).await;
    assert_eq!(ended.code, Some(1));
    for told in [
        "11 mistakes",
        "roster.toml:2:1: server.listen",
        "no key server.lisen",
        "log.level",
        "limits.head",
        "watch.heartbeat",
        "watch.reader_timeout",
        "cors.origins",
        "tls.key",
        "jit.admin_emails",
        "database.url",
        "database.connections",
    ] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_deep_check_tells_of_the_schema_in_the_words_of_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(run(folder, &["bootstrap"]).await.code, Some(0));
    let deep = ["config", "check", "--deep"];
    let good = run(folder, &deep).await;
    assert_eq!((good.code, good.stdout.lines().count()), (Some(0), 1), "{good:?}");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("roster.db"));
    let mut database = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let mut meddle = async |sql: &'static str| sqlx::Executor::execute(&mut database, sql).await.unwrap();
    meddle("INSERT INTO seaql_migrations VALUES ('m29991231_later', 1)").await;
    let newer = run(folder, &deep).await;
    assert_eq!(newer.code, Some(7), "{newer:?}");
    let started = run(folder, &["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(started.code, Some(7), "{started:?}");
    let told = "the database has steps of a later release: m29991231_later";
    assert!(newer.stderr.contains(told) && started.stderr.contains(told), "{newer:?} {started:?}");
    meddle("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await;
    meddle("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await;
    let older = run(folder, &deep).await;
    assert_eq!(older.code, Some(0), "{older:?}");
    assert!(older.stdout.contains("the database lacks the steps m2026"), "{older:?}");
}
