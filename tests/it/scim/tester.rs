//! `scim2-tester`, a conformance suite of others, against the whole application.

use tokio::process::Command;

use super::*;

/// What the suite removes, by chance from a user who is switched off, and wants gone; but that is always shown.
const ALWAYS_SHOWN: &str = "active";

/// What the suite cannot patch, whatever a server does: it sends decimals as strings, compares times and bytes as text
/// with what it has parsed, and wants to read what is never returned, or on request alone.
const BEYOND_THE_SUITE: [&str; 11] = [
    "binaryValue",
    "binaryValues",
    "complexValue",
    "complexValues",
    "dateTimeValue",
    "dateTimeValues",
    "decimalValue",
    "decimalValues",
    "never",
    "onRequest",
    "onRequestComplex",
];

#[tokio::test]
async fn scim2_tester_finds_no_fault() {
    let report = report(&Client::start().await).await;
    let unknown: Vec<_> = faults(&report).into_iter().filter(|fault| fault != ALWAYS_SHOWN).collect();
    assert_eq!(unknown, [""; 0], "{report}");
    assert!(successes(&report) > 100, "{report}");
}

#[tokio::test]
async fn scim2_tester_finds_no_fault_in_test_resources() {
    let app = App::start_with_test_resources(Database::sqlite().await).await;
    let report = report(&Client::of(app).await).await;
    let unknown = |fault: &String| fault != ALWAYS_SHOWN && !BEYOND_THE_SUITE.contains(&fault.as_str());
    let unknown: Vec<_> = faults(&report).into_iter().filter(unknown).collect();
    assert_eq!(unknown, [""; 0], "{report}");
    assert!(successes(&report) > 150, "{report}");
}

/// What the suite says of the server.
async fn report(client: &Client) -> String {
    let program = std::env::var("ROSTER_TEST_SCIM2")
        .expect("ROSTER_TEST_SCIM2 is not set: run the tests with scripts/test, which installs scim2-cli");
    let mut command = Command::new(program);
    command.args(["--url", &format!("{}/scim/v2", client.app.url), "test"]);
    command.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", client.token)).env("NO_COLOR", "1");
    let output = command.output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    format!("{}\n{errors}", String::from_utf8_lossy(&output.stdout))
}

fn successes(report: &str) -> usize {
    report.lines().filter(|line| line.starts_with("SUCCESS")).count()
}

/// The attributes that errors are about; of an error about none its first line.
fn faults(report: &str) -> Vec<String> {
    let lines: Vec<_> = report.lines().collect();
    let told =
        lines.windows(2).filter(|lines| ["ERROR", "CRITICAL"].iter().any(|word| lines[0].starts_with(word)));
    told.map(|lines| lines[1].split('\'').nth(1).unwrap_or(lines[1]).trim().to_owned()).collect()
}
