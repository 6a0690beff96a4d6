//! What hangs, hurries or breaks around the server does not stop it.

mod connections;
mod deadlines;
mod early;
mod frames;
mod heavy;
mod messages;
mod open;
mod outage;
mod rates;
mod strangers;
mod untaken;

use std::time::Duration;

/// One message of gRPC, or of a stream of Connect.
fn envelope(flags: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flags][..], &length, message].concat()
}

/// How long a failing test waits; none that passes does.
const PATIENCE: Duration = Duration::from_secs(30);
