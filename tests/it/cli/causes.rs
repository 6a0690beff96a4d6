//! The real cause of a connection that is not made.

use std::path::Path;

use crate::process::{Serving, roster, run};

/// A server with a certificate that only its own file speaks for.
async fn with_tls(folder: &Path) -> Serving {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    Serving::start(folder, &["--set", "tls.certificate=certificate.pem", "--set", "tls.key=key.pem"]).await
}

#[tokio::test]
async fn a_command_says_what_keeps_it_from_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (tls, plain) =
        (with_tls(folder).await, Serving::start(folder, &["--database", "sqlite:other.db"]).await);
    let port = |url: &str| url.rsplit_once(':').unwrap().1.to_owned();
    let (tls, plain) = (port(&tls.url), port(&plain.url));
    for (server, told, hint) in [
        (format!("https://localhost:{tls}"), "the certificate is not trusted", "--ca-file"),
        (format!("http://localhost:{tls}"), "speaks TLS, and was called without it", "https://localhost"),
        (format!("http://127.0.0.1:{tls}"), "speaks TLS, and was called without it", "https://127.0.0.1"),
        (format!("https://localhost:{plain}"), "the port does not speak TLS: use http://", "--server"),
        ("http://127.0.0.1:1".to_owned(), "cannot reach", "is it running?"),
    ] {
        let mut command = roster(folder, &["user", "list", "--server", &server]);
        let ended: crate::process::Ended =
            command.env("ROSTER_TOKEN", "roster_api_00").output().await.unwrap().into();
        assert_eq!(ended.code, Some(9), "{server}: {ended:?}");
        assert!(ended.stderr.contains(told) && ended.stderr.contains(hint), "{server}: {}", ended.stderr);
        assert_eq!(
            ended.stderr.contains("is it running?"),
            hint == "is it running?",
            "{server}: {}",
            ended.stderr
        );
    }
    let trusted =
        ["user", "list", "--server", &format!("https://localhost:{tls}"), "--ca-file", "certificate.pem"];
    let mut command = roster(folder, &trusted);
    let ended: crate::process::Ended =
        command.env("ROSTER_TOKEN", "roster_api_00").output().await.unwrap().into();
    assert_eq!(ended.code, Some(3), "{ended:?}");
}

#[tokio::test]
async fn the_health_of_a_server_is_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let serving = Serving::start(folder, &["--set", "drain.grace=1h"]).await;
    let listen = format!("server.listen={}", serving.url.strip_prefix("http://").unwrap());
    let check = ["healthcheck", "--set", &listen];
    let well = run(folder, &check).await;
    assert_eq!((well.code, well.stdout.as_str(), well.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(run(folder, &["healthcheck", "--server", &serving.url]).await.code, Some(0));
    serving.signal("-TERM").await;
    loop {
        let leaving = run(folder, &check).await;
        if leaving.code != Some(0) {
            assert_eq!(leaving.code, Some(1), "{leaving:?}");
            assert!(leaving.stderr.contains("it is not ready"), "{leaving:?}");
            break;
        }
    }
    serving.signal("-TERM").await;
    serving.end().await;
    let gone = run(folder, &check).await;
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.stderr.contains("is not well"), "{gone:?}");

    let tls = with_tls(folder).await;
    let listen = format!("server.listen={}", tls.url.strip_prefix("https://").unwrap());
    let certificate = ["--set", "tls.certificate=certificate.pem", "--set", "tls.key=key.pem"];
    let public = ["--set", "server.public_url=https://localhost", "--ca-file", "certificate.pem"];
    let well = run(folder, &[&["healthcheck", "--set", &listen][..], &certificate, &public].concat()).await;
    assert_eq!(well.code, Some(0), "{well:?}");
    let untrusted = run(folder, &[&["healthcheck", "--set", &listen][..], &certificate].concat()).await;
    assert!(
        untrusted.code == Some(1) && untrusted.stderr.contains("the certificate is not trusted"),
        "{untrusted:?}"
    );
}
