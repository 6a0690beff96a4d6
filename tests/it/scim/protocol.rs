//! The protocol: media types, errors, bad input: P1 to P12.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

#[tokio::test]
async fn p1_both_media_types_are_taken_and_one_is_given() {
    let client = Client::start().await;
    let types = [
        "application/scim+json",
        "application/json",
        "application/scim+json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ];
    for (at, media_type) in types.into_iter().enumerate() {
        let body = user(&format!("u{at}"), json!({})).to_string().into_bytes();
        let made = client.raw("POST", "/Users", &[("content-type", media_type)], Some(body)).await;
        assert_eq!(made.status, 201, "{media_type}: {}", made.body);
        assert_eq!(made.headers["content-type"], "application/scim+json");
    }
    for accept in ["application/scim+json", "application/json", "*/*", "text/html"] {
        let read = client.raw("GET", "/Users", &[("accept", accept)], None).await;
        assert_eq!(
            (read.status, read.headers["content-type"].to_str().unwrap()),
            (200, "application/scim+json")
        );
    }
    for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json"] {
        let body = user("x", json!({})).to_string().into_bytes();
        refused(&client.raw("POST", "/Users", &[("content-type", media_type)], Some(body)).await, 415, None);
    }
}

#[tokio::test]
async fn p2_p3_p4_nothing_under_scim_answers_otherwise() {
    let client = Client::start().await;
    for path in ["/Nothing", "/users", "/Users/a/b", "/Users/a/b/", "//Nothing", "/Bulk/x"] {
        refused(&client.get(path).await, 404, None);
    }
    let not_allowed = [
        ("DELETE", "/Users"),
        ("PUT", "/Groups"),
        ("PATCH", "/Users"),
        ("POST", "/Users/x"),
        ("GET", "/Bulk"),
    ];
    for (method, path) in not_allowed {
        let answer = client.send(method, path, json!({})).await;
        refused(&answer, 405, None);
        assert!(!answer.headers["allow"].is_empty(), "{method} {path}");
    }
    refused(&client.send("BREW", "/Users", json!({})).await, 405, None);
}

#[tokio::test]
async fn p4_a_token_is_needed_and_asked_for() {
    let client = Client::start().await;
    let http = reqwest::Client::new();
    let url = |path: &str| format!("{}/scim/v2{path}", client.app.url);
    let basic = ["Basic YTpi", "Bearer", "Bearer ", "Bearer nonsense", "bearer x y", "Token x"];
    for path in ["/Users", "/Groups/x", "/Me", "/readiness"] {
        let mut requests = vec![http.get(url(path))];
        requests.extend(basic.iter().map(|header| http.get(url(path)).header("authorization", *header)));
        for request in requests {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{path}");
            assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
            let body: Value = answer.json().await.unwrap();
            assert_eq!((&body["schemas"], &body["status"]), (&json!([ERROR]), &json!("401")));
        }
    }
    let admin = http.get(url("/Users")).bearer_auth(&client.app.admin_token).send().await.unwrap();
    assert_eq!(admin.status(), 401, "an API token opens nothing here");
}

/// What people paste into Okta's field "HTTP Header": the token, or the whole value of the header.
#[tokio::test]
async fn a_token_is_known_alone_and_behind_one_scheme_or_two() {
    let client = Client::start().await;
    let (token, api) = (client.token.clone(), client.app.admin_token.clone());
    let forms = [
        ("#", 200),
        (" # ", 200),
        ("Bearer #", 200),
        ("bearer #", 200),
        ("BEARER   #  ", 200),
        ("Bearer\t#", 200),
        ("Bearer Bearer #", 200),
        ("bearer BEARER  #", 200),
        ("Bearer Bearer Bearer #", 401),
        ("Basic #", 401),
        ("Bearer Basic #", 401),
        ("Token #", 401),
        ("# #", 401),
        ("Bearer # #", 401),
        ("Bearer: #", 401),
        ("Bearer", 401),
    ];
    for (form, status) in forms {
        for (secret, is_scim) in [(&token, true), (&api, false)] {
            let url = format!("{}/scim/v2/Users", client.app.url);
            let request = reqwest::Client::new().get(url).header("authorization", form.replace('#', secret));
            let expected = if is_scim { status } else { 401 };
            assert_eq!(request.send().await.unwrap().status(), expected, "{form}");
        }
    }
}

/// What comes back for a request line, byte by byte.
async fn raw(client: &Client, line: &str) -> String {
    let address = client.app.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request =
        format!("{line}\r\nhost: a\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n", client.token);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = String::new();
    stream.read_to_string(&mut read).await.unwrap();
    read
}

