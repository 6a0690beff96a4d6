//! By which SCIM token an account was pushed: an `externalId` names a person within one IdP alone (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // no foreign key: a token that is gone is still the one that pushed
        let add = r#"ALTER TABLE "user" ADD COLUMN pushed_by uuid"#;
        manager.get_connection().execute_unprepared(add).await?;
        Ok(())
    }
}
