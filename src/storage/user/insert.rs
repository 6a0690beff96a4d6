//! New accounts (storage floor).

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
};

use super::{
    super::{Error, Open, Sql, entity::user},
    to_row,
};
use crate::domain::user::User;

/// Stores a new account.
///
/// # Errors
/// [`Error::Taken`] when its name, its SCIM id or its pushed `userName` is.
pub async fn insert(db: &impl ConnectionTrait, new: &User) -> Result<(), Error> {
    user::Entity::insert(to_row(new).into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Takes the name of a new account and stores it; `false` when the name is taken.
///
/// # Errors
/// [`Error::Taken`] when its SCIM id or its pushed `userName` is.
pub async fn insert_named(db: &Open, new: &User) -> Result<bool, Error> {
    let row = to_row(new).into_active_model();
    let columns = user::Column::iter().map(|column| format!("\"{}\"", column.as_str())).collect::<Vec<_>>();
    let values = user::Column::iter().filter_map(|column| row.get(column).into_value());
    let backend = db.get_database_backend();
    let mut take = Sql::new("INSERT INTO owner_name (name, owner_id) VALUES (");
    take.bind(new.username.as_str()).push(", ").bind(new.id.uuid()).push(") ON CONFLICT (name) DO NOTHING");
    let mut sql = if backend == DbBackend::Sqlite {
        db.later(take.build(backend)).await?;
        Sql::default()
    } else {
        take.push(" RETURNING 1");
        take.wrapped("WITH taken AS (", ") ")
    };
    sql.push(r#"INSERT INTO "user" ("#).push(&columns.join(", ")).push(") SELECT ").bind_all(values);
    let is_taken =
        if backend == DbBackend::Sqlite { "changes() = 1" } else { "EXISTS (SELECT 1 FROM taken)" };
    sql.push(" WHERE ").push(is_taken);
    Ok(db.execute_raw(sql.build(backend)).await?.rows_affected() == 1)
}
