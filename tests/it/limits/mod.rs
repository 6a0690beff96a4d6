//! What hangs, hurries or breaks around the server does not stop it.

mod connections;
mod deadlines;
mod messages;
mod outage;
mod rates;

use std::time::Duration;

/// How long a failing test waits; none that passes does.
const PATIENCE: Duration = Duration::from_secs(30);
