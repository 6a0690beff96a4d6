//! What Okta sends for an app of its catalogue: a look-up before each user, then each group by PATCH, members by the hundred.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Session, id_of};

/// Members of one PATCH: Okta sends up to so many (seen in ory/polis#4080).
const MEMBERS: usize = 256;

pub(super) async fn user(session: &mut Session, number: usize) -> Result<String> {
    let name = format!("user{number}%40example.com");
    let found = format!("/scim/v2/Users?filter=userName%20eq%20%22{name}%22&startIndex=1&count=100");
    session.ask("GET", &found, None).await?;
    id_of(&session.ask("POST", "/scim/v2/Users", Some(new_user(number))).await?)
}

fn new_user(number: usize) -> Value {
    let email = format!("user{number}@example.com");
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": email,
        "name": { "givenName": "User", "familyName": format!("Number {number}") },
        "emails": [{ "primary": true, "value": email, "type": "work" }],
        "displayName": format!("User Number {number}"),
        "locale": "en-US",
        "externalId": format!("00u{number:017}"),
        "groups": [],
        "active": true,
        "password": "x7#Rk2!qLw9",
    })
}

pub(super) async fn group(session: &mut Session, number: usize, members: &[String]) -> Result<()> {
    let name = format!("Group {number}");
    let found =
        format!("/scim/v2/Groups?filter=displayName%20eq%20%22Group%20{number}%22&startIndex=1&count=100");
    session.ask("GET", &found, None).await?;
    let new = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": [],
    });
    let id = id_of(&session.ask("POST", "/scim/v2/Groups", Some(new)).await?)?;
    let path = format!("/scim/v2/Groups/{id}");
    session.ask("GET", &path, None).await?;
    // before its members, the name once more
    let named = json!({ "op": "replace", "value": { "id": id, "displayName": name } });
    session.ask("PATCH", &path, Some(patch(&named))).await?;
    for part in members.chunks(MEMBERS) {
        let value = part.iter().map(|member| json!({ "value": member, "display": member }));
        let added = json!({ "op": "add", "path": "members", "value": value.collect::<Vec<_>>() });
        session.ask("PATCH", &path, Some(patch(&added))).await?;
    }
    Ok(())
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}
