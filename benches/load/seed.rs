//! Databases that are full already: accounts, groups and tokens. The first of each is written by the server's own storage
//! floor.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use roster::{
    domain::{
        actor::Caller,
        clock::{Clock as _, SystemClock, Timestamp},
        id::{IdpGroupId, ScimUserId, UserId},
        idp_group::{GroupAttributes, IdpGroup},
        role::ServerRole,
        scim_token::ClientProfile,
        user::{Person, Provenance, User, UserState, UserType, VerificationStatus},
    },
    services::{Services, bootstrap, scim_token},
    storage::{self, Store},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use crate::{
    db::Db,
    fill::{self, Fill},
};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file, with a commit that waits for the disk.
    Sqlite,
    /// A database of its own in the cluster that `ROSTER_TEST_POSTGRES` names.
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub(crate) fn is_there(self) -> bool {
        self == Self::Sqlite || std::env::var_os("ROSTER_TEST_POSTGRES").is_some()
    }
}

/// A database with a server admin and a SCIM token.
pub(crate) struct Seeded {
    pub(crate) url: String,
    /// The admin's API token.
    pub(crate) api: String,
    pub(crate) scim: String,
    store: Store,
    folder: TempDir,
}

impl Seeded {
    pub(crate) async fn new(kind: Kind) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join("roster.db").display()),
            Kind::Postgres => create_database().await?,
        };
        let store = Store::open(&url).await?;
        let services = Services::new(store.clone(), Arc::new(SystemClock));
        let api = bootstrap::development(&services, "admin", Duration::from_hours(24)).await?;
        let caller = Caller::system("bench");
        let (_, scim) = scim_token::create(&services, &caller, None, ClientProfile::Generic).await?;
        let (api, scim) = (api.reveal().to_owned(), scim.reveal().to_owned());
        Ok(Self { url, api, scim, store, folder })
    }

    /// A file beside the database.
    pub(crate) fn beside(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A token of its own for a client of this profile.
    pub(crate) async fn scim_token(&self, profile: ClientProfile) -> Result<String> {
        let services = Services::new(self.store.clone(), Arc::new(SystemClock));
        let (_, token) = scim_token::create(&services, &Caller::system("bench"), None, profile).await?;
        Ok(token.reveal().to_owned())
    }

    /// Writes `count` active accounts, named by their numbers.
    pub(crate) async fn users(&self, count: usize) -> Result<()> {
        let copied = &user(fill::NUMBER);
        self.store.transaction(|tx| async move { storage::user::insert(&*tx, copied).await }).await?;
        Fill::open(&self.url).await?.users(count).await
    }

    /// Writes a group of these accounts, and tells its id.
    pub(crate) async fn group(&self, name: &str, members: Range<usize>) -> Result<String> {
        let now = SystemClock.now();
        let push = GroupAttributes {
            display_name: name.to_owned(),
            document: json!({ "displayName": name }).to_string(),
            search: "{}".to_owned(),
            external_id: None,
        };
        let member_count = u64::try_from(members.len())?;
        let id = IdpGroupId::generate(now);
        let group = &IdpGroup { id, push, member_count, create_time: now, update_time: now, version: 1 };
        self.store.transaction(|tx| async move { storage::idp_group::insert(&*tx, group).await }).await?;
        Fill::open(&self.url).await?.members(id.uuid(), members).await?;
        Ok(id.to_string())
    }

    /// Lets the disk have all of it, and PostgreSQL look at what it has, as it does by itself after a while.
    pub(crate) async fn settle(&self) -> Result<()> {
        let mut db = Db::durable(&self.url).await?;
        let Some(file) = self.url.strip_prefix("sqlite:") else {
            db.run("VACUUM ANALYZE").await?;
            return db.run("CHECKPOINT").await;
        };
        db.run("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(std::fs::File::open(file)?.sync_all()?)
    }
}

/// The SCIM id of the account with this number, as it stands in paths.
pub(crate) fn scim_id(number: usize) -> String {
    ScimUserId::from(fill::id(number)).to_string()
}

async fn create_database() -> Result<String> {
    let cluster = std::env::var("ROSTER_TEST_POSTGRES").context("ROSTER_TEST_POSTGRES is not set")?;
    let name = format!("bench_{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&cluster).await?;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    Ok(cluster.replace("/postgres", &format!("/{name}")))
}

/// An account as an IdP pushes it, with what most of them send.
fn user(number: usize) -> User {
    let time = Timestamp::from_micros(1_700_000_000_000_000);
    let id = UserId::generate(time);
    let email = format!("user{number}@example.com");
    let document = json!({
        "userName": email, "active": true, "displayName": format!("User Number {number}"),
        "name": { "givenName": "User", "familyName": format!("Number {number}"), "formatted": format!("User Number {number}") },
        "emails": [{ "value": email, "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+41 44 123 45 67", "type": "work" }],
        "title": "Engineer", "locale": "en-US", "timezone": "Europe/Zurich",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            { "employeeNumber": number.to_string(), "department": "Research", "costCenter": "4711" },
    });
    User {
        id,
        scim_id: ScimUserId::of_account(id),
        username: format!("user{number}"),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
        state: UserState::Active,
        description: String::new(),
        url: String::new(),
        verification: VerificationStatus::Unverified,
        provenance: Provenance::Provisioned,
        pushed_by: None,
        person: Person {
            user_name: email.clone(),
            external_id: Some(format!("00u{number}")),
            given_name: Some("User".to_owned()),
            family_name: Some(format!("Number {number}")),
            email: Some(email),
            search: document.to_string(),
            document: document.to_string(),
        },
        create_time: time,
        update_time: time,
        version: 1,
    }
}
