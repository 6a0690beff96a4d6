//! What systemd is told: ready, alive, stopping.

use std::process::Stdio;

use tokio::net::UnixDatagram;

/// The next thing that is told.
async fn next(socket: &UnixDatagram) -> String {
    let mut text = [0; 256];
    let length = socket.recv(&mut text).await.unwrap();
    String::from_utf8(text[..length].to_vec()).unwrap().trim().to_owned()
}

/// What is told next beside that the server lives.
async fn next_change(socket: &UnixDatagram) -> String {
    loop {
        let told = next(socket).await;
        if told != "WATCHDOG=1" {
            return told;
        }
    }
}

#[tokio::test]
async fn systemd_is_told_that_the_server_is_ready_lives_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let mut command =
        super::roster(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--set", "drain.grace=0s"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let mut server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(next(&socket).await, "READY=1");
    for _ in 0..3 {
        assert_eq!(next(&socket).await, "WATCHDOG=1");
    }
    let id = server.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert_eq!(next_change(&socket).await, "STOPPING=1");
    assert_eq!(server.wait().await.unwrap().code(), Some(0));
}
