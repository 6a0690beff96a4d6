//! Everything that writes, at random and all at once, on two instances over one PostgreSQL: no two transactions wait for each
//! other.

use std::{collections::BTreeSet, sync::Mutex};

use futures::future::join_all;
use roster::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        role::{OrganizationRole, ServerRole},
        scim_token::ClientProfile,
        user::{UserPatch, UserState, UserType},
    },
    services::{
        Error, Kind, Services, jit,
        organization::{
            self, NewOrganization,
            member::{self, DirectRole},
        },
        organization_group::{self, RoleChange},
        provisioning::pause,
        scim_token, token,
        user::{self, Ref},
    },
    storage,
};
use serde_json::{Value, json};

use crate::{
    storage::Database,
    support::{Harness, Person, caller_of, system},
};

/// How many tasks write at once.
const TASKS: u64 = 12;
/// How often each.
const WRITES: u64 = 60;
/// How many people an IdP pushes.
const PEOPLE: usize = 8;
/// How many groups.
const GROUPS: usize = 4;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A sequence that is the same each time (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        (0..=self.roll(4)).map(|_| self.one(of).clone()).collect()
    }
}

struct World {
    servers: [Harness; 2],
    scim: String,
    admins: Vec<Person>,
    /// The SCIM ids, which are others after a deletion, and the accounts.
    people: Vec<(Mutex<String>, UserId)>,
    groups: Vec<String>,
    organizations: Vec<OrganizationId>,
}

impl World {
    async fn new() -> Self {
        let database = Database::postgres().await;
        let again = database.again().await;
        let server = Harness::on(database).await;
        let other = server.beside(again).await;
        let scim = server.app.scim_token(ClientProfile::default()).await;
        let mut world = Self {
            servers: [server, other],
            scim,
            admins: Vec::new(),
            people: Vec::new(),
            groups: Vec::new(),
            organizations: Vec::new(),
        };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        let server = &self.servers[0];
        for n in 0..3 {
            self.admins
                .push(server.account(&format!("admin{n}"), UserType::Personal, ServerRole::Admin).await);
        }
        let db = server.app.store().reader();
        for n in 0..PEOPLE {
            let made = self.scim(0, "POST", "/Users", &person(n)).await;
            let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}"));
            let scim_id = uuid::Uuid::parse_str(id).unwrap().into();
            let found = storage::user::find_by_scim_id(db, scim_id).await.unwrap().unwrap();
            self.people.push((Mutex::new(id.to_owned()), found.id));
        }
        for n in 0..GROUPS {
            let members: Vec<_> = self.ids().iter().map(|id| json!({"value": id})).collect();
            let group = json!({"schemas": [GROUP], "displayName": format!("group{n}"), "members": members});
            let made = self.scim(0, "POST", "/Groups", &group).await;
            self.groups.push(made["id"].as_str().unwrap().to_owned());
        }
        for n in 0..3 {
            let id = server.organization(&server.admin, &format!("organization{n}")).await;
            self.organizations.push(id);
            let role = Some(OrganizationRole::Admin);
            organization_group::add(&server.services, &system(), id, &format!("group{n}"), role)
                .await
                .unwrap();
        }
    }

    fn ids(&self) -> Vec<String> {
        self.people.iter().map(|(id, _)| id.lock().unwrap().clone()).collect()
    }

    async fn scim(&self, at: usize, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        let answer = self.servers[at].app.scim(&self.scim, method, path, &headers, body).await;
        assert!(answer.status != 500, "{path}: {}", answer.body);
        answer.body
    }

    /// What an IdP writes.
    async fn push(&self, at: usize, dice: &mut Dice) {
        let ids = self.ids();
        let (n, group) = (dice.roll(PEOPLE), &dice.one(&self.groups).clone());
        let user = &ids[n];
        let (method, path, body) = match dice.roll(8) {
            0 | 1 => ("PATCH", format!("/Groups/{group}"), patch_members(dice, &ids)),
            2 => {
                let values: Vec<_> = dice.some(&ids).into_iter().map(|id| json!({"value": id})).collect();
                let name = format!("group{}", self.groups.iter().position(|one| one == group).unwrap());
                (
                    "PUT",
                    format!("/Groups/{group}"),
                    json!({"schemas": [GROUP], "displayName": name, "members": values}),
                )
            }
            3 | 4 => ("PATCH", format!("/Users/{user}"), patch("active", &json!(dice.roll(2) == 0))),
            5 => (
                "PATCH",
                format!("/Users/{user}"),
                patch("emails[type eq \"work\"].value", &json!(mail(dice.roll(PEOPLE)))),
            ),
            6 => ("DELETE", format!("/Users/{user}"), json!(null)),
            _ => ("POST", "/Bulk".to_owned(), self.bulk(dice, &ids)),
        };
        self.scim(at, method, &path, &body).await;
        if method == "DELETE" {
            let made = self.scim(at, "POST", "/Users", &person(n)).await;
            if let Some(id) = made["id"].as_str() {
                id.clone_into(&mut self.people[n].0.lock().unwrap());
            }
        }
    }

    fn bulk(&self, dice: &mut Dice, ids: &[String]) -> Value {
        let operations: Vec<_> = (0..4)
            .map(|_| {
                let (path, data) = if dice.roll(2) == 0 {
                    (format!("/Groups/{}", dice.one(&self.groups)), patch_members(dice, ids))
                } else {
                    (format!("/Users/{}", dice.one(ids)), patch("active", &json!(dice.roll(2) == 0)))
                };
                json!({"method": "PATCH", "path": path, "data": data})
            })
            .collect();
        json!({"schemas": [BULK], "Operations": operations})
    }

    /// What people write; refused where they have lost their access, or what it asks is not so.
    async fn call(&self, at: usize, dice: &mut Dice, free: &str) -> Result<(), Error> {
        let services = &self.servers[at].services;
        let caller = self.caller(services, dice).await?;
        let caller = &caller;
        let organization = *dice.one(&self.organizations);
        let group = format!("group{}", dice.roll(GROUPS));
        let role = *dice.one(&[OrganizationRole::Member, OrganizationRole::Admin, OrganizationRole::Owner]);
        let whom = if dice.roll(3) == 0 { dice.one(&self.admins).user.id } else { dice.one(&self.people).1 };
        match dice.roll(16) {
            0 => organization_group::add(services, caller, organization, &group, Some(role)).await,
            1 => organization_group::remove(services, caller, organization, &group).await,
            2 => {
                organization_group::update(services, caller, organization, &group, RoleChange::Set(role))
                    .await
            }
            3 => {
                member::add(
                    services,
                    caller,
                    DirectRole { organization_id: organization, user_id: whom, role },
                )
                .await
            }
            4 => member::remove(services, caller, organization, whom).await,
            5 => self.switch(services, caller, dice).await,
            6 => {
                user::update_server_role(
                    services,
                    caller,
                    whom,
                    *dice.one(&[ServerRole::Member, ServerRole::Admin]),
                )
                .await
            }
            7 => {
                let organization = Ref::Id(organization);
                jit::set_organization(services, caller, &organization, OrganizationRole::Member)
                    .await
                    .map(drop)
            }
            8 => jit::remove_organization(services, caller, &Ref::Id(organization)).await,
            9 => jit::add_email(services, caller, &mail(dice.roll(PEOPLE))).await.map(drop),
            10 => jit::remove_email(services, caller, &mail(dice.roll(PEOPLE))).await,
            11 => {
                let new = NewOrganization { name: free.to_owned(), ..NewOrganization::default() };
                let made = organization::create(services, caller, &[new]).await?;
                organization::delete(services, caller, &[Ref::Id(made[0].id)]).await
            }
            12 => {
                let made = token::create(services, caller, &token::NewToken::default()).await?;
                token::delete(services, caller, made.0.id).await
            }
            13 => {
                let made = scim_token::create(services, caller, None, ClientProfile::default()).await?;
                pause::pause(services, caller, Some(made.0.id), "test").await?;
                scim_token::delete(services, caller, made.0.id).await
            }
            14 => user::delete(services, caller, &[Ref::Id(whom)]).await,
            _ => {
                pause::pause(services, caller, None, "test").await?;
                pause::resume(services, &system(), None).await
            }
        }
    }

    /// Several accounts at once, in no order.
    async fn switch(&self, services: &Services, caller: &Caller, dice: &mut Dice) -> Result<(), Error> {
        let state = *dice.one(&[UserState::Active, UserState::Deactivated]);
        let mut ids: Vec<_> = self.people.iter().map(|(_, id)| *id).collect();
        ids.extend(self.admins.iter().map(|admin| admin.user.id));
        let chosen: BTreeSet<_> = dice.some(&ids).into_iter().collect();
        let patch = UserPatch { state: Some(state), ..UserPatch::default() };
        let patches: Vec<_> = chosen.into_iter().rev().map(|id| (Ref::Id(id), patch.clone())).collect();
        user::update(services, caller, &patches).await.map(drop)
    }

    /// An admin, or the program where all have lost their access.
    async fn caller(&self, services: &Services, dice: &mut Dice) -> Result<Caller, Error> {
        let token = &dice.one(&self.admins).token;
        match token::authenticate(services, token).await {
            Ok(_) => Ok(caller_of(services, token).await),
            Err(_) => Ok(caller_of(services, &self.servers[0].admin.token).await),
        }
    }
}

