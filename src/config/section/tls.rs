//! `[tls]`: the certificate (config floor).

use std::{path::PathBuf, time::Duration};

use super::section;

section! {
    /// `[tls]`
    Tls = "tls" {
        /// PEM file with the certificate; none without TLS.
        certificate: Option<PathBuf>;
        /// PEM file with its private key.
        key: Option<PathBuf>;
        /// How often both are looked at for a change.
        check_every: Duration;
    }
}
