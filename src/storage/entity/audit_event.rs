//! Table `audit_event`: the audit log (storage floor).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub time: i64,
    pub action: i16,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub subject_kind: i16,
    pub subject_id: String,
    pub subject_name: String,
    pub organization_id: Option<Uuid>,
    pub before: String,
    pub after: String,
    pub request_id: String,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
