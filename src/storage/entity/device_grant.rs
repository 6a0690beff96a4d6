//! Table `device_grant`: devices that ask to be signed in, by the hash of their code (storage floor).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "device_grant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub device_digest: Vec<u8>,
    pub user_code: String,
    pub state: i16,
    pub user_id: Option<Uuid>,
    pub token_id: Option<Uuid>,
    pub ticket_digest: Option<Vec<u8>>,
    pub address: Option<String>,
    pub poll_interval: i64,
    pub poll_time: Option<i64>,
    pub create_time: i64,
    pub expire_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
