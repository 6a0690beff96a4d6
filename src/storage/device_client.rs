//! Programs that registered to ask for a token (storage floor).

use std::net::IpAddr;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{Error, decode, entity::device_client};
use crate::domain::{clock::Timestamp, device_grant::DeviceClient, id::DeviceClientId};

/// Stores a new client.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, new: &DeviceClient) -> Result<(), Error> {
    let row = device_client::Model {
        id: new.id.uuid(),
        name: new.name.clone(),
        address: new.address.map(|address| address.to_string()),
        create_time: new.create_time.micros(),
        expire_time: new.expire_time.micros(),
    };
    device_client::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The client with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: DeviceClientId) -> Result<Option<DeviceClient>, Error> {
    device_client::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row).transpose()
}

/// How many registered from this address since then.
///
/// # Errors
/// When the database fails.
pub async fn count_from(db: &impl ConnectionTrait, address: IpAddr, since: Timestamp) -> Result<u64, Error> {
    let query = device_client::Entity::find()
        .filter(device_client::Column::Address.eq(address.to_string()))
        .filter(device_client::Column::CreateTime.gt(since.micros()));
    Ok(query.count(db).await?)
}

/// Deletes the clients that ended before `time`, with their grants.
///
/// # Errors
/// When the database fails.
pub async fn delete_ended(db: &impl ConnectionTrait, time: Timestamp) -> Result<(), Error> {
    let ended = device_client::Column::ExpireTime.lt(time.micros());
    device_client::Entity::delete_many().filter(ended).exec(db).await?;
    Ok(())
}

fn from_row(row: device_client::Model) -> Result<DeviceClient, Error> {
    Ok(DeviceClient {
        id: row.id.into(),
        name: row.name,
        address: read_address(row.address.as_deref())?,
        create_time: Timestamp::from_micros(row.create_time),
        expire_time: Timestamp::from_micros(row.expire_time),
    })
}

/// An address as it was kept.
pub(super) fn read_address(stored: Option<&str>) -> Result<Option<IpAddr>, Error> {
    stored.map(|text| decode("address", text.parse().ok())).transpose()
}
