//! `[database]`: where the data are (config floor).

use std::{path::PathBuf, time::Duration};

use super::section;
use crate::config::setting::{AtLeast, DatabaseUrl};

section! {
    /// `[database]`
    Database = "database" {
        /// URL of the database, be it from `url` or from `url_file`.
        url: DatabaseUrl => secret(DatabaseUrl::masked);
        /// The file that the URL is read from.
        url_file: Option<PathBuf>;
        /// Connections to PostgreSQL.
        connections: AtLeast<2>;
        /// Connections that read a SQLite file.
        readers: AtLeast<1>;
        /// How long a request waits for a connection.
        acquire_timeout: Duration;
        /// How long an instance that is cut off keeps others waiting.
        stall_timeout: Duration;
        /// How long a start waits.
        start_timeout: Duration;
    }
}
