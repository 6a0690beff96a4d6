//! `[provisioning]`: what is kept of what identity providers send (config floor).

use std::time::Duration;

use super::section;
use crate::config::setting::{AtLeast, Percent, Size};

section! {
    /// `[provisioning]`
    Provisioning = "provisioning" {
        /// How long the log of requests keeps one.
        log_retention: Duration;
        /// How much the log keeps.
        log_max_bytes: Size;
        /// How much of each body.
        log_body_bytes: Size;
        /// Whether a large removal waits for an admin.
        hold_large_removals: bool;
        /// From how many of a hundred members on a removal is large.
        large_removal_percent: Percent;
        /// From how many members on a removal can be large.
        large_removal_members: AtLeast<1>;
    }
}
