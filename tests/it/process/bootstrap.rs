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
    assert!(
        forced.stderr.contains("1 other token of ann still works; --revoke ends it"),
        "{}",
        forced.stderr
    );

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

#[tokio::test]
async fn an_email_is_set_by_force_or_refused_but_never_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let bootstrap =
        async |arguments: &[&str]| run(folder.path(), &[&["bootstrap"], arguments].concat()).await;
    assert_eq!(bootstrap(&["--username", "ann"]).await.code, Some(0));
    let forced = bootstrap(&["--username", "ann", "--force", "--email", "ann@example.com"]).await;
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    // an address is one account's: neither a new one nor one that exists gets it
    assert_eq!(bootstrap(&["--username", "bob", "--force"]).await.code, Some(0));
    for username in ["bob", "carl"] {
        let taken = bootstrap(&["--username", username, "--force", "--email", "ANN@example.com"]).await;
        assert_eq!((taken.code, taken.stdout.as_str()), (Some(1), ""), "{}", taken.stderr);
        assert!(taken.stderr.contains("the email of ann"), "{}", taken.stderr);
    }
    let wrong = bootstrap(&["--username", "ann", "--force", "--email", "nonsense"]).await;
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(1), ""), "{}", wrong.stderr);

    let serving = Serving::start(folder.path(), &[]).await;
    let call = async |path: &str, token: &str, body: Value| {
        let request = reqwest::Client::new().post(format!("{}/{path}", serving.url)).bearer_auth(token);
        request.json(&body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let token = forced.stdout.trim();
    let made = call("buf.alpha.registry.v1alpha1.SCIMTokenService/CreateSCIMToken", token, json!({})).await;
    let user =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ann@example.com" });
    let pushed = call("scim/v2/Users", made["token"].as_str().unwrap(), user).await;
    assert_eq!(pushed["active"], true, "{pushed}");
    let account =
        call("roster.v1.UserService/GetUserAccount", token, json!({ "userRef": { "name": "ann" } })).await;
    assert_eq!(account["userAccount"]["scimId"], pushed["id"], "{account}");
    drop(serving);
    // the identity provider owns it now
    let owned = bootstrap(&["--username", "ann", "--force", "--email", "other@example.com"]).await;
    assert_eq!((owned.code, owned.stdout.as_str()), (Some(1), ""), "{}", owned.stderr);
    assert!(owned.stderr.contains("identity provider"), "{}", owned.stderr);
}

#[tokio::test]
async fn the_tokens_that_still_work_are_told_and_ended_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut secrets = Vec::new();
    for arguments in [&["bootstrap"][..], &["bootstrap", "--force"], &["bootstrap", "--force"]] {
        secrets.push(run(folder.path(), arguments).await.stdout.trim().to_owned());
    }
    assert_eq!(run(folder.path(), &["bootstrap", "--revoke"]).await.code, Some(2), "--revoke needs --force");
    let revoked = run(folder.path(), &["bootstrap", "--force", "--revoke"]).await;
    assert!(revoked.stderr.contains("3 other tokens of admin were ended:"), "{}", revoked.stderr);
    assert_eq!(revoked.stderr.matches("  bootstrap\n").count(), 3, "{}", revoked.stderr);
    let serving = Serving::start(folder.path(), &[]).await;
    let url = format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", serving.url);
    for (secret, status) in
        secrets.iter().map(|secret| (secret.as_str(), 401)).chain([(revoked.stdout.trim(), 200)])
    {
        let call = reqwest::Client::new().post(&url).bearer_auth(secret).json(&json!({}));
        assert_eq!(call.send().await.unwrap().status(), status);
    }
    let alone = run(folder.path(), &["bootstrap", "--username", "ann", "--force"]).await;
    assert_eq!((alone.code, alone.stderr.as_str()), (Some(0), ""), "who has no other token hears of none");
}