#[tokio::test]
async fn a_raw_blank_or_quote_in_a_url_is_refused_in_words() {
    let client = Client::start().await;
    for target in [
        "/scim/v2/Users?filter=userName eq \"ann\"",
        "/scim/v2/Users?filter=userName%20eq%20\"ann\"",
        "/scim/v2/Users/a b",
        "/scim/v2/Users?filter=a<b>",
        "//scim/v2/Users?filter=userName eq 1",
    ] {
        let answer = raw(&client, &format!("GET {target} HTTP/1.1")).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 400 ") && head.contains("content-type: application/scim+json"),
            "{answer}"
        );
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["schemas"], &body["status"]), (&json!([ERROR]), &json!("400")), "{target}");
        assert!(body["detail"].as_str().unwrap().contains("percent-encoded"), "{body}");
    }
    let elsewhere = raw(&client, "GET /healthz?a b HTTP/1.1").await;
    assert!(elsewhere.starts_with("HTTP/1.1 400 ") && elsewhere.contains("text/plain"), "{elsewhere}");
}

#[tokio::test]
async fn slashes_before_the_base_are_none() {
    let client = Client::start().await;
    for target in ["//scim/v2/Users", "///scim//v2/Users/", "//scim/v2/Users?filter=id%20pr"] {
        let answer = raw(&client, &format!("GET {target} HTTP/1.1")).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("totalResults"), "{target}: {answer}");
    }
    for target in ["//scimx/v2/Users", "//healthz"] {
        assert!(
            raw(&client, &format!("GET {target} HTTP/1.1")).await.starts_with("HTTP/1.1 404 "),
            "{target}"
        );
    }
}

#[tokio::test]
async fn p5_me_is_not_implemented() {
    let client = Client::start().await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        refused(&client.send(method, "/Me", json!({})).await, 501, None);
    }
}

#[tokio::test]
async fn p6_another_version_is_refused() {
    let client = Client::start().await;
    for path in ["/scim/v1/Users", "/scim/v3/Users", "/scim/Users", "/scim", "/scim/v1"] {
        let answer = reqwest::get(format!("{}{path}", client.app.url)).await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/scim+json");
    }
}

async fn sent(client: &Client, body: impl Into<Vec<u8>>) -> Answer {
    client.raw("POST", "/Users", &[("content-type", "application/scim+json")], Some(body.into())).await
}

#[tokio::test]
async fn p12_bad_input_is_the_clients_mistake() {
    let client = Client::start().await;
    let head = format!(r#"{{"schemas":["{USER}"],"userName":"a""#);
    let with = |rest: &str| format!("{head}{rest}}}");
    let deep = with(&format!(r#","title":{}1{}"#, "[".repeat(10_000), "]".repeat(10_000)));
    let bodies: [(Vec<u8>, &str); 8] = [
        (b"{\"schemas\":[\"\xff\"]}".to_vec(), "invalidSyntax"),
        (with(r#","userName":"b""#).into_bytes(), "invalidSyntax"),
        (with(r#","USERNAME":"b""#).into_bytes(), "invalidSyntax"),
        (deep.into_bytes(), "invalidSyntax"),
        (with(r#","title":"a\u0000b""#).into_bytes(), "invalidValue"),
        (with(",\"title\":\"a\0b\"").into_bytes(), "invalidSyntax"),
        (with(r#","title":"\ud800""#).into_bytes(), "invalidSyntax"),
        (with(r#","title":1e999"#).into_bytes(), "invalidSyntax"),
    ];
    for (body, scim_type) in bodies {
        refused(&sent(&client, body).await, 400, Some(scim_type));
    }
}

#[tokio::test]
async fn p12_too_much_is_refused_by_size() {
    let client = Client::start().await;
    refused(&sent(&client, vec![b' '; (16 << 20) + 1]).await, 413, None);
    let long = "x".repeat(300);
    refused(&client.post("/Users", user(&long, json!({}))).await, 400, Some("invalidValue"));
    let search = |filter: String| json!({ "schemas": [SEARCH], "filter": filter });
    let filters = [
        format!(r#"userName eq "{}""#, "x".repeat(100_000)),
        vec!["title pr"; 10_000].join(" or "),
        format!("{}title pr{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}(title pr){}", "not (".repeat(5_000), ")".repeat(5_000)),
    ];
    for filter in filters {
        refused(&client.post("/Users/.search", search(filter)).await, 400, Some("invalidFilter"));
    }
}

#[tokio::test]
async fn p12_bad_query_strings_are_the_clients_mistake() {
    let client = Client::start().await;
    for query in ["filter=userName%20eq%20%22%00%22", "filter=userName%20eq%20%22%ff%22"] {
        let answer = client.get(&format!("/Users?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
    }
    let made = client.user("a", json!({})).await;
    let many = vec![json!({ "op": "add", "path": "title", "value": "x" }); 1_000];
    let answer = client.patch(&path_of(&made), json!(many)).await;
    assert!([200, 413].contains(&answer.status), "{}", answer.body);
}

#[tokio::test]
async fn p12_odd_headers_break_nothing() {
    let client = Client::start().await;
    let made = client.user("a", json!({})).await;
    for tag in ["", "\"", "W/", ",,,", "not a tag"] {
        let answer = client.raw("GET", &path_of(&made), &[("if-none-match", tag)], None).await;
        assert_eq!(answer.status, 200, "{tag:?}");
    }
}
