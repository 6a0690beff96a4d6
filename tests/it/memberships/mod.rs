//! Memberships follow the facts, whatever happens in whatever order.

mod foreseen;
mod remembered;
mod revisions;
mod rollout;
mod watching;

use std::sync::Arc;

use proptest::{prelude::*, test_runner::TestRunner};
use roster::{
    domain::{
        actor::Caller,
        clock::SystemClock,
        id::{IdpGroupId, OrganizationId, ScimUserId, UserId},
        idp_group::{GroupAttributes, MemberChange},
        role::OrganizationRole,
        user::{Person, UserPush},
    },
    services::{
        Error, Services, bootstrap, idp_group, jit, membership,
        organization::{self, NewOrganization, member::DirectRole},
        organization_group::{self, RoleChange},
        provisioning, user,
    },
    storage::Store,
};

use crate::{storage::Database, support};

/// One thing that an IdP or an admin does; the numbers choose users, groups and organizations.
#[derive(Clone, Copy, Debug)]
enum Step {
    AddMember(usize, usize),
    RemoveMember(usize, usize),
    ReplaceMembers(usize, usize),
    Rename(usize, usize),
    DeleteGroup(usize),
    CreateGroup(usize),
    Activate(usize, bool),
    DeleteUser(usize),
    Merge(usize, usize),
    MapGroup(usize, usize, OrganizationRole),
    ChangeMapping(usize, usize, OrganizationRole),
    UnmapGroup(usize, usize),
    GiveRole(usize, usize, OrganizationRole),
    TakeRole(usize, usize),
    SetEveryone(usize, OrganizationRole),
    RemoveEveryone(usize),
}

const USERS: usize = 4;
const GROUPS: usize = 3;
const ORGANIZATIONS: usize = 2;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (user, group, organization) = (0..USERS, 0..GROUPS, 0..ORGANIZATIONS);
    let role = prop::sample::select(vec![
        OrganizationRole::Member,
        OrganizationRole::Machine,
        OrganizationRole::Admin,
        OrganizationRole::Owner,
    ]);
    let step = prop_oneof![
        4 => (group.clone(), user.clone()).prop_map(|(g, u)| Step::AddMember(g, u)),
        2 => (group.clone(), user.clone()).prop_map(|(g, u)| Step::RemoveMember(g, u)),
        1 => (group.clone(), user.clone()).prop_map(|(g, u)| Step::ReplaceMembers(g, u)),
        2 => (group.clone(), 0..GROUPS + 2).prop_map(|(g, n)| Step::Rename(g, n)),
        1 => group.clone().prop_map(Step::DeleteGroup),
        1 => group.clone().prop_map(Step::CreateGroup),
        2 => (user.clone(), any::<bool>()).prop_map(|(u, on)| Step::Activate(u, on)),
        1 => user.clone().prop_map(Step::DeleteUser),
        2 => (user.clone(), user.clone()).prop_map(|(f, i)| Step::Merge(f, i)),
        3 => (organization.clone(), 0..GROUPS + 2, role.clone()).prop_map(|(o, n, r)| Step::MapGroup(o, n, r)),
        1 => (organization.clone(), 0..GROUPS + 2, role.clone()).prop_map(|(o, n, r)| Step::ChangeMapping(o, n, r)),
        1 => (organization.clone(), 0..GROUPS + 2).prop_map(|(o, n)| Step::UnmapGroup(o, n)),
        2 => (organization.clone(), user.clone(), role.clone()).prop_map(|(o, u, r)| Step::GiveRole(o, u, r)),
        1 => (organization.clone(), user).prop_map(|(o, u)| Step::TakeRole(o, u)),
        1 => (organization.clone(), role.clone()).prop_map(|(o, r)| Step::SetEveryone(o, r)),
        1 => organization.prop_map(Step::RemoveEveryone),
    ];
    prop::collection::vec(step, 1..40)
}

/// A server with users, groups and organizations, none of them linked yet.
struct World {
    services: Services,
    admin: Caller,
    idp: Caller,
    users: Vec<(ScimUserId, UserId)>,
    groups: Vec<IdpGroupId>,
    organizations: Vec<OrganizationId>,
}

fn push(name: &str, active: bool) -> UserPush {
    UserPush { person: Person { user_name: name.to_owned(), ..Person::default() }, active }
}

