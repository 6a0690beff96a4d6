//! What the line does in a shell: curl is given the request, and nothing else happens.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::*;
use crate::domain::{
    clock::Timestamp,
    id::{ProvisioningRequestId, ScimTokenId},
    provisioning::{LoggedToken, Notes, Outcome},
};

fn request(method: &str, path: &str, query: &str, body: Option<&str>) -> LoggedRequest {
    let now = Timestamp::from_micros(0);
    LoggedRequest {
        id: ProvisioningRequestId::generate(now),
        time: now,
        duration: Duration::ZERO,
        request_id: "7".to_owned(),
        client_request_id: None,
        token: Some(LoggedToken { id: ScimTokenId::generate(now), description: String::new() }),
        address: None,
        user_agent: None,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        outcome: Outcome::default(),
        notes: Notes::default(),
        operations: Vec::new(),
        request_body: body.map(|text| LoggedBody { text: text.to_owned(), is_whole: true }),
        response_body: None,
        lost_before: 0,
    }
}

/// A folder with a `curl` that writes down what it is given.
struct Stub(PathBuf);

impl Stub {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("roster-curl-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let stub = folder.join("curl");
        fs::write(&stub, "#!/bin/sh\nprintf '%s\\0' \"$@\" >> \"$OUT\"\n").unwrap();
        fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// What `curl` was given by this line, pasted into bash with history expansion, as in a terminal.
    fn run(&self, line: &str) -> Vec<String> {
        let out = self.0.join("out");
        let _ = fs::remove_file(&out);
        let work = self.0.join("work");
        fs::create_dir_all(&work).unwrap();
        let ran = Command::new("bash")
            .args(["--norc", "-c", &format!("set -H\n{line}")])
            .current_dir(&work)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.0.display()))
            .env("OUT", &out)
            .env("ROSTER", "http://roster")
            .env("SCIM_TOKEN", "s3cret")
            .output()
            .unwrap();
        assert!(ran.status.success() && ran.stdout.is_empty() && ran.stderr.is_empty(), "{line}: {ran:?}");
        assert_eq!(fs::read_dir(&work).unwrap().count(), 0, "{line}");
        let given = fs::read_to_string(&out).unwrap_or_default();
        given.split_terminator('\0').map(str::to_owned).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.0));
    }
}

/// What would do something in a shell, in a line that is not quoted, or quoted otherwise.
const ODD: [&str; 23] = [
    "it's",
    "''",
    "'; touch x; '",
    "\"; touch x; \"",
    "$(touch x)",
    "`touch x`",
    "$HOME",
    "${IFS}",
    "!!",
    "!curl",
    "\\",
    "\\'",
    "a b",
    "{1,2}",
    "[1-2]",
    "*",
    "?",
    "~",
    "# x",
    "& touch x &",
    "| touch x",
    "> x",
    "-o x",
];

#[test]
fn curl_is_given_what_came_and_nothing_else_is_done() {
    let stub = Stub::new("odd");
    for odd in ODD {
        let (path, query) = (format!("/scim/v2/Users/{odd}"), format!("filter={odd}"));
        let body = format!("\"{}\"", odd.replace('\\', r"\\").replace('"', r#"\""#));
        for method in ["PATCH", "DELETE", "x'y", "-o"] {
            let line = request(method, &path, &query, Some(&body)).to_curl();
            let expected = [
                "-sSg",
                "--path-as-is",
                "-X",
                method,
                &format!("http://roster{path}?{query}"),
                "-H",
                "Authorization: Bearer s3cret",
                "-H",
                "Content-Type: application/scim+json",
                "--data-raw",
                &body,
            ];
            assert_eq!(stub.run(&line), expected, "{line}");
        }
    }
    let line = request("GET", "/scim/v2/Users", "", None).to_curl();
    let expected =
        ["-sSg", "--path-as-is", "http://roster/scim/v2/Users", "-H", "Authorization: Bearer s3cret"];
    assert_eq!(stub.run(&line), expected);
}

#[test]
fn there_is_no_command_for_what_anybody_can_send_or_what_was_cut() {
    let stub = Stub::new("none");
    let without_token =
        LoggedRequest { token: None, ..request("DELETE", "/scim/v2/Users/7", "", Some("{}")) };
    let long = format!("/scim/v2/Users/{}", "x".repeat(3_000)).chars().take(TARGET_MAX).collect::<String>();
    let cut = [
        request("DELETE", &long, "", None),
        request("GET", "/scim/v2/Users", &long, None),
        request("GET", "@evil.example/", "", None),
        request("OPTIONS", "*", "", None),
        request("GET", "", "", None),
    ];
    for request in [without_token].into_iter().chain(cut) {
        let line = request.to_curl();
        assert!(line.starts_with("# no command: "), "{line}");
        assert_eq!(stub.run(&line), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_body_that_was_cut_is_not_sent() {
    let mut request = request("POST", "/scim/v2/Users", "", Some("{"));
    request.request_body = Some(LoggedBody { text: "{'\n".to_owned(), is_whole: false });
    let given = Stub::new("cut").run(&request.to_curl());
    assert!(!given.iter().any(|word| word.starts_with("--data") || word.contains('{')), "{given:?}");
}

#[test]
fn what_a_terminal_obeys_or_hides_is_an_escape() {
    let line = request("POST", "/scim/v2/Users", "", Some("\"a\u{9b}b\u{202e}c\u{e0061}d\u{2028}e\u{7f}é\""))
        .to_curl();
    assert!(line.ends_with(r#"'"a\u009bb\u202ec\udb40\udc61d\u2028e\u007fé"'"#), "{line}");
}

#[test]
fn what_is_no_ascii_in_a_target_is_encoded() {
    let line = request("GET", "/scim/v2/Users/\u{9b}é\u{202e}", "a=\u{feff}", None).to_curl();
    assert!(line.contains("'/scim/v2/Users/%C2%9B%C3%A9%E2%80%AE?a=%EF%BB%BF'"), "{line}");
}

#[test]
fn a_word_with_anything_in_it_is_one_word() {
    assert_eq!(quoted("/scim/v2/Users"), "/scim/v2/Users");
    assert_eq!(quoted("a b; rm"), "'a b; rm'");
    assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    assert_eq!(quoted(""), "''");
}
