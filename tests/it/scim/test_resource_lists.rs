//! `/TestResources` in lists, searches and bulk requests (Q4, Q15, Q17, Q18, Q20, B4, B5).

use serde_json::json;

use super::{
    test_resources::{client, thing},
    *,
};

crate::storage::on_both_databases! {
    lists_searches_cursors_and_bulk_take_them_in;
    sorting_goes_by_the_values;
}

async fn lists_searches_cursors_and_bulk_take_them_in(database: Database) {
    let client = client(database).await;
    client.user("ann", json!({})).await;
    let operations: Vec<_> = (0..5)
        .map(|n| json!({ "method": "POST", "path": "/TestResources", "bulkId": format!("b{n}"),
            "data": thing(json!({ "required": format!("t{n}"), "integerValue": n, "referenceValue": format!("bulkId:b{}", (n + 1) % 5) })) }))
        .collect();
    let bulk =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let answer = client.post("/Bulk", bulk).await.body;
    assert!(answer["Operations"].as_array().unwrap().iter().all(|one| one["status"] == "201"), "{answer}");
    assert_eq!(
        client
            .names("/TestResources?filter=integerValue ge 3&sortBy=integerValue&sortOrder=descending")
            .await,
        ["t4", "t3"]
    );
    let search = json!({ "schemas": [SEARCH], "filter": "integerValue lt 4", "startIndex": 2, "count": 2, "sortBy": "integerValue" });
    let page = client.post("/TestResources/.search", search).await.body;
    assert_eq!((&page["totalResults"], names(&page)), (&json!(4), vec!["t1".to_owned(), "t2".to_owned()]));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/TestResources?count=2&cursor={cursor}")).await.body;
        seen.extend(names(&page));
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["t0", "t1", "t2", "t3", "t4"]);
    let all = client.get("/?filter=id pr").await.body;
    assert_eq!(
        (&all["totalResults"], names(&all)[..2].to_vec()),
        (&json!(6), vec!["ann".to_owned(), "t4".to_owned()])
    );
    let typed = client
        .get("/?filter=meta.resourceType eq \"TestResource\"&startIndex=5&count=3&sortBy=required")
        .await
        .body;
    assert_eq!((&typed["totalResults"], names(&typed)), (&json!(5), vec!["t4".to_owned()]));
}

async fn sorting_goes_by_the_values(database: Database) {
    let client = client(database).await;
    for (name, attributes) in [
        (
            "a",
            json!({ "stringValues": ["m", "a"], "integerValue": 10, "exact": "b", "complexValue": { "integerValues": [3] } }),
        ),
        (
            "b",
            json!({ "stringValues": ["B"], "integerValue": 9, "exact": "B", "complexValues": [{ "value": "x" }, { "value": "a", "primary": true }] }),
        ),
        (
            "c",
            json!({ "integerValue": -1, "complexValues": [{ "value": "k" }, { "value": "l" }], "complexValue": { "integerValues": [20, 1] } }),
        ),
    ] {
        let mut attributes = attributes;
        attributes["required"] = name.into();
        client.thing(attributes).await;
    }
    for (by, order) in [
        ("integerValue", "cba"),
        ("stringValues", "bac"),
        ("exact", "bac"),
        ("complexValues", "bca"),
        ("complexValue.integerValues", "acb"),
        ("never", "abc"),
        ("nothing", "abc"),
    ] {
        let sorted = client.names(&format!("/TestResources?sortBy={by}")).await.concat();
        assert_eq!(sorted, order, "{by}");
    }
}
