//! Sorting, paging by index, searches: Q15 to Q18.

use serde_json::json;

use super::{queries::crowd, *};

#[tokio::test]
async fn q15_lists_are_sorted() {
    let client = crowd().await;
    let cases: [(&str, &[&str]); 7] = [
        ("sortBy=userName", &["ann", "Bob", "cat", "dan"]),
        ("sortBy=USERNAME&sortOrder=descending", &["dan", "cat", "Bob", "ann"]),
        ("sortBy=name.familyName", &["cat", "Bob", "ann", "dan"]),
        ("sortBy=name.familyName&sortOrder=descending", &["ann", "dan", "Bob", "cat"]),
        ("sortBy=emails", &["ann", "cat", "Bob", "dan"]),
        ("sortBy=emails.value&sortOrder=ascending", &["ann", "cat", "Bob", "dan"]),
        ("sortBy=meta.created&sortOrder=descending", &["dan", "cat", "Bob", "ann"]),
    ];
    for (query, expected) in cases {
        assert_eq!(client.names(&format!("/Users?{query}")).await, expected, "{query}");
    }
    refused(&client.get("/Users?sortBy=userName&sortOrder=up").await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn q16_q17_pages_are_clamped_and_stable() {
    let client = crowd().await;
    let page = async |query: &str| {
        let body = client.get(&format!("/Users?{query}")).await.body;
        let number = |name: &str| body[name].as_u64().unwrap();
        (names(&body), number("startIndex"), number("itemsPerPage"), number("totalResults"))
    };
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(page("startIndex=1&count=2").await, (owned(&["ann", "Bob"]), 1, 2, 4));
    assert_eq!(page("startIndex=3&count=2").await, (owned(&["cat", "dan"]), 3, 2, 4));
    assert_eq!(page("startIndex=4&count=2").await, (owned(&["dan"]), 4, 1, 4));
    assert_eq!(page("startIndex=5&count=2").await, (Vec::new(), 5, 0, 4));
    assert_eq!(page("startIndex=0&count=1").await, (owned(&["ann"]), 1, 1, 4));
    assert_eq!(page("startIndex=-3&count=1").await, (owned(&["ann"]), 1, 1, 4));
    assert_eq!(page("count=0").await, (Vec::new(), 1, 0, 4));
    assert_eq!(page("count=-1").await, (Vec::new(), 1, 0, 4));
    assert_eq!(page("count=99999999999").await.2, 4);
    for bad in ["count=x", "startIndex=1.5"] {
        refused(&client.get(&format!("/Users?{bad}")).await, 400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn q18_a_search_does_what_a_query_does() {
    let client = crowd().await;
    let search = json!({ "schemas": [SEARCH], "filter": "title pr", "sortBy": "userName", "sortOrder": "descending",
        "startIndex": 2, "count": 1, "attributes": ["userName"] });
    let found = client.post("/Users/.search", search).await;
    let query =
        "filter=title pr&sortBy=userName&sortOrder=descending&startIndex=2&count=1&attributes=userName";
    assert_eq!((found.status, &found.body), (200, &client.get(&format!("/Users?{query}")).await.body));
    assert_eq!(names(&found.body), ["Bob"]);
    refused(
        &client.post("/Users/.search", json!({ "filter": "title pr" })).await,
        400,
        Some("invalidSyntax"),
    );
    refused(
        &client.post("/Users/.search", json!({ "schemas": [SEARCH], "filter": "x" })).await,
        400,
        Some("invalidFilter"),
    );
    refused(&client.get("/Users/.search").await, 405, None);
}
