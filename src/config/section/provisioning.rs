//! `[provisioning]`: what is kept of what identity providers send (config floor).

use std::time::Duration;

use super::section;
use crate::config::setting::Size;

section! {
    /// `[provisioning]`
    Provisioning = "provisioning" {
        /// How long the log of requests keeps one.
        log_retention: Duration;
        /// How much the log keeps.
        log_max_bytes: Size;
        /// How much of each body.
        log_body_bytes: Size;
    }
}
