//! Table `user`: accounts, with what an IdP says of the people behind them (storage floor).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scim_id: Uuid,
    pub username: String,
    pub user_type: i16,
    pub server_role: i16,
    pub state: i16,
    pub description: String,
    pub url: String,
    pub verification: i16,
    pub provenance: i16,
    pub user_name: String,
    pub user_name_key: String,
    pub pushed_user_name_key: Option<String>,
    pub external_id: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub document: String,
    pub search: String,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub pushed_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
