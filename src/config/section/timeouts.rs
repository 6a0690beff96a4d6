//! `[timeouts]`: how long at most (config floor).

use std::time::Duration;

use super::section;

section! {
    /// `[timeouts]`
    Timeouts = "timeouts" {
        /// For the head of a request, and for the first request of a connection.
        head: Duration => reloaded();
        /// Between two pings of an HTTP/2 connection.
        ping: Duration => reloaded();
        /// For the requests in flight after SIGTERM.
        drain: Duration => reloaded();
    }
}
