//! Reads whose head comes before the access is taken away, and whose body comes long after it.

use roster::{
    domain::scim_token::ClientProfile,
    services::{moment::Moment, scim_token, token},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    app::App,
    storage::{Database, on_both_databases},
    support::system,
};

const WHO: &str = "/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser";
const SEARCH: &str = "/scim/v2/Users/.search";

/// A request of which the head and one byte of the body are sent, once the server has seen them.
async fn begun(app: &App, path: &str, secret: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(app.url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&go_on));
    stream
}

/// Until nothing that is known from before counts any more.
async fn a_while(app: &App) {
    let before = Moment::now();
    while !before.is_stale() {
        app.store().ping().await.unwrap();
    }
}

async fn answer(mut stream: TcpStream, body: &str) -> String {
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn a_read_that_ends_after_its_token_is_refused(database: Database) {
    let app = App::start(database).await;
    let (_, admin) = token::authenticate(&app.services, &app.admin_token).await.unwrap();
    let pushing = app.scim_token(ClientProfile::default()).await;
    let (_, scim) = scim_token::authenticate(&app.services, &pushing).await.unwrap();
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    // as long as the access is there, a slow client is served
    for (path, secret, body) in [(WHO, &app.admin_token, "{}"), (SEARCH, &pushing, search)] {
        let slow = begun(&app, path, secret, body.len()).await;
        a_while(&app).await;
        let answer = answer(slow, body).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
    }
    let (one, other) =
        (begun(&app, WHO, &app.admin_token, 2).await, begun(&app, SEARCH, &pushing, search.len()).await);
    token::delete(&app.services, &system(), admin.id).await.unwrap();
    scim_token::delete(&app.services, &system(), scim.id).await.unwrap();
    a_while(&app).await;
    for answer in [answer(one, "{}").await, answer(other, search).await] {
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    }
}

on_both_databases! {
    a_read_that_ends_after_its_token_is_refused;
}
