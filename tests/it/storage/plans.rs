//! No hot statement looks at a whole table: the plan of each is asked of the database before it runs.
//!
//! SQLite plans by the schema alone. PostgreSQL would read small tables whole, and is told not to: what it then reads whole
//! all the same, no index helps with.

use std::sync::Mutex;

use roster::{
    domain::{
        actor::Caller,
        audit::{
            Action,
            recorded::{AuditQuery, EventAt, EventKey},
        },
        id::{IdpGroupId, OrganizationGroupId, OrganizationId, UserId},
        membership::{EventFilter, MembershipChange},
        organization::{OrganizationGroup, Rollout},
        page::PageRequest,
        predicate::{Comparison, Field, Operand, Predicate, ResourceQuery},
        role::OrganizationRole,
        secret::{Secret, SecretKind},
        user::User,
    },
    storage::{
        self, Along, Pools, Reader,
        membership::{Key, Scope, Wanted},
    },
};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, prelude::async_trait::async_trait,
};

use super::{
    Database,
    contract::{at, group, user},
};

/// What stays small: settings, and what a statement brings itself.
const SMALL: [&str; 7] =
    ["CONSTANT ROW", "q", "j", "jit_organization", "organization_group_rollout", "x", "json_each"];

/// A connection that asks for the plan of each statement.
struct Planned<'a> {
    db: &'a Reader,
    plans: Mutex<Vec<String>>,
    scans: Mutex<Vec<String>>,
    asked: Mutex<usize>,
}

impl<'a> Planned<'a> {
    fn new(db: &'a Reader) -> Self {
        Self { db, plans: Mutex::default(), scans: Mutex::default(), asked: Mutex::default() }
    }

    async fn look(&self, statement: &Statement) {
        let backend = self.db.get_database_backend();
        let explain = if backend == DbBackend::Sqlite { "EXPLAIN QUERY PLAN " } else { "EXPLAIN " };
        let asked = Statement { sql: format!("{explain}{}", statement.sql), ..statement.clone() };
        *self.asked.lock().unwrap() += 1;
        for row in self.db.query_all_raw(asked).await.unwrap() {
            let line: String =
                row.try_get_by_index(if backend == DbBackend::Sqlite { 3 } else { 0 }).unwrap();
            self.plans.lock().unwrap().push(line.clone());
            let table = line
                .strip_prefix("SCAN ")
                .or_else(|| line.split_once("Seq Scan on ").map(|(_, table)| table));
            let is_small = |table: &str| {
                table.contains("VALUES CLAUSE")
                    || SMALL.iter().any(|small| table == *small || table.starts_with(&format!("{small} ")))
            };
            if table.is_some_and(|table| !is_small(table)) {
                self.scans.lock().unwrap().push(format!("{line}\n  in {}", statement.sql));
            }
        }
    }
}

impl Along for Planned<'_> {}

#[async_trait]
impl ConnectionTrait for Planned<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.look(&statement).await;
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.look(&statement).await;
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.look(&statement).await;
        self.db.query_all_raw(statement).await
    }
}

/// What an IdP asks for.
async fn push(db: &Planned<'_>, ann: &User) {
    storage::provisioning::find_user(db, ann.scim_id).await.unwrap();
    for (field, value) in [
        (Field::UserName, "ann@example.com"),
        (Field::ExternalId, "00uX"),
        (Field::Id, &*ann.scim_id.to_string()),
    ] {
        let operand = Operand::Text(value.to_owned());
        let predicate = Predicate::Compare { field, comparison: Comparison::Equal, operand };
        let query = ResourceQuery { predicate, sort: None, offset: 0, limit: 100, counts: true };
        storage::provisioning::list_users(db, &query).await.unwrap();
    }
    let digest = Secret::generate(SecretKind::Scim, &mut rand::rng()).digest();
    storage::scim_token::find_by_digest(db, &digest).await.unwrap();
    let email = ["ann@example.com".to_owned()];
    storage::user::find_matches(db, "ann@example.com", &email, Some("00uX")).await.unwrap();
    storage::user::find_named(db, &email).await.unwrap();
    storage::user::find_pushed(db, "ann@example.com").await.unwrap();
    storage::owner_name::take(db, "ann", ann.id.uuid()).await.unwrap();
    storage::idp_group::members::list_of_users(db, &[ann.id]).await.unwrap();
    storage::idp_group::members::resolve(db, &[ann.scim_id]).await.unwrap();
}

