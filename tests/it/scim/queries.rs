//! Lists and filters: Q1 to Q14.

use serde_json::json;

use super::*;

/// Four varied users: ann, bob, cat, dan.
pub(super) async fn crowd() -> Client {
    let client = Client::start().await;
    let all = [
        (
            "ann",
            json!({ "title": "Boss", "active": true, "emails": [
            { "value": "ann@work.example", "type": "work", "primary": true }, { "value": "ann@home.example", "type": "home" }] }),
        ),
        (
            "Bob",
            json!({ "title": "clerk", "active": false, "name": { "familyName": "Zander" }, "externalId": "E-2" }),
        ),
        (
            "cat",
            json!({ "nickName": "", "name": { "familyName": "adler" },
            "emails": [{ "value": "cat@home.example", "type": "home" }], ENTERPRISE: { "department": "R & D" } }),
        ),
        ("dan", json!({ "title": "say \"hi\" \\ é", "phoneNumbers": [{ "value": "1" }, { "value": "2" }] })),
    ];
    for (name, attributes) in all {
        client.user(name, attributes).await;
    }
    client
}

async fn found(client: &Client, filter: &str) -> Vec<String> {
    let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let mut names = client.names(&format!("/Users?filter={encoded}")).await;
    names.sort_by_key(|name| name.to_lowercase());
    names
}

async fn expect(cases: &[(&str, &[&str])]) {
    let client = crowd().await;
    for (filter, expected) in cases {
        assert_eq!(found(&client, filter).await, *expected, "{filter}");
    }
}

