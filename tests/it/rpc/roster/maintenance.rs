//! The maintenance mode: every change is refused in the words of its protocol, on every instance, and reads go on.

use roster::{
    domain::{
        audit::{
            Action,
            recorded::{AuditQuery, Event},
        },
        page::PageRequest,
        scim_token::ClientProfile,
    },
    proto::buf::alpha::registry::v1alpha1::{CreateUserRequest, GetUserByUsernameRequest},
    services::audit,
};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    app::App,
    scim::{USER, refused},
    storage::{Database, on_both_databases},
    support::{Harness, reason_of, retry_delay_of, system},
};

on_both_databases! {
    changes_wait_and_reads_go_on;
    it_begins_and_ends_as_often_as_one_likes;
}

async fn post_user(app: &App, token: &str) -> crate::app::Answer {
    let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
    let body = json!({ "schemas": [USER], "userName": "ann@example.com" }).to_string();
    app.scim(token, "POST", "/Users", &headers, Some(body.into_bytes())).await
}

async fn status(app: &App) -> (u16, Value) {
    let answer = reqwest::get(format!("{}/-/status", app.url)).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn changes_wait_and_reads_go_on(database: Database) {
    let server = Harness::on(database).await;
    let (app, token) = (&server.app, server.app.scim_token(ClientProfile::Okta).await);
    assert_eq!((status(app).await.0, &status(app).await.1["status"]), (200, &json!("ok")));
    let begun = app.ours("MaintenanceService/BeginMaintenance", json!({ "message": "back at noon" })).await;
    assert_eq!(begun["maintenance"]["actor"]["id"], server.admin.id());

    let answer = post_user(app, &token).await;
    refused(&answer, 503, None);
    assert!(answer.body["detail"].as_str().unwrap().contains("back at noon"), "{}", answer.body);
    assert_eq!(answer.headers["retry-after"], "60");
    assert_eq!(app.scim(&token, "GET", "/Users", &[], None).await.status, 200);

    let users = || server.admin_calls().users();
    let refused = users().create_user(CreateUserRequest { username: "ann".to_owned() }).await.unwrap_err();
    assert_eq!((refused.code(), reason_of(&refused).as_str()), (Code::Unavailable, "MAINTENANCE"));
    assert!(refused.message().contains("back at noon"), "{refused:?}");
    assert_eq!(retry_delay_of(&refused).unwrap().seconds, 60);
    users()
        .get_user_by_username(GetUserByUsernameRequest { username: server.admin.user.username.clone() })
        .await
        .unwrap();

    let device = reqwest::Client::new().post(format!("{}/oauth2/device/registration", app.url));
    assert_eq!(device.json(&json!({ "client_name": "a laptop" })).send().await.unwrap().status(), 503);

    let (code, page) = status(app).await;
    assert_eq!(
        (code, &page["status"], &page["message"]),
        (200, &json!("maintenance"), &json!("back at noon"))
    );
    let ready = reqwest::get(format!("{}/readyz", app.url)).await.unwrap();
    assert_eq!(
        (ready.status().as_u16(), ready.text().await.unwrap().as_str()),
        (200, "ready, in maintenance\n")
    );

    app.ours("MaintenanceService/EndMaintenance", json!({})).await;
    assert_eq!(post_user(app, &token).await.status, 201);
    assert_eq!(status(app).await.1["status"], "ok");
}

async fn it_begins_and_ends_as_often_as_one_likes(database: Database) {
    let server = Harness::on(database).await;
    let app = &server.app;
    let begin = async |message: &str| {
        let begun = app.ours("MaintenanceService/BeginMaintenance", json!({ "message": message })).await;
        begun["maintenance"]["message"].clone()
    };
    let current =
        async || app.ours("MaintenanceService/GetMaintenance", json!({})).await["maintenance"].clone();
    app.ours("MaintenanceService/EndMaintenance", json!({})).await;
    assert_eq!(current().await, Value::Null);
    for message in ["an upgrade", "an upgrade", "it takes longer"] {
        assert_eq!(begin(message).await, message);
        assert_eq!(current().await["message"], message);
    }
    for _ in 0..2 {
        app.ours("MaintenanceService/EndMaintenance", json!({})).await;
        assert_eq!(current().await, Value::Null);
    }
    let page = PageRequest { size: 100, after: None, reverse: false };
    let actions = vec![Action::MaintenanceBegun, Action::MaintenanceEnded];
    let query = AuditQuery { start: None, end: None, actions, page };
    let told = audit::list(&server.services, &system(), &query).await.unwrap().items;
    let told: Vec<_> = told
        .into_iter()
        .filter_map(|entry| if let Event::Fact(fact) = entry.event { Some(fact) } else { None })
        .collect();
    let messages: Vec<_> = told.iter().map(|fact| fact.after.get("message").map(String::as_str)).collect();
    assert_eq!(messages, [Some("an upgrade"), Some("it takes longer"), None]);
}

#[tokio::test]
async fn a_message_is_due() {
    let server = Harness::start().await;
    for message in ["", " ", &"x".repeat(351)] {
        let url = format!("{}/roster.v1.MaintenanceService/BeginMaintenance", server.app.url);
        let request = reqwest::Client::new().post(url).bearer_auth(&server.admin.token);
        let answer = request.json(&json!({ "message": message })).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{message:?}");
    }
}

#[tokio::test]
async fn the_root_and_the_status_page_point_the_way() {
    let server = Harness::start().await;
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{}{path}", server.app.url)).await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (code, root) = get("/").await;
    assert_eq!((code, &root["name"], &root["scim"]), (200, &json!("Roster"), &json!("/scim/v2")));
    let (code, page) = get(root["status"].as_str().unwrap()).await;
    assert_eq!((code, &page["checks"]), (200, &json!({ "server": "ok", "database": "ok" })));
    assert_eq!(page["version"], root["version"]);
}
