//! Requests without a token in force: refused before anything of their bodies is read, and counted by their address.

use std::net::SocketAddr;

use roster::{
    domain::scim_token::ClientProfile,
    services::rate_limit::{Rate, Rates},
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::{
    PATIENCE,
    connections::{closed, connect},
};
use crate::{app::App, storage::Database};

const CREATE: &str = "/buf.registry.owner.v1.UserService/CreateUsers";
const WATCH: &str = "/roster.v1.MembershipService/WatchMemberships";

/// What needs a token: method, path, media type, and what an answer to who has none contains.
const CLOSED: [(&str, &str, &str, &str); 19] = [
    ("POST", CREATE, "application/json", "\"code\":\"unauthenticated\""),
    ("POST", CREATE, "application/json\r\ncontent-encoding: gzip", "\"code\":\"unauthenticated\""),
    ("POST", CREATE, "application/proto\r\ncontent-encoding: zstd", "\"code\":\"unauthenticated\""),
    ("POST", CREATE, "application/proto", "\"code\":\"unauthenticated\""),
    ("POST", CREATE, "application/grpc", "grpc-status: 16"),
    ("POST", CREATE, "application/grpc+proto\r\ngrpc-encoding: gzip", "grpc-status: 16"),
    ("POST", CREATE, "application/grpc-web", "grpc-status: 16"),
    ("POST", CREATE, "application/grpc-web-text", "grpc-status: 16"),
    ("POST", WATCH, "application/connect+json", "\"code\":\"unauthenticated\""),
    (
        "POST",
        WATCH,
        "application/connect+proto\r\nconnect-content-encoding: gzip",
        "\"code\":\"unauthenticated\"",
    ),
    ("POST", WATCH, "application/grpc", "grpc-status: 16"),
    ("POST", "/scim/v2/Users", "application/scim+json", "HTTP/1.1 401"),
    ("PUT", "/scim/v2/Users/7", "application/scim+json", "HTTP/1.1 401"),
    ("PATCH", "/scim/v2/Groups/7", "application/scim+json", "HTTP/1.1 401"),
    ("POST", "/scim/v2/Groups", "text/plain", "HTTP/1.1 401"),
    ("POST", "/scim/v2/Bulk", "application/scim+json", "HTTP/1.1 401"),
    ("POST", "/scim/v2/.search", "application/scim+json", "HTTP/1.1 401"),
    ("POST", "/scim/v2/Users/.search", "application/scim+json", "HTTP/1.1 401"),
    ("POST", "/scim/v2/Me", "application/scim+json", "HTTP/1.1 401"),
];

fn address(app: &App) -> SocketAddr {
    app.url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// The head of a request whose body is announced and does not come.
fn head((method, path, media_type): (&str, &str, &str), token: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\n{token}content-type: {media_type}\r\ncontent-length: 100000\r\n\r\n"
    )
}

/// What is answered, as far as it contains `expected`.
async fn answer(stream: &mut TcpStream, expected: &str) -> String {
    let (mut text, mut part) = (String::new(), [0; 4096]);
    while !text.contains(expected) {
        let read = timeout(PATIENCE, stream.read(&mut part)).await;
        let count = read.unwrap_or_else(|_| panic!("no {expected} in time, but {text}")).unwrap();
        assert!(count > 0, "no {expected}, but {text}");
        text.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    text
}

#[tokio::test]
async fn who_has_no_token_is_refused_before_the_body_is_read() {
    let app = App::start(Database::sqlite().await).await;
    for (method, path, media_type, expected) in CLOSED {
        for token in ["", "authorization: Bearer roster_api_nonsense\r\n", "authorization: Basic Og==\r\n"] {
            let head = head((method, path, media_type), token);
            let mut stream = connect(address(&app), head.as_bytes()).await;
            answer(&mut stream, expected).await;
        }
    }
}

/// The message is in the query, where it is not unpacked either.
#[tokio::test]
async fn who_has_no_token_is_refused_before_the_query_is_read() {
    let app = App::start(Database::sqlite().await).await;
    for query in [
        "encoding=json&message={}",
        "encoding=json&message=nonsense",
        "message=nonsense",
        "encoding=x&message=",
    ] {
        let url = format!("{}/buf.registry.owner.v1.UserService/GetUsers?connect=v1&{query}", app.url);
        assert_eq!(reqwest::get(&url).await.unwrap().status(), 401, "{query}");
    }
}

#[tokio::test]
async fn what_is_open_to_all_reads_small_messages_alone() {
    let app = App::start(Database::sqlite().await).await;
    let large = format!(r#"{{"service":"{}"}}"#, "x".repeat(20 << 10));
    let url = format!("{}/grpc.health.v1.Health/Check", app.url);
    let post = reqwest::Client::new().post(url).header("content-type", "application/json").body(large);
    assert_eq!(post.send().await.unwrap().status(), 429);
    let message = [&[0x0a, 0x80, 0xa0, 1][..], &vec![b'x'; 20 << 10]].concat();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let body = [&[0][..], &length, &message].concat();
    for path in ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"] {
        let post = || {
            reqwest::Client::new()
                .post(format!("{}{path}", app.url))
                .header("content-type", "application/grpc")
        };
        assert_eq!(post().body(body.clone()).send().await.unwrap().headers()["grpc-status"], "8", "{path}");
        // nothing is unpacked for who has no token
        let packed = [&[1, 0, 0, 0, 8][..], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0]].concat();
        let answer = post().header("grpc-encoding", "gzip").body(packed).send().await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], "12", "{path}");
    }
}

