//! Devices that ask to be signed in (storage floor).

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{OnConflict, SimpleExpr},
};

use super::{
    Error, ROW_LOCK, Sql, decode,
    device_client::read_address,
    entity::{device_grant, device_miss},
};
use crate::domain::{
    clock::Timestamp,
    device_grant::{DeviceGrant, GrantState, Misses, UserCode},
    id::{DeviceClientId, TokenId, UserId},
    secret::Digest,
};

/// Stores a new grant with the digest of the device's code.
///
/// # Errors
/// [`Error::Taken`] when its user code is.
pub async fn insert(db: &impl ConnectionTrait, new: &DeviceGrant, device: &Digest) -> Result<(), Error> {
    let row = device_grant::Model {
        id: new.id.uuid(),
        client_id: new.client_id.uuid(),
        device_digest: device.as_bytes().to_vec(),
        user_code: new.user_code.letters().to_owned(),
        state: new.state.code(),
        user_id: new.user_id.map(UserId::uuid),
        token_id: new.token_id.map(TokenId::uuid),
        ticket_digest: new.ticket.map(|ticket| ticket.as_bytes().to_vec()),
        address: new.address.map(|address| address.to_string()),
        poll_interval: micros(new.interval),
        poll_time: new.poll_time.map(Timestamp::micros),
        create_time: new.create_time.micros(),
        expire_time: new.expire_time.micros(),
    };
    device_grant::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Stores what changes in the life of a grant: its state, who decides and by which token, and the polls.
///
/// # Errors
/// When the database fails.
pub async fn update(db: &impl ConnectionTrait, changed: &DeviceGrant) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE device_grant SET state = ");
    sql.bind(changed.state.code()).push(", user_id = ").bind(changed.user_id.map(UserId::uuid));
    sql.push(", token_id = ").bind(changed.token_id.map(TokenId::uuid));
    sql.push(", ticket_digest = ").bind(changed.ticket.map(|ticket| ticket.as_bytes().to_vec()));
    sql.push(", poll_interval = ").bind(micros(changed.interval));
    sql.push(", poll_time = ").bind(changed.poll_time.map(Timestamp::micros));
    sql.push(" WHERE id = ").bind(changed.id.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// The grant of the device with this code, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_by_device_code_for_update(
    db: &impl ConnectionTrait,
    digest: &Digest,
) -> Result<Option<DeviceGrant>, Error> {
    let is = device_grant::Column::DeviceDigest.eq(digest.as_bytes().to_vec());
    let Some(row) = locked(db, is).await? else { return Ok(None) };
    // in constant time, unlike the database
    let stored = decode("device code digest", Digest::from_bytes(&row.device_digest))?;
    (stored == *digest).then(|| from_row(&row)).transpose()
}

/// The grant with this user code, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_by_user_code_for_update(
    db: &impl ConnectionTrait,
    code: &UserCode,
) -> Result<Option<DeviceGrant>, Error> {
    let is = device_grant::Column::UserCode.eq(code.letters());
    locked(db, is).await?.as_ref().map(from_row).transpose()
}

async fn locked(db: &impl ConnectionTrait, is: SimpleExpr) -> Result<Option<device_grant::Model>, Error> {
    Ok(device_grant::Entity::find().filter(is).lock(ROW_LOCK).one(db).await?)
}

/// How many grants this client began.
///
/// # Errors
/// When the database fails.
pub async fn count_of(db: &impl ConnectionTrait, client: DeviceClientId) -> Result<u64, Error> {
    let of_client = device_grant::Column::ClientId.eq(client.uuid());
    Ok(device_grant::Entity::find().filter(of_client).count(db).await?)
}

/// How many codes a user missed of late.
///
/// # Errors
/// When the database fails.
pub async fn misses(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Misses>, Error> {
    let row = device_miss::Entity::find_by_id(user.uuid()).one(db).await?;
    Ok(row.map(|row| Misses { count: row.count, since: Timestamp::from_micros(row.since) }))
}

/// Stores how many codes a user missed of late.
///
/// # Errors
/// When the database fails.
pub async fn set_misses(db: &impl ConnectionTrait, user: UserId, misses: Misses) -> Result<(), Error> {
    let row = device_miss::Model { user_id: user.uuid(), count: misses.count, since: misses.since.micros() };
    let replace = OnConflict::column(device_miss::Column::UserId)
        .update_columns([device_miss::Column::Count, device_miss::Column::Since])
        .to_owned();
    let insert = device_miss::Entity::insert(row.into_active_model()).on_conflict(replace);
    insert.exec_without_returning(db).await?;
    Ok(())
}

fn micros(interval: Duration) -> i64 {
    i64::try_from(interval.as_micros()).unwrap_or(i64::MAX)
}

fn from_row(row: &device_grant::Model) -> Result<DeviceGrant, Error> {
    let ticket = row.ticket_digest.as_deref();
    let interval = u64::try_from(row.poll_interval).ok().map(Duration::from_micros);
    Ok(DeviceGrant {
        id: row.id.into(),
        client_id: row.client_id.into(),
        user_code: decode("user code", UserCode::parse(&row.user_code))?,
        state: decode("state of a device grant", GrantState::from_code(row.state))?,
        user_id: row.user_id.map(UserId::from),
        token_id: row.token_id.map(TokenId::from),
        ticket: ticket.map(|bytes| decode("ticket digest", Digest::from_bytes(bytes))).transpose()?,
        address: read_address(row.address.as_deref())?,
        interval: decode("interval", interval)?,
        poll_time: row.poll_time.map(Timestamp::from_micros),
        create_time: Timestamp::from_micros(row.create_time),
        expire_time: Timestamp::from_micros(row.expire_time),
    })
}
