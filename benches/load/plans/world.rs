//! A database in which every table that grows has grown.

use anyhow::Result;

use crate::{
    check::{map, organization},
    fill::Fill,
    process::Server,
    seed::{Kind, Seeded},
};

/// Groups beside the one of everybody, and the members of each.
const TEAMS: usize = 200;
const TEAM: usize = 1_000;

/// Rows for each user: what it did in the log, and a token.
const OF_USERS: [&str; 2] = [
    "INSERT INTO audit_event (id, time, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name,
        organization_id, before, after, request_id, address, user_agent) {series}
    SELECT {id}, 1700000000000000 + i, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name,
        organization_id, before, after, 'bench' || i, address, user_agent FROM series, event",
    "INSERT INTO token (id, user_id, digest, note, create_time, expire_time) {series}
    SELECT {id}, {id}, {bytes}, '', 1700000000000000, 4700000000000000 FROM series",
];

/// Rows for every hundredth: an organization with an owner, and a mapping that waits for its group.
const OF_ORGANIZATIONS: [&str; 5] = [
    "INSERT INTO organization (id, name, description, url, verification, repository_base_role, create_time,
        update_time) {series}
    SELECT {id}, 'organization' || i, description, url, verification, repository_base_role, create_time, update_time
        FROM series, organization_row",
    "INSERT INTO owner_name (name, owner_id) {series} SELECT 'organization' || i, {id} FROM series",
    "INSERT INTO organization_role (organization_id, user_id, source, role, actor_kind, actor_id, create_time) {series}
    SELECT {id}, {id}, source, role, actor_kind, actor_id, create_time FROM series, role_row",
    "INSERT INTO organization_member (organization_id, user_id, role, source) {series}
    SELECT {id}, {id}, role, source FROM series, role_row",
    "INSERT INTO organization_group (id, organization_id, group_name, group_name_key, role_override, group_id,
        create_time) {series}
    SELECT {id}, {id}, 'Waiting ' || i, 'waiting ' || i, NULL, NULL, 1700000000000000 FROM series",
];

/// The rows that are copied.
const COPIED: &str = "CREATE TEMPORARY TABLE event AS SELECT * FROM audit_event LIMIT 1;
    CREATE TEMPORARY TABLE organization_row AS SELECT * FROM organization LIMIT 1;
    CREATE TEMPORARY TABLE role_row AS SELECT * FROM organization_role LIMIT 1";

/// The database, and ids of what is in it.
pub(super) struct World {
    pub(super) seeded: Seeded,
    pub(super) everyone: String,
    pub(super) team: String,
    pub(super) acme: String,
}

impl World {
    /// With so many users, memberships, events of both logs and tokens, and a hundredth of organizations.
    pub(super) async fn new(kind: Kind, users: usize) -> Result<Self> {
        let seeded = Seeded::new(kind).await?;
        seeded.users(users).await?;
        let everyone = seeded.group("Everyone", 0..users).await?;
        let mut team = String::new();
        for number in 0..TEAMS {
            let first = number * TEAM % users;
            team = seeded.group(&format!("Team {number}"), first..(first + TEAM).min(users)).await?;
        }
        seeded.settle().await?;
        let server = Server::roster(&seeded.url).await?;
        let acme = organization(&server, &seeded.api, "acme").await?;
        map(&server, &seeded.api, acme.clone(), "Everyone").await?;
        server.stop().await?;
        grow(&seeded.url, users).await?;
        seeded.settle().await?;
        Ok(Self { seeded, everyone, team, acme })
    }
}

async fn grow(url: &str, users: usize) -> Result<()> {
    let mut fill = Fill::open(url).await?;
    fill.run(COPIED).await?;
    for statement in OF_USERS {
        fill.series(statement, 0..users).await?;
    }
    for statement in OF_ORGANIZATIONS {
        fill.series(statement, 0..users / 100).await?;
    }
    Ok(())
}
