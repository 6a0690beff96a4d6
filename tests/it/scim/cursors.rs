//! Paging by cursor: Q20, RFC 9865.

use serde_json::json;

use super::*;

async fn crowd() -> Client {
    let client = Client::start().await;
    for name in ["e", "d", "c", "b", "a"] {
        client.user(name, json!({ "title": "T" })).await;
    }
    client.group("G", &[]).await;
    client
}

/// The names on each page, by following the cursors.
async fn pages(client: &Client, path: &str, count: u64) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = client.get(&format!("{path}cursor={cursor}&count={count}")).await.body;
        assert_eq!(body["itemsPerPage"], names(&body).len(), "{body}");
        assert!(body.get("startIndex").is_none() && body.get("previousCursor").is_none());
        pages.push(names(&body));
        match body.get("nextCursor") {
            Some(next) => cursor = next.as_str().unwrap().to_owned(),
            None => return pages,
        }
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)), "{cursor}");
    }
}

#[tokio::test]
async fn q20_cursors_lead_through_the_list() {
    let client = crowd().await;
    let owned = |pages: &[&[&str]]| -> Vec<Vec<String>> {
        pages.iter().map(|page| page.iter().map(|name| (*name).to_owned()).collect()).collect()
    };
    assert_eq!(pages(&client, "/Users?", 2).await, owned(&[&["e", "d"], &["c", "b"], &["a"]]));
    assert_eq!(pages(&client, "/Users?", 5).await, owned(&[&["e", "d", "c", "b", "a"]]));
    assert_eq!(pages(&client, "/Users?sortBy=userName&", 3).await, owned(&[&["a", "b", "c"], &["d", "e"]]));
    assert_eq!(pages(&client, "/Users?filter=userName gt \"b\"&", 2).await, owned(&[&["e", "d"], &["c"]]));
    assert_eq!(pages(&client, "?", 4).await, owned(&[&["e", "d", "c", "b"], &["a", "G"]]));
    assert_eq!(pages(&client, "/Groups?", 1).await, owned(&[&["G"]]));
    assert_eq!(pages(&client, "/Users?filter=title eq \"none\"&", 2).await, owned(&[&[]]));
}

#[tokio::test]
async fn q20_a_page_begins_where_the_last_one_ended_whatever_was_deleted() {
    let client = crowd().await;
    let first = client.get("/Users?cursor=&count=2").await.body;
    client.delete(&path_of(&first["Resources"][0])).await;
    let next = first["nextCursor"].as_str().unwrap();
    assert_eq!(client.names(&format!("/Users?cursor={next}&count=2")).await, ["c", "b"]);
}

#[tokio::test]
async fn q20_a_search_takes_cursors_too() {
    let client = crowd().await;
    let search =
        |cursor: &str| json!({ "schemas": [SEARCH], "filter": "title pr", "cursor": cursor, "count": 3 });
    let first = client.post("/Users/.search", search("")).await.body;
    assert_eq!(
        (names(&first), &first["totalResults"]),
        (vec!["e".to_owned(), "d".into(), "c".into()], &json!(5))
    );
    let second = client.post("/Users/.search", search(first["nextCursor"].as_str().unwrap())).await.body;
    assert_eq!((names(&second), &second["totalResults"]), (vec!["b".to_owned(), "a".into()], &json!(5)));
    assert!(second.get("nextCursor").is_none());
}

#[tokio::test]
async fn q20_cursors_have_errors_of_their_own() {
    let client = crowd().await;
    let next = client.get("/Users?cursor=&count=2").await.body["nextCursor"].as_str().unwrap().to_owned();
    for wrong in [
        "/Users?cursor=abc".to_owned(),
        format!("/Users?cursor={next}x"),
        format!("/Users?cursor={next}&filter=title pr"),
        format!("/Users?cursor={next}&sortBy=title"),
        format!("/Groups?cursor={next}"),
        format!("?cursor={next}"),
    ] {
        refused(&client.get(&wrong).await, 400, Some("invalidCursor"));
    }
    for count in ["0", "-1", "x"] {
        refused(&client.get(&format!("/Users?cursor=&count={count}")).await, 400, Some("invalidCount"));
    }
    let other = client.app.scim_token(ClientProfile::Generic).await;
    let stolen = client.app.scim(&other, "GET", &format!("/Users?cursor={next}"), &[], None).await;
    refused(&stolen, 400, Some("invalidCursor"));
}

#[tokio::test]
async fn q20_the_configuration_announces_both_ways_of_paging() {
    let client = Client::start().await;
    let paging = client.get("/ServiceProviderConfig").await.body["pagination"].clone();
    assert_eq!((&paging["cursor"], &paging["index"]), (&json!(true), &json!(true)));
    assert_eq!(paging["defaultPaginationMethod"], "index");
    for limit in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
        assert!(paging[limit].as_u64().is_some_and(|limit| limit > 0), "{limit}");
    }
}
