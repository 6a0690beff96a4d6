//! `[timeouts]`: how long at most (config floor).

use std::time::Duration;

use super::section;

section! {
    /// `[timeouts]`
    Timeouts = "timeouts" {
        /// For the head of a request, and for the first request of a connection.
        head: Duration => reloaded();
        /// For the body of a request, beyond what it takes at `limits.body_rate`.
        body: Duration => reloaded();
        /// From the head of a request to the head of its answer.
        request: Duration;
        /// Between two requests of a connection.
        idle: Duration => reloaded();
        /// How long a client may take nothing of an answer.
        write: Duration => reloaded();
        /// Between two pings of an HTTP/2 connection.
        ping: Duration => reloaded();
        /// For the requests in flight after SIGTERM.
        drain: Duration => reloaded();
    }
}
