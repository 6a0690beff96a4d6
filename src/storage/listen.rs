//! Telling the other instances on a PostgreSQL database of changes, by LISTEN and NOTIFY (storage floor).

use sea_orm::{ConnectionTrait, DbBackend};
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Error, Sql, Store, connect::unreachable_database, link::Target};

/// The channel of all instances on one database.
const CHANNEL: &str = "roster_change";

/// Hears of the changes of other instances. Some may go unheard, as while a connection is made anew: whoever must know
/// looks into the database from time to time as well.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The name of an instance that has changed something, when there is one.
    ///
    /// # Errors
    /// The connection is lost, or the database is closed.
    pub async fn hear(&mut self) -> Result<String, Error> {
        let heard = self.0.recv().await.map_err(unreachable_database)?;
        Ok(heard.payload().to_owned())
    }
}

impl Store {
    /// Begins to listen; none on SQLite, which one process serves.
    ///
    /// # Errors
    /// The database does not answer, or is a standby, where nobody can listen.
    pub async fn listen(&self) -> Result<Option<Listener>, Error> {
        let Some(Target::Postgres(server)) = self.reader.target() else { return Ok(None) };
        if let Some(standby) = self.writer.standby()
            && standby.ask(&self.reader).await?
        {
            return Err(Error::ReadOnly);
        }
        let one = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let one = one.connect_with(server.options.clone()).await.map_err(unreachable_database)?;
        let mut listener = PgListener::connect_with(&one).await.map_err(unreachable_database)?;
        listener.listen(CHANNEL).await.map_err(unreachable_database)?;
        Ok(Some(Listener(listener)))
    }

    /// Tells all who listen that the instance of this name has changed something. Not in the transaction of the change:
    /// PostgreSQL commits transactions that notify one after the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notify(&self, instance: &str) -> Result<(), Error> {
        let mut sql = Sql::new("SELECT pg_notify(");
        sql.bind_all([CHANNEL, instance]).push(")");
        let statement = &sql.build(DbBackend::Postgres);
        // one of ours, which changes nothing: as a statement by itself it would look like a change of others
        self.transaction(|tx| async move {
            tx.execute_raw(statement.clone()).await?;
            Ok(())
        })
        .await
    }
}
