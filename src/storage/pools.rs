//! How the connections are used (storage floor).

use sea_orm::{DatabaseConnection, DbBackend};

use super::{Store, readers::Readers, transaction::Writer};

/// One pool of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// What it is for: `all`, or `read` and `write`.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// As many as may be open.
    pub most: u32,
}

impl Store {
    /// How each pool is used now. SQLite in memory has one connection, which stands under both names.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        let reader = self.reader.pool();
        match &self.writer {
            Writer::Pool(writer) => vec![of("all", writer.connection())],
            Writer::Shared(writer) => {
                let read = self.reader.readers().map(Readers::figures);
                let read = read.or_else(|| reader.map(|pool| of("read", pool)));
                read.into_iter().chain([writer.figures()]).collect()
            }
        }
    }

    /// How many transactions wait to begin.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.writer.waiting()
    }
}

fn of(name: &'static str, connection: &DatabaseConnection) -> PoolUse {
    let (open, idle, most) = if connection.get_database_backend() == DbBackend::Sqlite {
        let pool = connection.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    } else {
        let pool = connection.get_postgres_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    };
    PoolUse { name, open, idle: u32::try_from(idle).unwrap_or(u32::MAX), most }
}
