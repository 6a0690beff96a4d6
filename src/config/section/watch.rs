//! `[watch]`: streams of memberships (config floor).

use std::time::Duration;

use super::section;

section! {
    /// `[watch]`
    Watch = "watch" {
        /// Between two messages.
        heartbeat: Duration;
        /// For a reader to take one message.
        reader_timeout: Duration;
        /// For events to be kept.
        keep_events: Duration;
    }
}
