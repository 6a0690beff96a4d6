//! Requests that run out of time say what became of them: what is said to be undone is not there, what is said to be done is.
//! The deadline falls wherever the machine's speed lets it fall.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use crate::{
    app::App,
    storage::{Database, on_both_databases},
};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Deadlines in milliseconds.
const DEADLINES: [u32; 12] = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 25, 60];
/// How many calls have each of them.
const CALLS: u32 = 12;

/// What a call said: whether it was done, or that nothing was changed.
async fn create(app: &App, name: &str, milliseconds: u32) -> bool {
    let url = format!("{}/buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization", app.url);
    let call = reqwest::Client::new().post(url).bearer_auth(&app.admin_token);
    let call = call.header("connect-timeout-ms", milliseconds).json(&json!({ "name": name }));
    let answer = call.send().await.unwrap();
    if answer.status().is_success() {
        return true;
    }
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "deadline_exceeded", "{body}");
    assert!(body["message"].as_str().unwrap().contains("nothing was changed"), "{body}");
    false
}

async fn a_call_whose_deadline_passes_is_done_or_undone_as_it_says(database: Database) {
    let app = &App::start(database).await;
    let calls = DEADLINES.iter().flat_map(|deadline| (0..CALLS).map(move |n| (*deadline, n)));
    let said = stream::iter(calls).map(|(deadline, n)| async move {
        let name = format!("org-{deadline}-{n}");
        let done = create(app, &name, deadline).await;
        (name, done)
    });
    // several at once, so that some wait for their turn
    let said: Vec<_> = said.buffer_unordered(16).collect().await;
    let mut token = String::new();
    let mut there = BTreeSet::new();
    loop {
        let page = json!({ "pageSize": 100, "pageToken": token });
        let listed = app.call("OrganizationService/ListOrganizations", page).await;
        for organization in listed["organizations"].as_array().into_iter().flatten() {
            there.insert(organization["name"].as_str().unwrap().to_owned());
        }
        token = listed["nextPageToken"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    for (name, done) in said {
        assert_eq!(there.contains(&name), done, "{name}");
    }
}

async fn a_bulk_request_that_runs_out_of_time_tells_what_was_done(database: Database) {
    let again = database.again().await;
    let app = App::start(database).await;
    let token = app.scim_token(ClientProfile::default()).await;
    for milliseconds in DEADLINES {
        let short = App::with_patience(again.again().await, Duration::from_millis(milliseconds.into())).await;
        let name = |n: u32| format!("u{milliseconds}-{n}@example.com");
        let operation = |n: u32| {
            let data = json!({ "schemas": [USER], "userName": name(n) });
            json!({ "method": "POST", "path": "/Users", "bulkId": format!("b{n}"), "data": data })
        };
        let operations: Vec<_> = (0..60).map(operation).collect();
        let body = json!({ "schemas": [BULK], "Operations": operations }).to_string().into_bytes();
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let answer = short.scim(&token, "POST", "/Bulk", &headers, Some(body)).await;
        let statuses: Vec<String> = match answer.status {
            200 => {
                let results = answer.body["Operations"].as_array().unwrap();
                results.iter().map(|result| result["status"].as_str().unwrap().to_owned()).collect()
            }
            503 => {
                assert!(
                    answer.body["detail"].as_str().unwrap().contains("nothing was changed"),
                    "{:?}",
                    answer.body
                );
                vec!["503".to_owned(); 60]
            }
            other => panic!("{other} {:?}", answer.body),
        };
        for (n, status) in (0..60).zip(&statuses) {
            let path = format!("/Users?filter=userName%20eq%20%22{}%22", name(n).replace('@', "%40"));
            let found = app.scim(&token, "GET", &path, &[], None).await.body["totalResults"].as_u64();
            assert_eq!(found, Some(u64::from(status == "201")), "{}: {status}", name(n));
            assert!(["201", "503"].contains(&status.as_str()), "{status}");
        }
        assert_eq!(statuses.len(), 60, "each operation has a result");
    }
}

on_both_databases! {
    a_call_whose_deadline_passes_is_done_or_undone_as_it_says;
    a_bulk_request_that_runs_out_of_time_tells_what_was_done;
}
