//! What stands above what, what each type takes, and how a mistake is told.

use std::time::Duration;

use super::{sources, told};
use crate::config::{DatabaseUrl, Key, LogFormat};

#[test]
fn a_flag_stands_above_a_variable_and_its_own_name_above_the_short_one() {
    let variables = [
        ("ROSTER_SERVER_LISTEN", "127.0.0.1:2"),
        ("ROSTER_LISTEN", "127.0.0.1:1"),
        ("ROSTER_LOG", "warn"),
        ("ROSTER_LOG_FORMAT", "json"),
    ];
    let by_variables = sources(&variables, &[]).load().unwrap();
    assert_eq!(by_variables.config.server.listen.port(), 2);
    assert_eq!(by_variables.config.log.level, "warn");
    assert_eq!(by_variables.config.log.format, LogFormat::Json);
    let flags =
        [("--listen", "server.listen", "127.0.0.1:3"), ("--set", "cors.origins", "https://a, https://b")];
    let by_flags = sources(&variables, &flags).load().unwrap();
    assert_eq!(by_flags.config.server.listen.port(), 3);
    assert_eq!(by_flags.config.cors.origins, ["https://a", "https://b"]);
    let changed: Vec<_> = by_variables.changed(&by_flags).iter().map(Key::path).collect();
    assert_eq!(changed, ["server.listen", "cors.origins"]);
    let shown = by_flags.show();
    for line in
        ["listen = \"127.0.0.1:3\"", "# --listen", "level = \"warn\"", "# ROSTER_LOG\n", "# default\n"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn an_empty_variable_is_as_none() {
    let loaded = sources(&[("ROSTER_LOG", ""), ("ROSTER_DATABASE_CONNECTIONS", "")], &[]).load().unwrap();
    assert_eq!(loaded.config.log.level, "info");
    assert_eq!(loaded.config.database.connections.0, 10);
}

#[test]
fn times_and_sizes_have_units() {
    let cases = [("250ms", 250), ("15s", 15_000), ("2m", 120_000), ("1h", 3_600_000), ("7 d", 604_800_000)];
    for (text, milliseconds) in cases {
        let loaded = sources(&[("ROSTER_TIMEOUTS_DRAIN", text)], &[]).load().unwrap();
        assert_eq!(loaded.config.timeouts.drain, Duration::from_millis(milliseconds), "{text}");
    }
    for (text, bytes) in [("4096", 4096), ("64KiB", 65536), ("2 MiB", 2 << 20), ("1GiB", 1 << 30)] {
        let loaded = sources(&[("ROSTER_LIMITS_SCIM_BODY", text)], &[]).load().unwrap();
        assert_eq!(loaded.config.limits.scim_body.0, bytes, "{text}");
    }
}

#[test]
fn a_value_of_another_kind_is_told_with_variable_key_and_reason() {
    let cases = [
        ("ROSTER_LISTEN", "localhost", "server.listen: `localhost` is not an address with a port"),
        ("ROSTER_PUBLIC_URL", "roster.example.com", "server.public_url: `roster.example.com` is not an http"),
        ("ROSTER_PUBLIC_URL", "https://x/?a=b", "without a query"),
        ("ROSTER_PUBLIC_URL", "ftp://x", "is not an http or https URL"),
        ("ROSTER_PUBLIC_URL", "https://", "is not an http or https URL"),
        ("ROSTER_LOG_FORMAT", "xml", "log.format: must be auto, text or json"),
        ("ROSTER_DATABASE_CONNECTIONS", "1", "database.connections: must be a whole number from 2 to"),
        ("ROSTER_DATABASE_CONNECTIONS", "many", "database.connections: must be a whole number"),
        ("ROSTER_DATABASE_CONNECTIONS", "-3", "database.connections: must be a whole number"),
        ("ROSTER_TIMEOUTS_DRAIN", "20", "timeouts.drain: must be a time with its unit"),
        ("ROSTER_TIMEOUTS_DRAIN", "0s", "timeouts.drain: must be a time with its unit"),
        ("ROSTER_TIMEOUTS_DRAIN", "1.5s", "timeouts.drain: must be a time with its unit"),
        ("ROSTER_TIMEOUTS_DRAIN", "99999999999999999999d", "timeouts.drain: must be a time with its unit"),
        ("ROSTER_LIMITS_SCIM_BODY", "16MB", "limits.scim_body: must be a size"),
        ("ROSTER_LIMITS_SCIM_BODY", "0", "limits.scim_body: must be a size"),
    ];
    for (variable, value, reason) in cases {
        let told = told(&[(variable, value)]);
        assert!(told.starts_with(&format!("{variable}: ")) && told.contains(reason), "{value}: {told}");
    }
}

#[test]
fn an_unknown_variable_is_refused_with_what_was_probably_meant() {
    let cases = [
        ("ROSTER_DATABSE_URL", "; did you mean ROSTER_DATABASE_URL?"),
        ("ROSTER_LISTN", "; did you mean ROSTER_LISTEN?"),
        ("ROSTER_HTTP_DRAIN", "; did you mean ROSTER_TIMEOUTS_DRAIN?"),
        ("ROSTER_SOMETHING_QUITE_DIFFERENT_INDEED", "no such variable"),
    ];
    for (variable, reason) in cases {
        let told = told(&[(variable, "x")]);
        assert!(told.starts_with(variable) && told.ends_with(reason), "{told}");
    }
}

#[test]
fn a_variable_of_tests_of_clients_or_of_kubernetes_is_none_of_the_configuration() {
    let variables = [
        "ROSTER_TEST_POSTGRES",
        "ROSTER_TOKEN",
        "ROSTER_SERVER",
        "ROSTER_CONFIG",
        "ROSTER_PORT",
        "ROSTER_SERVICE_HOST",
        "ROSTER_SERVICE_PORT",
        "ROSTER_SERVICE_PORT_HTTP",
        "ROSTER_PORT_8080_TCP",
        "ROSTER_PORT_8080_TCP_ADDR",
        "ROSTER_POSTGRES_PORT_5432_TCP_PROTO",
    ];
    for variable in variables {
        assert!(sources(&[(variable, "x")], &[]).load().is_ok(), "{variable}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = told(&[("ROSTER_LISTEN", "x"), ("ROSTER_LOG_FORMAT", "x"), ("ROSTER_NONSENSE_AT_ALL", "x")]);
    assert!(told.starts_with("3 mistakes in the configuration:\n"), "{told}");
}

#[test]
fn a_database_url_is_shown_without_its_password() {
    let cases = [
        ("sqlite:/var/lib/roster.db", "sqlite:/var/lib/roster.db"),
        ("postgres://ann:s3cret@db/roster", "postgres://ann:***@db/roster"),
        ("postgres://ann:s3@cret@db/roster", "postgres://ann:***@db/roster"),
        ("postgres://ann@db/roster", "postgres://ann@db/roster"),
        ("postgres://db/roster?user=ann&password=s3cret", "postgres://db/roster?user=ann&password=***"),
        ("s3cret", "***"),
        // a parameter that is not known, or not written as it is known, is not shown
        (
            "postgres://db/r?sslpassword=s3cret&sslmode=require",
            "postgres://db/r?sslpassword=***&sslmode=require",
        ),
        ("postgres://db/r?options=-c%20x=s3cret", "postgres://db/r?options=***"),
        ("postgres://db/r?options[x]=s3cret", "postgres://db/r?***"),
        ("postgres://db/r?pass%77ord=s3cret", "postgres://db/r?***"),
        ("postgres://db/r?PASSWORD=s3cret&s3cret&=s3cret", "postgres://db/r?PASSWORD=***&***&***"),
        ("postgres://db/r?user=a%26password%3Ds3cret", "postgres://db/r?user=***"),
        ("postgres://db/r?host=%2Frun%2Fpostgresql", "postgres://db/r?host=%2Frun%2Fpostgresql"),
        ("postgres://db/r?options=a@s3cret", "postgres://db/r?options=***"),
        ("postgres://db/r#s3cret", "postgres://db/r#***"),
        ("postgres://ann%3As3cret@db/r", "postgres://***@db/r"),
        ("postgres://ann:s3%40cret@[::1]:5432,b:5432/r", "postgres://ann:***@[::1]:5432,b:5432/r"),
        // no part of a URL is where it should be
        ("postgres://ann:s3/cret@db/roster", "postgres://***"),
        ("postgres://ann:s3?cret@db/roster", "postgres://***"),
        ("postgres://ann:s3#cret@db/roster", "postgres://***"),
        ("postgres://ann:12?cret@db/roster", "postgres://***"),
        ("sqlite:/var/lib/roster.db?mode=rw&key=s3cret", "sqlite:/var/lib/roster.db?mode=rw&key=***"),
    ];
    for (url, masked) in cases {
        assert_eq!(DatabaseUrl::masked(url), masked);
        let loaded = sources(&[("ROSTER_DATABASE_URL", url)], &[]).load().unwrap();
        assert_eq!(loaded.config.database.url.reveal(), url);
        let outputs = [loaded.show(), format!("{loaded:?}")];
        assert!(outputs.iter().all(|text| text.contains(masked)), "{outputs:?}");
    }
}

#[test]
fn what_is_secret_in_any_url_is_shown_nowhere() {
    for (url, masked) in [
        ("http://ann:s3cret@collector:4317", "http://***@collector:4317"),
        ("https://s3cret@collector:4317/v1", "https://***@collector:4317/v1"),
        ("https://ann%3As3cret@collector", "https://***@collector"),
    ] {
        for variable in ["ROSTER_TRACES_ENDPOINT", "ROSTER_SERVER_PUBLIC_URL"] {
            let loaded = sources(&[(variable, url)], &[]).load().unwrap();
            for text in [loaded.show(), format!("{loaded:?}")] {
                assert!(text.contains(masked) && !text.contains("s3cret"), "{text}");
            }
        }
    }
    let list = [
        ("ROSTER_PROXY_TRUSTED", "https://ann:s3cret@proxy, 10.0.0.1"),
        ("ROSTER_CORS_ORIGINS", "x:s3cret@y"),
    ];
    let shown = sources(&list, &[]).load().unwrap().show();
    assert!(
        shown.contains("https://***@proxy") && shown.contains("10.0.0.1") && !shown.contains("s3cret"),
        "{shown}"
    );
    for wrong in [
        "ftp://ann:s3cret@x",
        "ann:s3cret@x",
        "https:/ann:s3cret@x",
        "https://x/?token=s3cret",
        "https://a:s3/cret@x",
    ] {
        for variable in
            ["ROSTER_TRACES_ENDPOINT", "ROSTER_PUBLIC_URL", "ROSTER_LISTEN", "ROSTER_METRICS_LISTEN"]
        {
            let texts = match sources(&[(variable, wrong)], &[]).load() {
                Ok(loaded) => [loaded.show(), format!("{loaded:?}")],
                Err(problems) => [problems.to_string(), format!("{problems:?}")],
            };
            for text in texts {
                assert!(!text.contains("s3cret") && !text.contains("cret@"), "{variable}: {text}");
            }
        }
    }
}