/// What a change of one member does, and a step of a mapping.
async fn derive(db: &Planned<'_>, ann: &User, group: IdpGroupId) {
    let caller = Caller::system("plans");
    let users = [ann.id];
    storage::idp_group::members::add(db, group, &users, &caller, at(0)).await.unwrap();
    for organization in [None, Some(OrganizationId::generate(at(0)))] {
        let scope = Scope { users: Some(&users), organization };
        storage::membership::grants(db, scope).await.unwrap();
        storage::membership::roles(db, scope).await.unwrap();
        storage::membership::sources(db, scope).await.unwrap();
    }
    let mapping = OrganizationGroup {
        id: OrganizationGroupId::generate(at(0)),
        organization_id: OrganizationId::generate(at(0)),
        group_name: "Team".to_owned(),
        role_override: Some(OrganizationRole::Admin),
        group_id: Some(group),
        create_time: at(0),
    };
    let rollout = Rollout::new(mapping.id, &caller);
    let part = storage::organization_group::rollout::Part { group, after: Some(ann.id), until: Some(ann.id) };
    storage::organization_group::rollout::end_of_step(db, group, Some(ann.id), 10).await.unwrap();
    storage::organization_group::rollout::extend(db, &mapping, part, &rollout, at(0)).await.unwrap();
    let gone = MembershipChange { key: (mapping.organization_id, ann.id), before: None, after: None };
    storage::membership::apply(db, &[gone], &caller, at(0)).await.unwrap();
    storage::idp_group::members::remove(db, group, &users).await.unwrap();
}

/// What services ask, and admins.
async fn ask(db: &Planned<'_>, ann: UserId) {
    let organization = OrganizationId::generate(at(0));
    let digest = Secret::generate(SecretKind::Api, &mut rand::rng()).digest();
    storage::token::find_by_digest(db, &digest).await.unwrap();
    let organizations = Wanted { ids: vec![organization], names: vec!["acme".to_owned()] };
    storage::membership::named(db, &["ann".to_owned()], &organizations).await.unwrap();
    storage::membership::accounts(db, &[ann].into()).await.unwrap();
    for (user, place) in
        [(Key::Id(ann.uuid()), Key::Name("acme")), (Key::Name("ann"), Key::Id(organization.uuid()))]
    {
        storage::membership::one(db, user, place, Some(ann)).await.unwrap();
    }
    let elsewhere = (OrganizationId::generate(at(1)), ann);
    storage::membership::roles_of(db, &[(organization, ann)]).await.unwrap();
    storage::membership::roles_of(db, &[(organization, ann), elsewhere]).await.unwrap();
    storage::membership::revision(db).await.unwrap();
    storage::membership::events(db, EventFilter::default(), (3, 9), 100).await.unwrap();
    storage::membership::find(db, organization, ann).await.unwrap();
    let page = PageRequest { size: 10, after: Some(ann.uuid()), reverse: true };
    storage::membership::list(db, organization, &page).await.unwrap();
    storage::token::list(db, ann, &page).await.unwrap();
    storage::token::delete_of_user(db, ann).await.unwrap();
    let last = EventKey { time: at(0), at: EventAt::Fact(ann.uuid()) };
    let page = PageRequest { size: 10, after: Some(last), reverse: false };
    let actions = vec![Action::UserCreated];
    storage::audit::list(db, &AuditQuery { start: None, end: None, actions, page }).await.unwrap();
    storage::user::find_by_username(db, "ann").await.unwrap();
}

async fn assert_no_scan(database: Database) {
    let ann = &user("ann", 1);
    let team = &group("Team");
    let store = &database.store;
    let fill = store.transaction(async |tx| {
        storage::user::insert(&*tx, ann).await?;
        storage::idp_group::insert(&*tx, team).await
    });
    fill.await.unwrap();
    let db = Planned::new(store.reader());
    push(&db, ann).await;
    derive(&db, ann, team.id).await;
    ask(&db, ann.id).await;
    assert!(*db.asked.lock().unwrap() > 25);
    let scans = db.scans.into_inner().unwrap();
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}

