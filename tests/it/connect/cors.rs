//! Cross-origin calls, as a browser makes them.

use roster::server::cors::Cors;
use roster::server::listen::Limits;

use super::harness::{Answer, Raw, Server, path};

const STUDIO: &str = "https://buf.build";

fn preflight(origin: &str) -> Raw {
    Raw::new("OPTIONS", path("Echo"))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,connect-protocol-version,content-type,x-typed-by-hand",
        )
}

async fn ask(origins: &[&str], credentials: bool, request: &Raw) -> Answer {
    let cors = Cors::new(origins.iter().copied(), credentials).unwrap();
    Server::start_with(cors, Limits::default()).await.send(request).await
}

fn listed(answer: &Answer, header: &str) -> Vec<String> {
    let text = answer.header(header).unwrap_or_default();
    text.split(',').map(|item| item.trim().to_ascii_lowercase()).filter(|item| !item.is_empty()).collect()
}

#[tokio::test]
async fn a_preflight_from_a_listed_origin_is_allowed() {
    let answer = ask(&[STUDIO], true, &preflight(STUDIO)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(STUDIO));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.header("access-control-max-age"), Some("7200"));
    assert_eq!(listed(&answer, "access-control-allow-methods"), ["get", "post"]);
    let headers = listed(&answer, "access-control-allow-headers");
    assert_eq!(headers, ["authorization", "connect-protocol-version", "content-type", "x-typed-by-hand"]);
    assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
}

#[tokio::test]
async fn a_preflight_from_elsewhere_names_no_origin() {
    for origins in [&[STUDIO] as &[&str], &[]] {
        let answer = ask(origins, false, &preflight("https://evil.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn any_origin_is_a_star_without_credentials() {
    let answer = ask(&["*"], false, &preflight("https://anyone.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn a_page_may_read_the_status_and_our_headers() {
    let call = Raw::json("Fail", r#"{"code":5}"#).header("origin", STUDIO);
    let answer = ask(&[STUDIO], false, &call).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (404, Some(STUDIO)));
    let exposed = listed(&answer, "access-control-expose-headers");
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin", "buf-warning-bin", "retry-after"] {
        assert!(exposed.contains(&name.to_owned()), "{name}");
        assert!(exposed.contains(&format!("trailer-{name}")), "trailer-{name}");
    }
}

#[tokio::test]
async fn plain_routes_are_no_business_of_other_origins() {
    let answer = ask(&[STUDIO], false, &Raw::new("GET", "/healthz").header("origin", STUDIO)).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}
