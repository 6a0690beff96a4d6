//! `roster bootstrap`.

use serde_json::{Value, json};

use super::{Serving, run};

#[tokio::test]
async fn the_first_admin_is_made_once_and_let_in_again_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), &["bootstrap", "--username", "ann", "--email", "ann@example.com"]).await;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let token = first.stdout.trim();
    assert!(token.starts_with("roster_api_") && first.stdout == format!("{token}\n"), "{}", first.stdout);

    let again = run(folder.path(), &["bootstrap"]).await;
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), ""));
    assert!(again.stderr.contains("--username ann --force"), "{}", again.stderr);

    let forced = run(folder.path(), &["bootstrap", "--username", "ann", "--force"]).await;
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    assert_ne!(forced.stdout, first.stdout);

    let serving = Serving::start(folder.path(), &[]).await;
    for token in [token, forced.stdout.trim()] {
        let call = reqwest::Client::new()
            .post(format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", serving.url))
            .bearer_auth(token)
            .json(&json!({}));
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["user"]["username"], "ann");
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &["bootstrap", "--username", "Ann"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("username"), "{}", ended.stderr);
}