fn attributes(name: usize) -> GroupAttributes {
    GroupAttributes { display_name: format!("group {name}"), ..GroupAttributes::default() }
}

impl World {
    async fn new(store: Store) -> Self {
        // groups are larger than one step of a mapping
        let services = Services::new(store, Arc::new(SystemClock)).with_rollout_step(2);
        let idp = support::idp(&services).await;
        let (_, secret) = bootstrap::bootstrap(&services, "root", None, false).await.unwrap();
        let admin = support::caller_of(&services, secret.reveal()).await;
        let mut world =
            Self { services, admin, idp, users: Vec::new(), groups: Vec::new(), organizations: Vec::new() };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        for n in 0..USERS {
            let new = push(&format!("user{n}"), true);
            let user = provisioning::user::create(&self.services, &self.idp, &new).await.unwrap().user;
            self.users.push((user.scim_id, user.id));
        }
        for n in 0..GROUPS {
            let id = self.create_group(n).await.unwrap();
            self.groups.push(id);
        }
        for n in 0..ORGANIZATIONS {
            let new = NewOrganization { name: format!("org{n}"), ..NewOrganization::default() };
            let made = organization::create(&self.services, &self.admin, &[new]).await.unwrap();
            self.organizations.push(made[0].id);
        }
    }

    async fn create_group(&self, name: usize) -> Result<IdpGroupId, Error> {
        Ok(idp_group::create(&self.services, &self.idp, &attributes(name), &[]).await?.group.id)
    }

    async fn change_group(
        &self,
        group: usize,
        attributes: Option<GroupAttributes>,
        members: &[MemberChange],
    ) -> Result<(), Error> {
        let decide = |_: &_| Ok::<_, Error>(attributes.clone());
        idp_group::update(&self.services, &self.idp, self.groups[group], members, decide).await.map(|_| ())
    }

    async fn members(&self, group: usize, change: MemberChange) -> Result<(), Error> {
        self.change_group(group, None, &[change]).await
    }

    async fn set_active(&self, user: usize, active: bool) -> Result<(), Error> {
        let decide = |_: &_| Ok::<_, Error>(push(&format!("user{user}"), active));
        let changed = provisioning::user::update(&self.services, &self.idp, self.users[user].0, decide);
        changed.await.map(|_| ())
    }

    /// Deletes a user, and pushes the same one again.
    async fn replace_user(&mut self, user: usize) -> Result<(), Error> {
        let check = |_: &_| Ok::<_, Error>(());
        provisioning::user::delete(&self.services, &self.idp, self.users[user].0, check).await?;
        let again = push(&format!("user{user}"), true);
        let made = provisioning::user::create(&self.services, &self.idp, &again).await?.user;
        assert_eq!(made.id, self.users[user].1, "the account of the same person is revived");
        assert_ne!(made.scim_id, self.users[user].0, "a SCIM id is never used again");
        self.users[user].0 = made.scim_id;
        Ok(())
    }

    /// Merges two users, of which the IdP has switched one off; it goes on with the resource that stays, and pushes the other
    /// user as a new one.
    async fn merge(&mut self, from: usize, into: usize) -> Result<(), Error> {
        let [one, other] = [from, into].map(|user| user::Ref::Id(self.users[user].1));
        let planned = user::merge::preview(&self.services, &self.admin, &one, &other).await;
        let done = user::merge::merge(&self.services, &self.admin, &one, &other).await;
        match (&planned, &done) {
            (Ok(planned), Ok(done)) => assert_eq!(planned.memberships, done.memberships),
            (planned, done) => assert!(planned.is_err() && done.is_err(), "{planned:?} {done:?}"),
        }
        let merged = done?.merged;
        for expected in planned?.memberships {
            let role = self.role(expected.organization_id, merged.id).await;
            assert_eq!(role, expected.merged.map(|merged| merged.role), "{expected:?}");
        }
        self.users[into].0 = merged.scim_id;
        self.set_active(into, merged.is_active()).await?;
        let new = push(&format!("user{from}"), true);
        let made = provisioning::user::create(&self.services, &self.idp, &new).await?.user;
        self.users[from] = (made.scim_id, made.id);
        Ok(())
    }

