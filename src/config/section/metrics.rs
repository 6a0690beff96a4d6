//! `[metrics]`: who may read what is counted, and where (config floor).

use std::{net::SocketAddr, path::PathBuf};

use super::section;
use crate::config::setting::Secret;

section! {
    /// `[metrics]`
    Metrics = "metrics" {
        /// Whether anything is counted and served.
        enabled: bool;
        /// An address of its own; none for the port of everything else.
        listen: Option<SocketAddr>;
        /// The token that opens it, be it from `token` or from `token_file`.
        token: Option<Secret> => secret(Secret::masked);
        /// The file that the token is read from.
        token_file: Option<PathBuf>;
    }
}
