//! A clean stop in the midst of traffic: what was answered is in the provisioning log.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Serving, serve::dev_token};

/// Clients that push at once.
const CLIENTS: usize = 8;
/// Answers after which the server is told to stop.
const ENOUGH: usize = 60;

/// Pushes users until the server takes no more: the request ids of what was answered, whatever the answer was.
async fn push(users: String, token: String, client: usize, answered: Arc<AtomicUsize>) -> BTreeSet<String> {
    let http = reqwest::Client::new();
    let mut ids = BTreeSet::new();
    for n in 0.. {
        let name = format!("user{n}-{client}@example.com");
        let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        let Ok(answer) = http.post(&users).bearer_auth(&token).json(&user).send().await else { break };
        ids.insert(answer.headers()["x-request-id"].to_str().unwrap().to_owned());
        answered.fetch_add(1, Ordering::Relaxed);
    }
    ids
}

async fn call(serving: &Serving, method: &str, token: &str, body: Value) -> Value {
    let url = format!("{}/{method}", serving.url);
    let answer = reqwest::Client::new().post(url).bearer_auth(token).json(&body).send().await.unwrap();
    answer.json().await.unwrap()
}

/// The request ids in the provisioning log, and how many requests it says are missing.
async fn logged(serving: &Serving, token: &str) -> (BTreeSet<String>, u64) {
    let (mut ids, mut lost, mut page_token) = (BTreeSet::new(), 0, String::new());
    loop {
        let asked = json!({ "pageSize": 250, "pageToken": page_token });
        let page =
            call(serving, "roster.v1.ProvisioningService/ListProvisioningRequests", token, asked).await;
        for request in page["requests"].as_array().unwrap() {
            ids.insert(request["requestId"].as_str().unwrap().to_owned());
            lost += request["lostBefore"].as_str().map_or(0, |lost| lost.parse::<u64>().unwrap());
        }
        page_token = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
        if page_token.is_empty() {
            return (ids, lost);
        }
    }
}

#[tokio::test]
async fn what_was_answered_is_in_the_log_after_a_stop_amid_pushes() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    let token = dev_token(&mut serving).await;
    let made =
        call(&serving, "buf.alpha.registry.v1alpha1.SCIMTokenService/CreateSCIMToken", &token, json!({}));
    let scim_token = made.await["token"].as_str().unwrap().to_owned();
    let (answered, mut clients) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    let users = format!("{}/scim/v2/Users", serving.url);
    for client in 0..CLIENTS {
        clients.spawn(push(users.clone(), scim_token.clone(), client, Arc::clone(&answered)));
    }
    while answered.load(Ordering::Relaxed) < ENOUGH {
        tokio::task::yield_now().await;
    }
    serving.signal("-TERM").await;
    let ids: BTreeSet<_> = clients.join_all().await.into_iter().flatten().collect();
    let (code, _, stderr) = serving.end().await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(ids.len() >= ENOUGH);

    let again = Serving::start(folder.path(), &[]).await;
    let (logged, lost) = logged(&again, &token).await;
    let missing: Vec<_> = ids.difference(&logged).collect();
    assert!(missing.is_empty(), "{} of {} answers are not in the log: {missing:?}", missing.len(), ids.len());
    assert_eq!(lost, 0);
}