    async fn role(&self, organization: OrganizationId, user: UserId) -> Option<OrganizationRole> {
        let question = membership::Question {
            user: user::Ref::Id(user),
            organization: user::Ref::Id(organization),
            least: None,
        };
        let answer = membership::ask(&self.services, &self.admin, &[question]).await.unwrap();
        answer.decisions[0].role
    }

    async fn take(&mut self, step: Step) -> Result<(), Error> {
        let (services, admin) = (self.services.clone(), self.admin.clone());
        let value = |user: usize| self.users[user].0.to_string();
        let organization = |n: usize| self.organizations[n];
        let name = |n: usize| format!("GROUP {n}");
        match step {
            Step::AddMember(g, u) => self.members(g, MemberChange::Add(vec![value(u)])).await,
            Step::RemoveMember(g, u) => self.members(g, MemberChange::Remove(vec![value(u)])).await,
            Step::ReplaceMembers(g, u) => self.members(g, MemberChange::Replace(vec![value(u)])).await,
            Step::Rename(g, n) => self.change_group(g, Some(attributes(n)), &[]).await,
            Step::DeleteGroup(g) => {
                idp_group::delete(&services, &self.idp, self.groups[g], |_: &_| Ok::<_, Error>(())).await
            }
            Step::CreateGroup(g) => {
                self.groups[g] = self.create_group(g).await?;
                Ok(())
            }
            Step::Activate(u, on) => self.set_active(u, on).await,
            Step::DeleteUser(u) => self.replace_user(u).await,
            Step::Merge(from, into) => self.merge(from, into).await,
            Step::MapGroup(o, n, r) => {
                organization_group::add(&services, &admin, organization(o), &name(n), Some(r)).await
            }
            Step::ChangeMapping(o, n, r) => {
                organization_group::update(&services, &admin, organization(o), &name(n), RoleChange::Set(r))
                    .await
            }
            Step::UnmapGroup(o, n) => {
                organization_group::remove(&services, &admin, organization(o), &name(n)).await
            }
            Step::GiveRole(o, u, role) => {
                let new = DirectRole { organization_id: organization(o), user_id: self.users[u].1, role };
                organization::member::add(&services, &admin, new).await
            }
            Step::SetEveryone(o, role) => {
                jit::set_organization(&services, &admin, &user::Ref::Id(organization(o)), role)
                    .await
                    .map(|_| ())
            }
            Step::RemoveEveryone(o) => {
                jit::remove_organization(&services, &admin, &user::Ref::Id(organization(o))).await
            }
            Step::TakeRole(o, u) => {
                organization::member::remove(&services, &admin, organization(o), self.users[u].1).await
            }
        }
    }
}

/// A step may be refused, for a reason that a client is told; it may not fail.
fn assert_refused_or_done(step: Step, outcome: Result<(), Error>) {
    use roster::services::Kind::{AlreadyExists, Invalid, NotFound, Precondition};
    if let Err(error) = outcome {
        let told = matches!(error.kind, AlreadyExists | Invalid | NotFound | Precondition);
        assert!(told, "{step:?}: {error:?}");
    }
}

async fn derived_equals_facts(db: Database, steps: Vec<Step>) {
    let mut world = World::new(db.store).await;
    for step in steps {
        let foreseen = foreseen::Foreseen::of(&world, step).await;
        let outcome = world.take(step).await;
        if let Some(foreseen) = foreseen {
            foreseen.assert_came_true(&world, step, &outcome).await;
        }
        assert_refused_or_done(step, outcome);
        let differences = membership::check(&world.services).await.unwrap();
        assert!(differences.is_empty(), "after {step:?}: {differences:?}");
    }
    foreseen::assert_explained(&world).await;
    let everyone = user::count(&world.services, &world.admin, &user::UserFilter::default()).await.unwrap();
    assert_eq!(everyone, u64::try_from(USERS + 1).unwrap(), "nobody is doubled");
}

fn check_random_steps(cases: u32, database: impl AsyncFn() -> Database) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(async { derived_equals_facts(database().await, steps).await });
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn the_derived_table_equals_the_facts_on_sqlite() {
    check_random_steps(40, Database::sqlite);
}

#[test]
fn the_derived_table_equals_the_facts_on_postgres() {
    check_random_steps(8, Database::postgres);
}

#[test]
fn the_derived_table_equals_the_facts_on_serializable_postgres() {
    check_random_steps(4, Database::serializable_postgres);
}
