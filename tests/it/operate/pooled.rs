//! PostgreSQL behind PgBouncer, as Debian has it.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    process::Stdio,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::done;
use crate::{
    process::{Serving, run, serve::dev_token},
    storage::{Database, cluster},
};

/// A pooler in front of the cluster of the tests.
struct Pooler {
    _child: Child,
    _folder: TempDir,
    port: u16,
}

impl Pooler {
    /// With no setting but where it is, who may come, and this mode.
    async fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let cluster = cluster("ROSTER_TEST_POSTGRES");
        let (host, server_port) =
            cluster.split_once('@').unwrap().1.split('/').next().unwrap().split_once(':').unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user=roster\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
        );
        fs::write(&file, text).unwrap();
        let program =
            std::env::var("ROSTER_TEST_PGBOUNCER").unwrap_or_else(|_| "/usr/sbin/pgbouncer".to_owned());
        let mut command = Command::new(program);
        // it refuses to run as root
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.args(["-u", "nobody"]);
        }
        let mut child = command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("process up") {
                // whoever logs must be read
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Self { _child: child, _folder: folder, port };
            }
        }
        panic!("pgbouncer does not start");
    }

    /// The same database by way of the pooler.
    fn url(&self, direct: &str) -> String {
        let address = direct.split_once('@').unwrap().1.split('/').next().unwrap();
        direct.replace(address, &format!("127.0.0.1:{}", self.port))
    }
}

#[tokio::test]
async fn session_pooling_works_with_no_other_setting() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (pooler, direct) = (Pooler::start("session").await, Database::empty_postgres().await);
    let url = pooler.url(&direct);
    let mut serving = Serving::start(folder, &["--dev", "--database", &url]).await;
    let token = dev_token(&mut serving).await;
    let call = |method: &str, body: Value| {
        let url = format!("{}/{method}", serving.url);
        let call = reqwest::Client::new().post(url).bearer_auth(&token).json(&body);
        async move { call.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let made = call("buf.alpha.registry.v1alpha1.SCIMTokenService/CreateSCIMToken", json!({})).await;
    let scim_token = made["token"].as_str().unwrap();
    for n in 0..20 {
        let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{n}@x.com") });
        let push = reqwest::Client::new().post(format!("{}/scim/v2/Users", serving.url));
        assert_eq!(push.bearer_auth(scim_token).json(&user).send().await.unwrap().status(), 201);
    }
    let ready = reqwest::get(format!("{}/readyz", serving.url)).await.unwrap();
    assert_eq!(ready.text().await.unwrap(), "ready\n");
    for command in
        [&["doctor"][..], &["config", "check", "--deep"], &["bootstrap", "--force"], &["migrate", "status"]]
    {
        done(&run(folder, &[command, &["--database", &url]].concat()).await);
    }
    serving.signal("-TERM").await;
    assert_eq!(serving.end().await.0, Some(0));
}

#[tokio::test]
async fn a_pool_of_transactions_or_statements_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for mode in ["transaction", "statement"] {
        let (pooler, direct) = (Pooler::start(mode).await, Database::empty_postgres().await);
        let url = pooler.url(&direct);
        for (command, code) in [
            (&["serve", "--listen", "127.0.0.1:0"][..], 7),
            (&["bootstrap"], 7),
            (&["config", "check", "--deep"], 7),
            (&["doctor"], 10),
        ] {
            let ended = run(folder, &[command, &["--database", &url]].concat()).await;
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert_eq!(ended.code, Some(code), "{mode} {command:?}: {said}");
            assert!(said.contains("pool_mode = session"), "{mode} {command:?}: {said}");
        }
        // and nothing was left in it
        let mut only = <sqlx::PgConnection as sqlx::Connection>::connect(&direct).await.unwrap();
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_one(&mut only)
            .await
            .unwrap();
        assert_eq!(tables, 0, "{mode}");
    }
}
