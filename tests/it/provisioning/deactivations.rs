//! Deactivations that are refused: the request is not done, and that is told of at once.

use serde_json::{Value, json};

use super::Idp;
use crate::{
    scim::{PATCH, USER},
    storage::Database,
};

crate::storage::on_both_databases! {
    a_refused_deactivation_is_told_of_until_it_is_settled;
    what_is_no_incident_is_not_told_of;
}

fn off_and(operation: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": false }, operation] })
}

/// Who should have been deactivated, by readiness.
async fn pressing(idp: &Idp) -> Vec<String> {
    let warnings = idp.send("GET", "/readiness", Value::Null).await.body["warnings"].clone();
    let refused = |warning: &&Value| warning["code"] == "DEACTIVATION_REFUSED";
    let found = warnings.as_array().unwrap().iter().find(refused).cloned().unwrap_or_default();
    let subjects = found["subjects"].as_array().cloned().unwrap_or_default();
    subjects.iter().map(|subject| subject.as_str().unwrap().to_owned()).collect()
}

async fn a_refused_deactivation_is_told_of_until_it_is_settled(database: Database) {
    let idp = Idp::start(database).await;
    let wrong = json!({ "op": "replace", "path": "emails[value eq \"none\"].display", "value": "x" });
    let broken = json!({ "op": "replace", "path": "title", "value": 5 });
    for (at, refused) in
        [off_and(&wrong), off_and(&broken), json!({ "schemas": [USER], "userName": "", "active": false })]
            .into_iter()
            .enumerate()
    {
        let (name, method) =
            (format!("leaver{at}"), if refused["userName"].is_null() { "PATCH" } else { "PUT" });
        let id = idp.user(&name).await;
        let path = format!("/Users/{id}");
        assert!(pressing(&idp).await.is_empty());
        assert_eq!(idp.send(method, &path, refused.clone()).await.status, 400, "{refused}");
        let told = pressing(&idp).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(&name) && told[0].contains(&id), "{told:?}");
        let warnings = idp.warnings().await;
        assert!(warnings.iter().any(|(kind, subjects)| kind == "DEACTIVATION_REFUSED" && *subjects == told));
        // a request that says nothing of it settles nothing
        let title =
            json!({ "schemas": [PATCH], "Operations": [{ "op": "add", "path": "title", "value": "T" }] });
        assert_eq!(idp.send("PATCH", &path, title).await.status, 200);
        assert_eq!(pressing(&idp).await.len(), 1);
        let active = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": at > 0 }] });
        match at {
            2 => assert_eq!(idp.send("DELETE", &path, Value::Null).await.status, 204),
            _ => assert_eq!(idp.send("PATCH", &path, active).await.status, 200),
        }
        assert!(pressing(&idp).await.is_empty(), "{name}");
    }
    let requests = idp.log(json!({ "failedOnly": true })).await;
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request["deactivationRefused"] == true), "{requests:?}");
}

async fn what_is_no_incident_is_not_told_of(database: Database) {
    let idp = Idp::start(database).await;
    let id = idp.user("ann").await;
    let path = format!("/Users/{id}");
    let broken = json!({ "op": "replace", "path": "title", "value": 5 });
    let other = json!({ "schemas": [PATCH], "Operations": [broken] });
    assert_eq!(idp.send("PATCH", &path, other).await.status, 400);
    let nobody = format!("/Users/{}", "0".repeat(32));
    assert_eq!(idp.send("PATCH", &nobody, off_and(&broken)).await.status, 404);
    let off =
        json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert_eq!(idp.send("PATCH", &path, off).await.status, 200);
    assert_eq!(idp.send("PATCH", &path, off_and(&broken)).await.status, 400);
    assert!(pressing(&idp).await.is_empty(), "nobody is in who should be out");
}
