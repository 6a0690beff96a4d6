//! Queries over all resource types: Q4.

use serde_json::json;

use super::*;

async fn crowd() -> Client {
    let client = Client::start().await;
    for name in ["ann", "bob", "cat"] {
        client.user(name, json!({})).await;
    }
    client.group("Ann's", &[]).await;
    client.group("Zoo", &[]).await;
    client
}

#[tokio::test]
async fn q4_the_root_lists_every_type() {
    let client = crowd().await;
    for path in ["", "/", "?filter=id pr"] {
        assert_eq!(client.names(path).await, ["ann", "bob", "cat", "Ann's", "Zoo"], "{path:?}");
    }
    assert_eq!(client.names(r#"?filter=meta.resourceType eq "Group""#).await, ["Ann's", "Zoo"]);
    assert_eq!(client.names(r#"?filter=meta.resourceType eq "User" and userName sw "b""#).await, ["bob"]);
    assert_eq!(client.names(r#"?filter=userName eq "cat" or displayName eq "zoo""#).await, ["cat", "Zoo"]);
    assert_eq!(client.names(&format!(r#"?filter=schemas eq "{GROUP}""#)).await, ["Ann's", "Zoo"]);
    refused(&client.get("?filter=x").await, 400, Some("invalidFilter"));
    refused(&client.post("", json!({})).await, 405, None);
    refused(&client.delete("/").await, 405, None);
}

#[tokio::test]
async fn q4_q18_a_search_pages_over_all_types() {
    let client = crowd().await;
    let page = async |start: u64, count: u64| {
        let body = json!({ "schemas": [SEARCH], "startIndex": start, "count": count, "attributes": ["userName", "displayName"] });
        let body = client.post("/.search", body).await.body;
        assert_eq!((&body["totalResults"], &body["startIndex"]), (&json!(5), &json!(start)));
        assert_eq!(body["itemsPerPage"], names(&body).len());
        names(&body)
    };
    assert_eq!(page(1, 2).await, ["ann", "bob"]);
    assert_eq!(page(3, 2).await, ["cat", "Ann's"]);
    assert_eq!(page(5, 2).await, ["Zoo"]);
    assert!(page(6, 2).await.is_empty() && page(1, 0).await.is_empty());
    refused(&client.post("/.search", json!({ "filter": "id pr" })).await, 400, Some("invalidSyntax"));
    refused(&client.get("/.search").await, 405, None);
}

#[tokio::test]
async fn p8_the_root_needs_a_token() {
    let client = crowd().await;
    for path in ["/scim/v2", "/scim/v2/"] {
        assert_eq!(reqwest::get(format!("{}{path}", client.app.url)).await.unwrap().status(), 401, "{path}");
    }
}