#[tokio::test]
async fn who_has_no_token_is_counted_by_address_and_locks_nobody_out() {
    let app = App::start(Database::sqlite().await).await;
    let scim = app.scim_token(ClientProfile::Generic).await;
    let two = Some(Rate { per_second: 1, burst: 2 });
    let open = [
        ("POST", "/oauth2/device/registration", "application/json", "HTTP/1.1 429"),
        ("GET", "/scim/v2/Schemas", "application/json", "HTTP/1.1 429"),
        ("GET", "/scim/v2/ServiceProviderConfig", "application/json", "HTTP/1.1 429"),
        ("GET", "/scim/v1", "application/json", "HTTP/1.1 429"),
        ("POST", "/no.such.Service/Method", "application/grpc", "grpc-status: 8"),
        ("POST", "/grpc.health.v1.Health/Watch", "application/grpc", "grpc-status: 8"),
        (
            "POST",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "application/grpc",
            "grpc-status: 8",
        ),
    ];
    let closed_to = CLOSED.map(|(method, path, media_type, refused)| {
        let too_often = match refused {
            "grpc-status: 16" => "grpc-status: 8",
            "HTTP/1.1 401" => "HTTP/1.1 429",
            _ => "\"code\":\"resource_exhausted\"",
        };
        (method, path, media_type, too_often)
    });
    for (method, path, media_type, too_often) in open.into_iter().chain(closed_to) {
        app.services.rate_limits().set(Rates { anonymous: two, ..Rates::default() });
        for _ in 0..2 {
            assert!(app.services.rate_limits().anonymous(Some([127, 0, 0, 1].into())).is_ok());
        }
        let mut stream = connect(address(&app), head((method, path, media_type), "").as_bytes()).await;
        let text = answer(&mut stream, too_often).await;
        assert!(text.contains("retry-after") || too_often.starts_with("\"code"), "{path}: {text}");
        // who is known is served, from the very same address
        assert_eq!(app.scim(&scim, "GET", "/Users", &[], None).await.status, 200, "{path}");
        assert_eq!(app.scim(&scim, "GET", "/Schemas", &[], None).await.status, 200, "{path}");
        app.call("AuthnService/GetCurrentUser", serde_json::json!({})).await;
        // and so are probes
        for path in ["/healthz", "/readyz"] {
            assert_eq!(reqwest::get(format!("{}{path}", app.url)).await.unwrap().status(), 200);
        }
        let check = reqwest::Client::new().post(format!("{}/grpc.health.v1.Health/Check", app.url));
        assert_eq!(check.json(&serde_json::json!({})).send().await.unwrap().status(), 200);
    }
}

/// The body that is thrown away has places of its own; whoever has none is closed on.
#[tokio::test]
async fn few_bodies_are_thrown_away_at_once() {
    let app = App::start(Database::sqlite().await).await;
    let mut sending = Vec::new();
    for _ in 0..200 {
        let head = head(("POST", "/scim/v2/Users", "application/json"), "");
        let mut stream = connect(address(&app), head.as_bytes()).await;
        answer(&mut stream, "HTTP/1.1 401").await;
        sending.push(stream);
    }
    // the last ones found no place
    for stream in sending.iter_mut().skip(100) {
        closed(stream).await;
    }
}
