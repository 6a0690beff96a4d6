//! `scim2-tester`, a conformance suite of others, against the whole application.

use tokio::process::Command;

use super::*;

#[tokio::test]
async fn scim2_tester_finds_no_fault() {
    let program = std::env::var("ROSTER_TEST_SCIM2")
        .expect("ROSTER_TEST_SCIM2 is not set: run the tests with scripts/test, which installs scim2-cli");
    let client = Client::start().await;
    let mut command = Command::new(program);
    command.args(["--url", &format!("{}/scim/v2", client.app.url), "test"]);
    command.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", client.token)).env("NO_COLOR", "1");
    let output = command.output().await.unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let count = |word: &str| report.lines().filter(|line| line.starts_with(word)).count();
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(count("ERROR") + count("CRITICAL"), 0, "{report}");
    assert!(count("SUCCESS") > 100, "{report}");
}
