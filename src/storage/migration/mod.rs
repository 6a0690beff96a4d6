//! The schema's history: one file per step, never changed once released (storage floor).

use sea_orm_migration::prelude::*;

mod m20261122_000001_first;
mod m20261122_000002_scim_token_description;
mod m20261122_000003_lists;
mod m20261122_000010_provisioning;
mod m20261122_000011_device_grant;
mod m20261122_000011_provisioning_log;
mod m20261122_000012_job;
mod m20261122_000012_large_removal;
mod m20261122_000013_jit;
mod m20261122_000014_scim_resource;
mod m20261122_000015_rollout;
mod m20261122_000016_provisioning_segment;
mod m20261122_000017_indexes;
mod m20261126_000018_clustered;
mod m20261126_000019_covering;
mod m20261128_000020_device_grant_token;
mod m20261128_000020_keys;
mod m20261128_000021_rights;
mod m20261128_000040_refused_deactivation;
mod m20261128_000050_pushed_by;
mod m20261128_000060_names;
mod m20261128_000061_maintenance;
mod m20261128_000070_retired_creator;

/// Runs the steps that a database lacks, in order.
pub(super) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let steps: [Box<dyn MigrationTrait>; 23] = [
            Box::new(m20261122_000001_first::Migration),
            Box::new(m20261122_000002_scim_token_description::Migration),
            Box::new(m20261122_000003_lists::Migration),
            Box::new(m20261122_000010_provisioning::Migration),
            Box::new(m20261122_000011_provisioning_log::Migration),
            Box::new(m20261122_000011_device_grant::Migration),
            Box::new(m20261122_000012_large_removal::Migration),
            Box::new(m20261122_000012_job::Migration),
            Box::new(m20261122_000013_jit::Migration),
            Box::new(m20261122_000014_scim_resource::Migration),
            Box::new(m20261122_000015_rollout::Migration),
            Box::new(m20261122_000016_provisioning_segment::Migration),
            Box::new(m20261122_000017_indexes::Migration),
            Box::new(m20261126_000018_clustered::Migration),
            Box::new(m20261126_000019_covering::Migration),
            Box::new(m20261128_000020_device_grant_token::Migration),
            Box::new(m20261128_000020_keys::Migration),
            Box::new(m20261128_000021_rights::Migration),
            Box::new(m20261128_000040_refused_deactivation::Migration),
            Box::new(m20261128_000050_pushed_by::Migration),
            Box::new(m20261128_000060_names::Migration),
            Box::new(m20261128_000061_maintenance::Migration),
            Box::new(m20261128_000070_retired_creator::Migration),
        ];
        steps.into_iter().map(|step| Box::new(Whole(step)) as _).collect()
    }
}

/// A step that is done as a whole or not at all, on SQLite as well: who starts again after a crash finds no half.
struct Whole(Box<dyn MigrationTrait>);

impl MigrationName for Whole {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Whole {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }
}

/// The names of all steps, in order.
pub(super) fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// `statement` with text that sorts by code points, as SQLite does by itself, and with the database's own word for bytes.
fn in_dialect(manager: &SchemaManager<'_>, statement: &str) -> String {
    match manager.get_database_backend() {
        sea_orm::DbBackend::Sqlite => statement.to_owned(),
        _ => statement.replace(" text", " text COLLATE \"C\"").replace(" blob", " bytea"),
    }
}
