//! Callers who write in a loop while their access is taken away, on one instance and on two: what they wrote is there when
//! the removal is answered, and nothing is added to it afterwards.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures::future::join_all;
use roster::{
    domain::{
        page::PageRequest,
        role::{OrganizationRole, ServerRole},
        user::{UserState, UserType},
    },
    services::{organization_group, scim_token, token, user},
    storage,
};
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinHandle};

use super::written;
use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person, system},
};

/// How many connections of the caller loop.
const LOOPS: usize = 12;
/// How many requests the caller has sent before the access is taken away.
const BEFORE: usize = 40;

/// Requests of one caller, again and again.
struct Looping {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Looping {
    /// Begins, and returns when some were sent.
    async fn begin(urls: &[String], token: &str, requests: &[(&'static str, Value)]) -> Self {
        let (stop, sent, enough) =
            (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default(), Arc::new(Notify::new()));
        let tasks = (0..LOOPS).map(|n| {
            let (stop, sent, enough) = (Arc::clone(&stop), Arc::clone(&sent), Arc::clone(&enough));
            let (base, token) = (urls[n % urls.len()].clone(), token.to_owned());
            let (path, body) = requests[n % requests.len()].clone();
            tokio::spawn(async move {
                let http = reqwest::Client::new();
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let body = body.to_string().replace("$free", &format!("free-{n}-{round}"));
                    let request = http.post(format!("{base}{path}")).bearer_auth(&token);
                    let sending = request.header("content-type", "application/json").body(body).send();
                    drop(sending.await.unwrap().bytes().await);
                    if sent.fetch_add(1, Ordering::Relaxed) + 1 == BEFORE {
                        enough.notify_one();
                    }
                }
            })
        });
        let looping = Self { stop: Arc::clone(&stop), tasks: tasks.collect() };
        enough.notified().await;
        looping
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for done in join_all(self.tasks).await {
            done.unwrap();
        }
    }
}

/// A server and, on PostgreSQL, another one on the same database.
struct World {
    server: Harness,
    other: Option<Harness>,
}

impl World {
    async fn new(database: Database) -> Self {
        let again = if database.url.starts_with("postgres") { Some(database.again().await) } else { None };
        let server = Harness::on(database).await;
        for_changes(&server);
        let other = match again {
            Some(database) => Some(server.beside(database).await),
            None => None,
        };
        other.iter().for_each(for_changes);
        Self { server, other }
    }

    fn urls(&self) -> Vec<String> {
        [Some(&self.server), self.other.as_ref()]
            .into_iter()
            .flatten()
            .map(|one| one.app.url.clone())
            .collect()
    }

    async fn state(&self, person: &Person) -> (UserState, ServerRole, u64) {
        let db = self.server.app.store().reader();
        let user = storage::user::find(db, person.user.id).await.unwrap().unwrap();
        let page = PageRequest::new(250, "", false).unwrap();
        let tokens = storage::token::list(db, user.id, &page).await.unwrap().items.len();
        (user.state, user.server_role, tokens as u64)
    }

