//! `roster doctor`.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

use super::{bootstrapped, done, meddle};
use crate::process::run;

async fn codes(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let ended = run(folder, &[&["doctor", "--format", "json"], arguments].concat()).await;
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let findings = told["findings"].as_array().unwrap();
    let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
    (ended.code, findings.iter().map(code).collect())
}

#[tokio::test]
async fn a_healthy_server_has_no_finding() {
    let folder = tempfile::tempdir().unwrap();
    bootstrapped(folder.path()).await;
    let ended = run(folder.path(), &["doctor"]).await;
    done(&ended);
    assert_eq!(ended.stdout, "all is well\n");
}

#[tokio::test]
async fn what_is_wrong_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(codes(folder, &[]).await, (Some(10), vec!["database-unreachable".to_owned()]));
    assert_eq!(codes(folder, &["--set", "log.level=="]).await, (Some(10), vec!["configuration".to_owned()]));
    bootstrapped(folder).await;
    meddle(
        folder,
        "INSERT INTO scim_token (id, digest, profile, create_time, expire_time, description)
            VALUES (x'00112233445566778899aabbccddeeff', x'00', 1, 1, 2, 'our Okta');
         INSERT INTO owner_name VALUES ('lost', x'00112233445566778899aabbccddeeff');
         UPDATE audit_event SET time = time + 86400000000",
    )
    .await;
    let (code, found) = codes(folder, &["--set", "server.public_url=http://127.0.0.1:1"]).await;
    assert_eq!(code, Some(10));
    assert_eq!(found, ["public-url", "clock-skew", "scim-token-ended", "orphans"]);
    meddle(
        folder,
        "UPDATE \"user\" SET state = 2; INSERT INTO seaql_migrations VALUES ('m29991231_later', 1)",
    )
    .await;
    assert_eq!(codes(folder, &[]).await, (Some(10), vec!["schema-newer".to_owned()]));
    meddle(folder, "DELETE FROM seaql_migrations WHERE version = 'm29991231_later'").await;
    assert!(codes(folder, &[]).await.1.contains(&"no-admin".to_owned()));
}

#[tokio::test]
async fn memberships_are_derived_anew_with_an_audited_change() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    meddle(
        folder,
        "INSERT INTO organization SELECT x'00112233445566778899aabbccddeeff', 'acme', '', '', 1, 10, 1, 1;
         INSERT INTO owner_name VALUES ('acme', x'00112233445566778899aabbccddeeff');
         INSERT INTO organization_member SELECT x'00112233445566778899aabbccddeeff', id, 40, 30 FROM \"user\"",
    )
    .await;
    assert_eq!(codes(folder, &[]).await, (Some(10), vec!["membership-drift".to_owned()]));
    let mended = run(folder, &["doctor", "--fix"]).await;
    done(&mended);
    assert!(mended.stdout.starts_with("mended 1 membership\n"), "{}", mended.stdout);
    done(&run(folder, &["doctor"]).await);
    // it is audited once, as any change is
    meddle(
        folder,
        "CREATE TABLE one (n integer CHECK (n = 1));
        INSERT INTO one SELECT count(*) FROM audit_event WHERE action = 51;
        INSERT INTO one SELECT count(*) FROM membership_event WHERE new_role IS NULL",
    )
    .await;
}

/// Writes a certificate for `roster.example.com` that is valid for so many days around now, with a key of this mode.
fn certify(folder: &Path, (before, after): (i64, i64), mode: u32) {
    let mut parameters = rcgen::CertificateParams::new(["roster.example.com".to_owned()]).unwrap();
    let now = time::OffsetDateTime::now_utc();
    parameters.not_before = now - time::Duration::days(before);
    parameters.not_after = now + time::Duration::days(after);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    std::fs::set_permissions(folder.join("key.pem"), Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_certificate_that_clients_refuse_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    let tls = ["--set", "tls.certificate=certificate.pem", "--set", "tls.key=key.pem"];
    for (days, mode, expected) in [
        ((1, 90), 0o640, None),
        ((1, 13), 0o600, Some((0, "tls-certificate-ends"))),
        ((9, -1), 0o600, Some((10, "tls-certificate-ended"))),
        ((-1, 90), 0o600, Some((10, "tls-certificate"))),
        ((1, 90), 0o644, Some((0, "tls-key-open"))),
    ] {
        certify(folder, days, mode);
        let found = codes(folder, &tls).await;
        let (code, told) = expected.map_or((0, Vec::new()), |(code, told)| (code, vec![told.to_owned()]));
        assert_eq!(found, (Some(code), told), "{days:?} {mode:o}");
    }
    certify(folder, (1, 90), 0o600);
    for (host, named) in
        [("roster.example.com", true), ("ROSTER.example.com:1", true), ("other.example.com", false)]
    {
        let url = format!("server.public_url=https://{host}");
        let (_, found) = codes(folder, &[&tls[..], &["--set", &url]].concat()).await;
        assert_eq!(!found.contains(&"tls-certificate".to_owned()), named, "{host}: {found:?}");
    }
    std::fs::write(folder.join("key.pem"), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert_eq!(codes(folder, &tls).await, (Some(10), vec!["configuration".to_owned()]));
}

#[tokio::test]
async fn metrics_for_everybody_are_found() {
    let folder = tempfile::tempdir().unwrap();
    bootstrapped(folder.path()).await;
    for (keys, expected) in [
        (&["metrics.listen=0.0.0.0:9464"][..], &["metrics-open"][..]),
        (&["metrics.listen=[::]:9464", "metrics.enabled=false"], &[]),
        (&["metrics.listen=0.0.0.0:9464", "metrics.token=only-for-prometheus"], &[]),
        (&["metrics.listen=127.0.0.1:9464"], &[]),
    ] {
        let arguments: Vec<_> = keys.iter().flat_map(|key| ["--set", key]).collect();
        let (code, found) = codes(folder.path(), &arguments).await;
        assert_eq!(
            (code, found),
            (Some(0), expected.iter().map(|code| (*code).to_owned()).collect()),
            "{keys:?}"
        );
    }
}

#[test]
fn each_finding_has_its_section() {
    let text = include_str!("../../../docs/troubleshooting.md");
    for source in [
        include_str!("../../../src/services/doctor.rs"),
        include_str!("../../../src/cli/doctor/certificate.rs"),
        include_str!("../../../src/cli/doctor/exposed.rs"),
        include_str!("../../../src/cli/doctor/outside.rs"),
    ] {
        let codes = source.split("Finding::").skip(1).filter_map(|rest| rest.split('"').nth(1));
        let codes: Vec<_> = codes.filter(|code| !code.contains(' ') && code.contains('-')).collect();
        assert!(!codes.is_empty());
        for code in codes {
            assert!(text.contains(&format!("\n### {code}\n")), "{code}");
        }
    }
}
