//! `roster serve`.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
};

use super::{Serving, run};

/// The line after `export … TOKEN=`.
fn token(lines: &[String]) -> String {
    let line = lines.iter().find_map(|line| line.split_once("TOKEN="));
    line.unwrap().1.to_owned()
}

/// The API token of the admin that `--dev` makes.
pub(crate) async fn dev_token(serving: &mut Serving) -> String {
    token(&dev_lines(serving).await)
}

async fn dev_lines(serving: &mut Serving) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let line = serving.lines.next_line().await.unwrap().unwrap();
        let is_last = line.contains("ListOrganizationUsers");
        lines.push(line);
        if is_last {
            return lines;
        }
    }
}

#[tokio::test]
async fn it_prints_one_line_logs_as_json_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let serving = Serving::start(folder.path(), &[]).await;
        for path in ["readyz", "healthz", "version"] {
            assert_eq!(reqwest::get(format!("{}/{path}", serving.url)).await.unwrap().status(), 200);
        }
        serving.signal(signal).await;
        let (code, stdout, stderr) = serving.end().await;
        assert_eq!((code, stdout), (Some(0), Vec::new()), "{stderr}");
        assert!(!stderr.contains("/readyz") && !stderr.contains("/healthz"), "a probe is logged: {stderr}");
        let request = stderr.lines().find(|line| line.contains("/version")).unwrap();
        let request: Value = serde_json::from_str(request).unwrap();
        assert_eq!(request["status"], 200);
        assert!(request["spans"][0]["id"].as_str().is_some_and(|id| id.len() == 32), "{request}");
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[]).await;
    let mut stream = TcpStream::connect(serving.address()).await.unwrap();
    // the request is with the server when it says that it wants the body
    let head = "POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: x\r\n\
                content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 100");
    serving.signal("-TERM").await;
    stream.write_all(b"{}").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("HTTP/1.1 200") && rest.contains("SERVING"), "{rest}");
    assert_eq!(serving.end().await.0, Some(0));
}

#[tokio::test]
async fn what_hinders_the_start_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let free = "127.0.0.1:0";
    let cases: [(&[&str], &str); 6] = [
        (&["--listen", &taken], "cannot listen on"),
        (&["--listen", free, "--database", "mysql://x"], "database URL must be"),
        (&["--listen", free, "--database", "sqlite:/nowhere/at/all.db"], "cannot open the database"),
        (&["--listen", free, "--database", "postgres://roster@127.0.0.1:1/none"], "cannot open the database"),
        (&["--listen", "0.0.0.0:0", "--dev"], "not a loopback address"),
        (&["--listen", free, "--cors-origin", "nonsense"], "--cors-origin"),
    ];
    for (arguments, told) in cases {
        let ended = run(folder.path(), &[&["serve"], arguments].concat()).await;
        assert_ne!(ended.code, Some(0), "{arguments:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
        let lines: Vec<_> = ended.stderr.lines().filter(|line| !line.starts_with('{')).collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {}", ended.stderr);
        assert!(lines[0].starts_with("roster: ") && lines[0].contains(told), "{arguments:?}: {}", lines[0]);
    }
}

#[tokio::test]
async fn the_lines_that_dev_prints_do_the_main_job() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    let lines = dev_lines(&mut serving).await;
    let pasted = Command::new("bash").args(["-c", &lines.join("\n")]).output().await.unwrap();
    let printed = String::from_utf8(pasted.stdout).unwrap();
    let last = printed.rsplit_once("{\"users\"").unwrap().1;
    assert!(last.contains("\"username\":\"ann\"") && last.contains("ORGANIZATION_ROLE_ADMIN"), "{printed}");
    serving.signal("-TERM").await;
    let (code, _, stderr) = serving.end().await;
    assert_eq!(code, Some(0));
    let secret = token(&lines);
    assert!(!stderr.contains(&secret) && !stderr.contains("roster_scim_"), "a token was logged");
    assert!(!stderr.contains("ann@example.com"), "a body was logged");
    for (path, actor) in [("/CreateOrganization", "user "), ("/scim/v2/Users", "scim token")] {
        let line = stderr.lines().find(|line| line.contains(path) && line.contains("duration_ms")).unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        let span = &line["spans"][0];
        assert!(span["actor"].as_str().unwrap().starts_with(actor), "{line}");
        assert_eq!(span["token"].as_str().unwrap().len(), 32, "{line}");
        let hundredths = line["duration_ms"].as_f64().unwrap() * 100.0;
        assert!((hundredths - hundredths.round()).abs() < 1e-6, "{line}");
    }
}

#[tokio::test]
async fn the_environment_configures_what_flags_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = super::roster(folder.path(), &["serve"]);
    command.env("ROSTER_LISTEN", "127.0.0.1:0").env("ROSTER_DATABASE_URL", "sqlite:other.db");
    command.env("ROSTER_PUBLIC_URL", "https://roster.example.com/");
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    let first = lines.next_line().await.unwrap().unwrap();
    let url = first.strip_prefix("listening on ").unwrap();
    let config: Value =
        reqwest::get(format!("{url}/scim/v2/ServiceProviderConfig")).await.unwrap().json().await.unwrap();
    assert_eq!(config["meta"]["location"], "https://roster.example.com/scim/v2/ServiceProviderConfig");
    assert!(folder.path().join("other.db").exists());
}

#[tokio::test]
async fn health_is_told_without_the_database_and_readiness_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--database", "sqlite::memory:"]).await;
    for (path, text) in [("healthz", "ok"), ("readyz", "ready")] {
        let answer = reqwest::get(format!("{}/{path}", serving.url)).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().trim()), (200, text));
    }
    let health = reqwest::Client::new().post(format!("{}/grpc.health.v1.Health/Check", serving.url));
    let health: Value = health.json(&json!({})).send().await.unwrap().json().await.unwrap();
    assert_eq!(health, json!({ "status": "SERVING" }));
}