    async fn admin(&self, name: &str) -> Person {
        self.server.account(name, UserType::Personal, ServerRole::Admin).await
    }
}

/// Caches are used as in a server.
fn for_changes(server: &Harness) {
    tokio::spawn(server.services.clone().look_for_changes());
}

fn attempts(person: &Person) -> Vec<(&'static str, Value)> {
    let id = person.id();
    vec![
        (
            "/buf.registry.owner.v1.UserService/UpdateUsers",
            json!({ "values": [{ "userRef": { "id": id }, "state": "USER_STATE_ACTIVE" }] }),
        ),
        ("/buf.alpha.registry.v1alpha1.TokenService/CreateToken", json!({ "note": "back" })),
        ("/buf.alpha.registry.v1alpha1.SCIMTokenService/CreateSCIMToken", json!({})),
        (
            "/buf.alpha.registry.v1alpha1.UserService/UpdateUserServerRole",
            json!({ "userId": id, "serverRole": "SERVER_ROLE_ADMIN" }),
        ),
        ("/buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization", json!({ "name": "$free" })),
    ]
}

async fn a_leaver_who_loops_is_out(database: Database) {
    let world = World::new(database).await;
    let pushed = world.server.push_user("ann@example.com").await.user;
    user::update_server_role(&world.server.services, &system(), pushed.id, ServerRole::Admin).await.unwrap();
    let ann = Person { token: world.server.token_of(pushed.id, None).await, user: pushed };
    let looping = Looping::begin(&world.urls(), &ann.token, &attempts(&ann)).await;
    world.server.push_active(&ann.user, false).await;
    let answered = written(world.server.app.store()).await;
    assert_eq!(world.state(&ann).await, (UserState::Deactivated, ServerRole::Admin, 0));
    looping.end().await;
    assert_eq!(world.state(&ann).await, (UserState::Deactivated, ServerRole::Admin, 0));
    assert_eq!(written(world.server.app.store()).await, answered);
}

async fn a_demoted_admin_who_loops_stays_demoted(database: Database) {
    let world = World::new(database).await;
    let ann = world.admin("ann").await;
    let (admin_only, _) = attempts(&ann).into_iter().partition::<Vec<_>, _>(|(path, _)| {
        ["UpdateUserServerRole", "CreateSCIMToken", "UpdateUsers"].iter().any(|name| path.ends_with(name))
    });
    let looping = Looping::begin(&world.urls(), &ann.token, &admin_only).await;
    user::update_server_role(&world.server.services, &system(), ann.user.id, ServerRole::Member)
        .await
        .unwrap();
    let answered = written(world.server.app.store()).await;
    looping.end().await;
    assert_eq!(world.state(&ann).await.1, ServerRole::Member);
    assert_eq!(written(world.server.app.store()).await, answered);
}

async fn a_deleted_token_that_loops_mints_nothing(database: Database) {
    let world = World::new(database).await;
    let ann = world.admin("ann").await;
    let (_, stolen) = token::authenticate(&world.server.services, &ann.token).await.unwrap();
    let looping = Looping::begin(&world.urls(), &ann.token, &attempts(&ann)).await;
    token::delete(&world.server.services, &system(), stolen.id).await.unwrap();
    let answered = written(world.server.app.store()).await;
    looping.end().await;
    assert_eq!(written(world.server.app.store()).await, answered);
}

async fn a_deleted_scim_token_that_loops_pushes_nothing(database: Database) {
    let world = World::new(database).await;
    let (id, secret) = world.server.scim_token().await;
    let push =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "$free@example.com" });
    let looping = Looping::begin(&world.urls(), &secret, &[("/scim/v2/Users", push)]).await;
    scim_token::delete(&world.server.services, &system(), id).await.unwrap();
    let answered = written(world.server.app.store()).await;
    looping.end().await;
    assert_eq!(written(world.server.app.store()).await, answered);
}

/// A push of a group holds no organization: the role that it takes away is one that requests of its holder may count on.
async fn an_admin_by_a_group_who_loops_does_nothing_after_the_group(database: Database) {
    let world = World::new(database).await;
    let server = &world.server;
    let pushed = server.push_user("ann@example.com").await.user;
    let group = server.push_group("admins", &[&pushed]).await;
    let organization = server.organization(&server.admin, "acme").await;
    let role = Some(OrganizationRole::Admin);
    organization_group::add(&server.services, &system(), organization, "admins", role).await.unwrap();
    let ann = Person { token: server.token_of(pushed.id, None).await, user: pushed };
    let path = "/buf.registry.owner.v1.OrganizationService/UpdateOrganizations";
    let describe = json!({ "values": [{ "organizationRef": { "id": organization.to_string() }, "description": "$free" }] });
    let looping = Looping::begin(&world.urls(), &ann.token, &[(path, describe)]).await;
    server.empty_group(group).await;
    let answered = written(server.app.store()).await;
    looping.end().await;
    assert_eq!(written(server.app.store()).await, answered);
}

on_both_databases! {
    a_leaver_who_loops_is_out;
    an_admin_by_a_group_who_loops_does_nothing_after_the_group;
    a_demoted_admin_who_loops_stays_demoted;
    a_deleted_token_that_loops_mints_nothing;
    a_deleted_scim_token_that_loops_pushes_nothing;
}
