//! The commands that ask a server: the real binary against a running one.

mod answers;
mod asking;
mod callers;
mod causes;
mod failures;
mod people;
mod provisioning;
mod watch;

use std::{io::Write as _, path::PathBuf, process::Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::{Ended, roster},
    support::Harness,
};

/// A server, and a home for the one who types.
struct Desk {
    harness: Harness,
    home: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self { harness: Harness::start().await, home: tempfile::tempdir().unwrap() }
    }

    /// A command that knows the server and not the caller.
    fn anonymous(&self, arguments: &[&str]) -> Command {
        let mut command = roster(self.home.path(), arguments);
        command.env("ROSTER_SERVER", &self.harness.app.url);
        command
    }

    async fn run_as(&self, token: &str, arguments: &[&str]) -> Ended {
        self.anonymous(arguments).env("ROSTER_TOKEN", token).output().await.unwrap().into()
    }

    /// As the server admin, whatever comes of it.
    async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_as(&self.harness.admin.token, arguments).await
    }

    /// As the server admin: what it printed, for people.
    async fn text(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        ended.stdout
    }

    /// As the server admin: the one JSON document that it printed.
    async fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.text(&[arguments, &["--format", "json"]].concat()).await;
        assert_eq!(printed.lines().count(), 1, "{printed}");
        serde_json::from_str(&printed).unwrap()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path
    }

    /// An identity provider pushes a group with these users in it.
    async fn push(&self, group: &str, users: &[&str]) {
        let app = &self.harness.app;
        let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
        let mut members = Vec::new();
        for user in users {
            let body = serde_json::json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": format!("{user}@example.com"), "active": true,
            });
            let made = app.scim(&token, "POST", "/Users", &scim_json(), Some(body.to_string().into())).await;
            members.push(serde_json::json!({ "value": made.body["id"] }));
        }
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": group, "members": members,
        });
        let made = app.scim(&token, "POST", "/Groups", &scim_json(), Some(body.to_string().into())).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

fn scim_json() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/scim+json".to_owned())]
}

/// A command whose output is read while it runs.
fn piped(mut command: Command) -> tokio::process::Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
