//! What Microsoft Entra sends without its compliance flag: a look-up before each user and each group, then one PATCH for each
//! member.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Session, id_of};

pub(super) async fn user(session: &mut Session, number: usize) -> Result<String> {
    let found = format!("/scim/v2/Users?filter=userName%20eq%20%22user{number}%40example.com%22");
    session.ask("GET", &found, None).await?;
    id_of(&session.ask("POST", "/scim/v2/Users", Some(new_user(number))).await?)
}

fn new_user(number: usize) -> Value {
    let email = format!("user{number}@example.com");
    let name = format!("User Number {number}");
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": guid(0, number),
        "userName": email,
        "active": true,
        "displayName": name,
        "emails": [{ "primary": true, "type": "work", "value": email }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": name, "familyName": format!("Number {number}"), "givenName": "User" },
        "roles": [],
    })
}

pub(super) async fn group(session: &mut Session, number: usize, members: &[String]) -> Result<()> {
    let found = format!(
        "/scim/v2/Groups?excludedAttributes=members&filter=displayName%20eq%20%22Group%20{number}%22"
    );
    session.ask("GET", &found, None).await?;
    let new = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": guid(1, number),
        "displayName": format!("Group {number}"),
        "meta": { "resourceType": "Group" },
    });
    let id = id_of(&session.ask("POST", "/scim/v2/Groups", Some(new)).await?)?;
    session.ask("GET", &found, None).await?;
    let path = format!("/scim/v2/Groups/{id}");
    for member in members {
        let added = json!({ "op": "Add", "path": "members", "value": [{ "value": member }] });
        let message = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [added],
        });
        session.ask("PATCH", &path, Some(message)).await?;
    }
    Ok(())
}

/// An object's id as Entra writes them.
fn guid(kind: usize, number: usize) -> String {
    format!("a1b2c3d4-000{kind}-4000-8000-{number:012x}")
}