/// What users of a later page are asked for is asked for them alone, not for those before: their groups are looked for
/// outside of what skips.
#[tokio::test]
async fn on_postgres_no_group_of_a_skipped_user_is_looked_for() {
    let database = Database::at(Database::empty_postgres().await, Pools::default()).await;
    let db = Planned::new(database.store.reader());
    let query = ResourceQuery {
        predicate: Predicate::Constant(true),
        sort: None,
        offset: 500,
        limit: 100,
        counts: true,
    };
    storage::provisioning::list_users(&db, &query).await.unwrap();
    let plans = db.plans.into_inner().unwrap();
    let depth = |what: &str| plans.iter().find(|line| line.trim_start().starts_with(what)).unwrap();
    let depth = |what: &str| depth(what).find(what).unwrap();
    // the second one asks who holds the name of a local user
    assert!(depth("SubPlan 1") <= depth("->  Limit"), "{}", plans.join("\n"));
}

/// A later page by cursor tells the total of the first one, for which everybody was looked at.
#[tokio::test]
async fn nobody_is_counted_who_need_not_be() {
    let database = Database::at(Database::empty_postgres().await, Pools::default()).await;
    for counts in [true, false] {
        let db = Planned::new(database.store.reader());
        let query =
            ResourceQuery { predicate: Predicate::Constant(true), sort: None, offset: 1, limit: 100, counts };
        storage::provisioning::list_users(&db, &query).await.unwrap();
        let plans = db.plans.into_inner().unwrap().join("\n");
        assert_eq!(plans.contains("\nAggregate "), counts, "{plans}");
    }
}

/// With a million rows each is at a place of its own, in the key and once more in the table.
#[tokio::test]
async fn on_postgres_names_and_roles_are_read_from_their_keys() {
    let database = Database::at(Database::empty_postgres().await, Pools::default()).await;
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&database.url).await.unwrap();
    // what is seen by all, as after each vacuum; what is empty would be read by a bitmap
    for sql in [
        "INSERT INTO owner_name SELECT 'user' || i, gen_random_uuid() FROM generate_series(1, 2000) i",
        "SET session_replication_role = replica",
        "INSERT INTO organization_member SELECT gen_random_uuid(), gen_random_uuid(), 1, 1 FROM generate_series(1, 2000)",
        "VACUUM ANALYZE owner_name, organization_member",
    ] {
        sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
    }
    let db = Planned::new(database.store.reader());
    let (acme, ann) = (OrganizationId::generate(at(0)), UserId::generate(at(0)));
    storage::membership::named(&db, &["ann".to_owned(), "bob".to_owned()], &Wanted::default()).await.unwrap();
    storage::membership::roles_of(&db, &[(acme, ann), (acme, UserId::generate(at(1)))]).await.unwrap();
    let plans = db.plans.into_inner().unwrap().join("\n");
    for key in ["owner_name_pkey", "organization_member_pkey"] {
        assert!(plans.contains(&format!("Index Only Scan using {key}")), "{plans}");
    }
}

/// Where others refer to a key, SQLite looks at all of them when the key is written, even as it is.
#[tokio::test]
async fn on_sqlite_no_key_is_written_again() {
    let database = Database::sqlite().await;
    let (ann, team) = (&user("ann", 0), &group("Engineering"));
    let work = database.store.transaction(|tx| async move {
        for table in ["user", "idp_group"] {
            let trigger = format!(
                "CREATE TRIGGER {table}_key BEFORE UPDATE OF id ON \"{table}\" \
                 BEGIN SELECT RAISE(ABORT, 'the key was written'); END"
            );
            tx.execute_unprepared(&trigger).await?;
        }
        storage::user::insert(&*tx, ann).await?;
        storage::user::update(&*tx, ann).await?;
        storage::user::count_change(&tx, &[ann.id]).await?;
        storage::idp_group::insert(&*tx, team).await?;
        storage::idp_group::update(&tx, team, true).await?;
        Ok::<_, storage::Error>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn on_sqlite_no_hot_statement_scans() {
    // in memory there is one connection, which writes as well
    assert_no_scan(Database::at("sqlite::memory:".to_owned(), Pools::default()).await).await;
}

#[tokio::test]
async fn on_postgres_no_hot_statement_scans() {
    let url = Database::empty_postgres().await;
    super::set(&url, "enable_seqscan = off").await;
    assert_no_scan(Database::at(url, Pools::default()).await).await;
}
