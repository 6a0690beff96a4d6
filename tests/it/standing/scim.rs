//! Every write of SCIM, by a token that is deleted, paused or at its end between authentication and transaction, or
//! at the begin of maintenance.

use std::time::Duration;

use roster::{
    domain::{
        id::ScimTokenId,
        scim_token::{ClientProfile, NewScimToken},
    },
    services::{Services, maintenance, provisioning::pause, scim_token},
};
use serde_json::{Value, json};

use super::Between;
use crate::{
    app::{Answer, App},
    scim::test_resources::thing,
    storage::{Database, on_both_databases},
    support::{manual_clock, system},
};

/// How a token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Deleted,
    Expired,
    Paused,
    AllPaused,
    Maintenance,
}

const ENDS: [End; 5] = [End::Deleted, End::Expired, End::Paused, End::AllPaused, End::Maintenance];

const LIFETIME: Duration = Duration::from_mins(1);
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const TEST: &str = "/TestResources";

impl End {
    fn status(self) -> u16 {
        match self {
            Self::Deleted | Self::Expired => 401,
            Self::Paused | Self::AllPaused => 403,
            Self::Maintenance => 503,
        }
    }

    async fn take(self, services: &Services, token: ScimTokenId) {
        let by = system();
        match self {
            Self::Deleted => scim_token::delete(services, &by, token).await.unwrap(),
            // the clock moves
            Self::Expired => {}
            Self::Paused => {
                pause::pause(services, &by, Some(token), "test").await.unwrap();
            }
            Self::AllPaused => {
                pause::pause(services, &by, None, "test").await.unwrap();
            }
            Self::Maintenance => {
                maintenance::begin(services, &by, "test").await.unwrap();
            }
        }
    }
}

/// What a client writes; `{user}`, `{group}` and `{test}` are there.
fn writes(test: &Value) -> Vec<(&'static str, &'static str, Value)> {
    let patch = |operation: Value| json!({ "schemas": [PATCH_OP], "Operations": [operation] });
    let off = patch(json!({ "op": "replace", "value": { "active": false } }));
    let user =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@example.com" });
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "new" });
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": "{user}" }] });
    let operation = |method: &str, path: &str, data: &Value| json!({ "method": method, "path": path, "bulkId": path, "data": data });
    let bulk = |operations: Value| json!({ "schemas": [BULK], "Operations": operations });
    vec![
        ("POST", "/Users", user.clone()),
        ("PUT", "/Users/{user}", user.clone()),
        ("PATCH", "/Users/{user}", off.clone()),
        ("DELETE", "/Users/{user}", Value::Null),
        ("POST", "/Groups", group.clone()),
        ("PUT", "/Groups/{group}", group.clone()),
        ("PATCH", "/Groups/{group}", patch(add)),
        ("DELETE", "/Groups/{group}", Value::Null),
        ("POST", TEST, test.clone()),
        ("PUT", "/TestResources/{test}", test.clone()),
        ("DELETE", "/TestResources/{test}", Value::Null),
        ("POST", "/Bulk", bulk(json!([operation("POST", "/Users", &user)]))),
        (
            "POST",
            "/Bulk",
            bulk(json!([operation("PATCH", "/Users/{user}", &off), operation("POST", "/Groups", &group)])),
        ),
    ]
}

/// A server with what is written to.
struct World {
    app: App,
    round: u32,
}

impl World {
    async fn send(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        self.app.scim(token, method, path, &headers, body).await
    }

    /// A user, a group and a test resource, which nobody else has.
    async fn furnish(&mut self) -> [(&'static str, String); 3] {
        self.round += 1;
        let round = self.round;
        let token = &self.app.scim_token(ClientProfile::default()).await;
        let made = async |path: &str, body: Value| {
            let answer = self.send(token, "POST", path, &body).await;
            assert_eq!(answer.status, 201, "{path} {:?}", answer.body);
            answer.body["id"].as_str().unwrap().to_owned()
        };
        let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{round}@example.com") });
        let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": format!("g{round}") });
        [
            ("{user}", made("/Users", user).await),
            ("{group}", made("/Groups", group).await),
            ("{test}", made(TEST, thing(json!({ "integerValue": round }))).await),
        ]
    }
}

fn filled(text: &str, names: &[(&'static str, String)]) -> String {
    names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
}

/// The status of an answer; of a bulk, that of each operation, which must be one.
fn status(answer: &Answer) -> u16 {
    let Some(operations) = answer.body["Operations"].as_array() else { return answer.status };
    let statuses: Vec<_> = operations.iter().map(|operation| operation["status"].as_str().unwrap()).collect();
    assert!(statuses.iter().all(|status| *status == statuses[0]), "{statuses:?}");
    statuses[0].parse().unwrap()
}

async fn no_push_writes_after_the_token_is_gone(database: Database) {
    let (between, clock) = (Between::default(), manual_clock());
    let store = database.store.clone();
    let other = Services::new(store.clone(), clock.clone());
    let mut world = World { app: App::between(database, clock.clone(), between.interlude()).await, round: 0 };
    let test = thing(json!({ "integerValue": 0 }));
    for (method, path, body) in writes(&test) {
        for end in ENDS {
            let names = world.furnish().await;
            let new =
                NewScimToken { expire_time: Some(other.now().plus(LIFETIME)), ..NewScimToken::default() };
            let (token, secret) = scim_token::create_described(&other, &system(), new).await.unwrap();
            let (services, clock) = (other.clone(), clock.clone());
            let afterwards = between.put(&store, move || async move {
                end.take(&services, token.id).await;
                if end == End::Expired {
                    clock.advance(LIFETIME + Duration::from_secs(1));
                }
            });
            let (path, body) = (filled(path, &names), filled(&body.to_string(), &names));
            let body = serde_json::from_str(&body).unwrap();
            let answer = world.send(secret.reveal(), method, &path, &body).await;
            let what = format!("{method} {path} {end:?}: {:?}", answer.body);
            assert_eq!(status(&answer), end.status(), "{what}");
            assert!(afterwards.nothing_came(&store).await, "{what}");
            if end == End::AllPaused {
                pause::resume(&other, &system(), None).await.unwrap();
            }
            maintenance::end(&other, &system()).await.unwrap();
        }
    }
}

on_both_databases! {
    no_push_writes_after_the_token_is_gone;
}
