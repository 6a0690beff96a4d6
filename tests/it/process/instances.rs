//! Three instances of the server on one PostgreSQL database: under mixed load, with one of them killed, they keep every
//! invariant, and whoever watches misses nothing.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use roster::{
    domain::{actor::Caller, clock::SystemClock, role::OrganizationRole, scim_token::ClientProfile},
    proto::roster::v1::{
        OrganizationRole as Role, WatchMembershipsRequest, watch_memberships_response::Event,
    },
    services::{Services, bootstrap, membership, organization_group, scim_token},
    storage::{Store, membership::Scope},
};
use serde_json::{Value, json};

use super::Serving;
use crate::{
    storage::Database,
    support::streams::{Protocol, Stream},
};

/// Users that each writer pushes.
const USERS: usize = 12;
const ORGANIZATIONS: usize = 3;

/// Who pushes to one instance.
#[derive(Clone)]
struct Idp {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Idp {
    /// Sends until an answer comes that is no «try again».
    async fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        loop {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = self.http.request(method, format!("{}/scim/v2{path}", self.url));
            let answer = request.bearer_auth(&self.token).json(body).send().await.unwrap();
            let status = answer.status().as_u16();
            if status == 503 {
                continue;
            }
            let text = answer.text().await.unwrap();
            assert!(status < 300, "{path}: {status} {text}");
            return serde_json::from_str(&text).unwrap_or(Value::Null);
        }
    }

    /// A person comes, joins a group, leaves it or not, and is switched off or not.
    async fn work(self, writer: usize, groups: Vec<String>) {
        for n in 0..USERS {
            let user = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": format!("user-{writer}-{n}@example.com"), "active": true,
            });
            let user = self.send("POST", "/Users", &user).await["id"].as_str().unwrap().to_owned();
            for (at, group) in groups.iter().enumerate() {
                self.patch(group, &json!({"op": "add", "path": "members", "value": [{"value": user}]})).await;
                if (n + at) % 2 == 0 {
                    let path = format!("members[value eq \"{user}\"]");
                    self.patch(group, &json!({"op": "remove", "path": path})).await;
                }
            }
            if n % 3 == 0 {
                let off = json!({"op": "replace", "path": "active", "value": false});
                self.send("PATCH", &format!("/Users/{user}"), &patch_of(&off)).await;
            }
        }
    }

    async fn patch(&self, group: &str, operation: &Value) {
        self.send("PATCH", &format!("/Groups/{group}"), &patch_of(operation)).await;
    }
}

fn patch_of(operation: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

type Folded = BTreeMap<(String, String), Role>;

/// Watches at the first instance until it is gone, and then at the second, until everything is told.
async fn follow(urls: [String; 2], token: String, end: Arc<AtomicU64>) -> Folded {
    let (mut folded, mut seen, mut at) = (Folded::new(), None, 0);
    loop {
        let wish =
            WatchMembershipsRequest { snapshot: seen.is_none(), after_revision: seen, ..Default::default() };
        let mut stream = Stream::open(Protocol::Grpc, &urls[at], &token, &wish).await.unwrap();
        loop {
            let Ok(message) = stream.next().await else { break };
            match message.event.unwrap() {
                Event::Snapshot(part) => {
                    for member in part.members {
                        let role = member.role();
                        folded.insert((member.organization_id, member.user_id), role);
                    }
                }
                Event::Change(change) => {
                    let key = (change.organization_id.clone(), change.user_id.clone());
                    assert!(seen.is_none_or(|seen| message.revision > seen), "in order");
                    match change.new_role() {
                        Role::Unspecified => folded.remove(&key),
                        role => folded.insert(key, role),
                    };
                }
                Event::Heartbeat(_) => {}
            }
            if message.revision > 0 {
                seen = Some(message.revision);
            }
            let end = end.load(Ordering::SeqCst);
            if end > 0 && seen.is_some_and(|seen| seen >= end) {
                return folded;
            }
        }
        at = 1;
    }
}

async fn table(store: &Store) -> Folded {
    let roles = roster::storage::membership::roles(store.reader(), Scope::default()).await.unwrap();
    let number = |role| match role {
        OrganizationRole::Member => Role::Member,
        OrganizationRole::Machine => Role::Machine,
        OrganizationRole::Admin => Role::Admin,
        OrganizationRole::Owner => Role::Owner,
    };
    let row = |((organization, user), held): (_, roster::domain::membership::Effective)| {
        let (organization, user): (roster::domain::id::OrganizationId, roster::domain::id::UserId) =
            (organization, user);
        ((organization.to_string(), user.to_string()), number(held.role))
    };
    roles.into_iter().map(row).collect()
}

#[tokio::test]
async fn three_instances_under_load_keep_the_invariants_on_postgres() {
    let database = Database::postgres().await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--database", database.url.as_str(), "--set", "watch.heartbeat=1s"];
    let (a, b, c) = tokio::join!(
        Serving::start(folder.path(), &arguments),
        Serving::start(folder.path(), &arguments),
        Serving::start(folder.path(), &arguments),
    );
    let services = Services::new(database.store.clone(), Arc::new(SystemClock));
    let (admin, secret) = bootstrap::bootstrap(&services, "root", None, true).await.unwrap();
    let actor = roster::domain::actor::Actor::User {
        id: admin.id,
        username: admin.username,
        server_role: admin.server_role,
    };
    let admin = Caller { actor, ..Caller::system("test") };
    let (_, idp) = scim_token::create(&services, &admin, None, ClientProfile::Generic).await.unwrap();
    let idp = |serving: &Serving| Idp {
        http: reqwest::Client::new(),
        url: serving.url.clone(),
        token: idp.reveal().to_owned(),
    };
    let mut groups = Vec::new();
    for n in 0..ORGANIZATIONS {
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": format!("group {n}"),
        });
        groups.push(idp(&a).send("POST", "/Groups", &group).await["id"].as_str().unwrap().to_owned());
        let new = roster::services::organization::NewOrganization {
            name: format!("org-{n}"),
            ..Default::default()
        };
        let made = roster::services::organization::create(&services, &admin, &[new]).await.unwrap();
        let (id, name) = (made[0].id, format!("group {n}"));
        organization_group::add(&services, &admin, id, &name, None).await.unwrap();
    }
    let end = Arc::new(AtomicU64::new(0));
    let urls = [a.url.clone(), b.url.clone()];
    let token = secret.reveal().to_owned();
    let reader = tokio::spawn(follow(urls, token, Arc::clone(&end)));
    // nobody writes to the first instance, which dies in the middle
    let writers: Vec<_> = [&b, &c, &b, &c]
        .into_iter()
        .enumerate()
        .map(|(writer, serving)| tokio::spawn(idp(serving).work(writer, groups.clone())))
        .collect();
    let half = format!("/Users?filter=userName eq \"user-0-{}@example.com\"", USERS / 2);
    while idp(&b).send("GET", &half, &Value::Null).await["totalResults"] == 0 {}
    a.signal("-KILL").await;
    for writer in writers {
        writer.await.unwrap();
    }
    let last = roster::storage::membership::revision(database.store.reader()).await.unwrap();
    // who has everything already finds out with the next heartbeat
    end.store(last, Ordering::SeqCst);
    assert_eq!(reader.await.unwrap(), table(&database.store).await, "the stream folded is the table");
    assert!(membership::check(&services).await.unwrap().is_empty(), "the table is what the facts give");
}
