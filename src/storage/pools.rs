//! How the connections are used (storage floor).

use super::{Store, transaction::Writer};

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
    /// Transactions so far that PostgreSQL ended since two waited for each other; they were tried again.
    pub deadlocks: u64,
}

impl Store {
    /// How each pool is used now. SQLite in memory has one connection, which stands under both names.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        match &self.writer {
            Writer::Pool(writer) => vec![writer.figures()],
            Writer::Shared(writer) => {
                let write = writer.figures();
                let read = self.reader.figures().unwrap_or(PoolUse { name: "read", ..write });
                vec![read, write]
            }
        }
    }

    /// How many transactions wait to begin.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.writer.waiting()
    }
}