#[tokio::test]
async fn q1_q2_q3_lists_are_list_responses() {
    let client = crowd().await;
    let list = client.get("/Users?unknown=parameter").await;
    assert_eq!((list.status, &list.body["schemas"]), (200, &json!([LIST])));
    assert_eq!(list.headers["content-type"], "application/scim+json");
    let paging = [&list.body["totalResults"], &list.body["itemsPerPage"], &list.body["startIndex"]];
    assert_eq!(paging, [&json!(4), &json!(4), &json!(1)]);
    let none = client.get(r#"/Users?filter=userName eq "9fd0a5a6-5b0a-4f5c-a09a-7c4a9d9e2f11""#).await;
    assert_eq!((none.status, &none.body["totalResults"]), (200, &json!(0)));
    assert_eq!(client.get("/Groups").await.body["totalResults"], 0);
}

#[tokio::test]
async fn q6_operators_do_what_they_say() {
    expect(&[
        (r#"userName eq "ANN""#, &["ann"]),
        (r#"userName EQ "bob""#, &["Bob"]),
        (r#"userName ne "ann""#, &["Bob", "cat", "dan"]),
        (r#"userName co "A""#, &["ann", "cat", "dan"]),
        (r#"userName sw "b""#, &["Bob"]),
        (r#"userName ew "N""#, &["ann", "dan"]),
        ("title pr", &["ann", "Bob", "dan"]),
        (r#"userName gt "bob""#, &["cat", "dan"]),
        (r#"userName ge "bob""#, &["Bob", "cat", "dan"]),
        (r#"userName lt "bob""#, &["ann"]),
        (r#"userName le "bob""#, &["ann", "Bob"]),
        ("active eq true", &["ann", "cat", "dan"]),
        ("active eq false", &["Bob"]),
        ("active ne true", &["Bob"]),
        (r#"active eq "False""#, &["Bob"]),
        (r#"title ne "boss""#, &["Bob", "cat", "dan"]),
    ])
    .await;
}

#[tokio::test]
async fn q7_grouping_binds_before_not_and_or() {
    expect(&[
        (r#"userName eq "ann" or userName eq "bob" and title eq "boss""#, &["ann"]),
        (r#"(userName eq "ann" or userName eq "bob") and title eq "clerk""#, &["Bob"]),
        (r#"not (userName eq "ann") and title pr"#, &["Bob", "dan"]),
        (r#"NOT (userName eq "ann" AND title pr) OR userName sw "a""#, &["ann", "Bob", "cat", "dan"]),
        ("not(title pr)", &["cat"]),
        (r#"((((userName eq "dan"))))"#, &["dan"]),
    ])
    .await;
}

#[tokio::test]
async fn q8_q13_what_cannot_be_compared_or_read_is_refused() {
    let client = crowd().await;
    let bad = [
        "active gt true",
        "active le false",
        r#"x509Certificates.value gt "a""#,
        r#"active co "t""#,
        "userName",
        "userName eq",
        r#"userName xx "a""#,
        r#"eq "a""#,
        r#"userName eq "a" and"#,
        r#"userName eq "a" or or title pr"#,
        r#"(userName eq "a""#,
        r#"userName eq "a")"#,
        "userName eq a",
        r#"userName eq "a"#,
        "userName eq 'a'",
        "()",
        "not title pr",
        r#"emails[type eq "work""#,
        r#"emails[type eq "work"].value eq"#,
        "userName eq 5",
        r#"emails[phones[a eq "b"]]"#,
        r#"meta.created gt "yesterday""#,
        r#"name eq "x""#,
        "userName gt null",
    ];
    for filter in bad {
        let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = client.get(&format!("/Users?filter={encoded}")).await;
        assert_eq!(answer.status, 400, "{filter}: {}", answer.body);
        refused(&answer, 400, Some("invalidFilter"));
    }
}

#[tokio::test]
async fn q9_any_value_of_a_list_matches() {
    expect(&[
        (r#"emails.value eq "ann@home.example""#, &["ann"]),
        (r#"emails eq "ANN@home.example""#, &["ann"]),
        (r#"emails co "example""#, &["ann", "cat"]),
        (r#"emails[type eq "work"]"#, &["ann"]),
        (r#"emails[type eq "work" and value co "home"]"#, &[]),
        (r#"emails.type eq "work" and emails.value co "home""#, &["ann"]),
        (r#"emails[type eq "home"].value sw "cat""#, &["cat"]),
        (r#"emails[not (type eq "home")]"#, &["ann"]),
        ("emails[primary eq true]", &["ann"]),
        ("emails[type pr]", &["ann", "cat"]),
        ("emails pr", &["ann", "cat"]),
        (r#"phoneNumbers[value eq "2"]"#, &["dan"]),
        (r#"name[familyName eq "zander"]"#, &["Bob"]),
    ])
    .await;
}

#[tokio::test]
async fn q10_values_compare_by_their_type() {
    let client = crowd().await;
    assert_eq!(found(&client, r#"meta.created gt "2011-05-13T04:42:34Z""#).await.len(), 4);
    assert_eq!(found(&client, r#"meta.lastModified lt "2011-05-13T04:42:34+02:00""#).await.len(), 0);
    assert_eq!(found(&client, r#"externalId eq "e-2""#).await.len(), 0);
    let created =
        client.get(r#"/Users?filter=userName eq "ann""#).await.body["Resources"][0]["meta"]["created"]
            .clone();
    let created = created.as_str().unwrap().to_owned();
    assert_eq!(found(&client, &format!(r#"meta.created eq "{created}""#)).await, ["ann"]);
    let elsewhere = format!("{}+00:00", created.trim_end_matches('Z'));
    assert_eq!(found(&client, &format!(r#"meta.created le "{elsewhere}""#)).await, ["ann"]);
}

#[tokio::test]
async fn q11_every_attribute_can_be_asked_for() {
    let client = crowd().await;
    let ann = client.get(r#"/Users?filter=userName eq "ann""#).await.body["Resources"][0].clone();
    let all = ["ann", "Bob", "cat", "dan"].as_slice();
    let text = |place: &str| ann.pointer(place).unwrap().as_str().unwrap().to_owned();
    let cases = [
        (format!(r#"id eq "{}""#, text("/id")), &["ann"][..]),
        (format!(r#"meta.location eq "{}""#, text("/meta/location")), &["ann"]),
        (r#"meta.resourceType eq "User""#.to_owned(), all),
        (r#"meta.resourceType eq "Group""#.to_owned(), &[]),
        (format!(r#"schemas eq "{USER}""#), all),
        (format!(r#"schemas eq "{ENTERPRISE}""#), &["cat"]),
        (format!(r#"{ENTERPRISE}:department eq "r & d""#), &["cat"]),
        (format!("{ENTERPRISE}:department pr"), &["cat"]),
        (format!(r#"{USER}:userName eq "bob""#), &["Bob"]),
        (r#"externalId eq "E-2""#.to_owned(), &["Bob"]),
        (r#"nothing eq "x""#.to_owned(), &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&client, &filter).await, expected, "{filter}");
    }
    let quoted = text("/meta/version").replace('"', "\\\"");
    assert!(found(&client, &format!(r#"meta.version eq "{quoted}""#)).await.contains(&"ann".to_owned()));
}

#[tokio::test]
async fn q12_null_and_empty_are_not_present() {
    expect(&[
        ("nickName pr", &[]),
        ("title eq null", &["cat"]),
        ("title ne null", &["ann", "Bob", "dan"]),
        ("emails eq null", &["Bob", "dan"]),
        ("not (emails pr)", &["Bob", "dan"]),
        (&format!("{ENTERPRISE}:department eq null"), &["ann", "Bob", "dan"]),
    ])
    .await;
}

#[tokio::test]
async fn q14_escapes_are_understood() {
    expect(&[
        (r#"title eq "say \"hi\" \\ \u00e9""#, &["dan"]),
        (r#"title eq "SAY \"hi\" \\ É""#, &["dan"]),
        (r#"title co "\\""#, &["dan"]),
        (r#"title co "%""#, &[]),
        (r#"title co "_""#, &[]),
    ])
    .await;
}

#[tokio::test]
async fn q9_groups_are_found_by_name_and_member() {
    let client = crowd().await;
    let users = client.get("/Users?sortBy=userName").await.body["Resources"].clone();
    client.group("Engineers", &[&users[0], &users[1]]).await;
    client.group("Empty", &[]).await;
    let (ann, cat) = (users[0]["id"].as_str().unwrap(), users[2]["id"].as_str().unwrap());
    let cases = [
        (r#"displayName eq "ENGINEERS""#.to_owned(), &["Engineers"][..]),
        (format!(r#"members eq "{ann}""#), &["Engineers"]),
        (format!(r#"members.value eq "{ann}""#), &["Engineers"]),
        (format!(r#"members[value eq "{ann}"]"#), &["Engineers"]),
        (format!(r#"members.value eq "{cat}""#), &[]),
        (r#"members[type eq "User"]"#.to_owned(), &["Engineers"]),
        ("members pr".to_owned(), &["Engineers"]),
        ("not (members pr)".to_owned(), &["Empty"]),
        (r#"displayName sw "e" and members eq null"#.to_owned(), &["Empty"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(client.names(&format!("/Groups?filter={filter}")).await, expected, "{filter}");
    }
    assert_eq!(
        client.names(r#"/Users?sortBy=userName&filter=groups.display eq "engineers""#).await,
        ["ann", "Bob"]
    );
}