fn person(n: usize) -> Value {
    json!({"schemas": [USER], "userName": format!("person{n}@example.com"), "emails": [{"value": mail(n), "primary": true, "type": "work"}]})
}

fn mail(n: usize) -> String {
    format!("mail{n}@example.com")
}

fn patch(path: &str, value: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": path, "value": value}]})
}

/// Operations on single members, one after the other.
fn patch_members(dice: &mut Dice, ids: &[String]) -> Value {
    let operations: Vec<_> = dice
        .some(ids)
        .into_iter()
        .map(|id| {
            let op = *dice.one(&["add", "remove"]);
            json!({"op": op, "path": "members", "value": [{"value": id}]})
        })
        .collect();
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_transactions_wait_for_each_other() {
    let world = &World::new().await;
    let tasks = (0..TASKS).map(|task| async move {
        let mut dice = Dice(task.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for round in 0..WRITES {
            let at = dice.roll(2);
            if dice.roll(2) == 0 {
                world.push(at, &mut dice).await;
            } else if let Err(error) = world.call(at, &mut dice, &format!("free-{task}-{round}")).await {
                assert_ne!(error.kind, Kind::Internal, "{error:?}");
                assert_ne!(error.kind, Kind::Unavailable, "{error:?}");
            }
        }
    });
    join_all(tasks).await;
    let deadlocks =
        world.servers.iter().flat_map(|server| server.app.store().pools()).map(|pool| pool.deadlocks);
    assert_eq!(deadlocks.sum::<u64>(), 0);
}
