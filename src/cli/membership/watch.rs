//! `roster membership watch`: follows the stream, and goes on where it broke (cli floor).

mod line;
mod place;

use std::time::Duration;

use clap::Args;
use tonic::{Code, Status, Streaming};

use crate::{
    cli::{named::Named, session::Session},
    proto::roster::v1::{
        WatchMembershipsRequest, WatchMembershipsResponse,
        membership_service_client::MembershipServiceClient, watch_memberships_response::Event,
    },
};
use place::Place;

/// The server tells at least every 15 seconds that it lives.
const SILENCE: Duration = Duration::from_secs(45);
/// The pause before the stream is opened again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(15);

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only this organization; all are for server admins
    #[arg(long, value_name = "NAME|ID")]
    organization: Option<Named>,

    /// Only this user
    #[arg(long, value_name = "NAME|ID")]
    user: Option<Named>,

    /// Tell all memberships first
    #[arg(long, conflicts_with = "after")]
    snapshot: bool,

    /// Tell every change after this revision [default: from now on]
    #[arg(long, value_name = "REVISION")]
    after: Option<u64>,
}

/// Runs until it is stopped, or the server refuses.
pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let mut place = Place::new(arguments.snapshot, arguments.after);
    let mut pause = FIRST_PAUSE;
    loop {
        let before = place.messages();
        let broken = follow(session, &arguments, &mut place).await?;
        if before != place.messages() {
            pause = FIRST_PAUSE;
        } else if before == 0 {
            // it never began: what is wrong does not pass by itself
            return Err(broken.into());
        }
        eprintln!("roster: the stream broke ({}), and goes on {place}", broken.message());
        tokio::time::sleep(pause).await;
        pause = LAST_PAUSE.min(pause * 2);
    }
}

/// Follows one stream until it breaks. An error is one that would come again.
async fn follow(session: &Session, arguments: &Arguments, place: &mut Place) -> anyhow::Result<Status> {
    let mut stream = match open(session, arguments, place).await {
        Ok(stream) => stream,
        Err(status) if passes(&status) => return Ok(status),
        Err(status) => return Err(status.into()),
    };
    loop {
        match next(&mut stream).await {
            Ok(message) => {
                tell(session, &message)?;
                place.advance(&message);
            }
            Err(status) if passes(&status) => return Ok(status),
            Err(status) => return Err(status.into()),
        }
    }
}

async fn open(
    session: &Session,
    arguments: &Arguments,
    place: &Place,
) -> Result<Streaming<WatchMembershipsResponse>, Status> {
    let request = WatchMembershipsRequest {
        organization_ref: arguments.organization.as_ref().map(Into::into),
        user_ref: arguments.user.as_ref().map(Into::into),
        snapshot: place.wants_snapshot(),
        after_revision: place.revision(),
    };
    let mut client = session.client(MembershipServiceClient::with_origin);
    Ok(client.watch_memberships(request).await?.into_inner())
}

async fn next(stream: &mut Streaming<WatchMembershipsResponse>) -> Result<WatchMembershipsResponse, Status> {
    let message = tokio::time::timeout(SILENCE, stream.message()).await;
    let message = message.map_err(|_| Status::unavailable("the server has gone silent"))??;
    message.ok_or_else(|| Status::unavailable("the server ended it"))
}

/// Whether a stream that ended so can be opened again later.
fn passes(status: &Status) -> bool {
    use Code::{Aborted, Cancelled, DeadlineExceeded, Internal, ResourceExhausted, Unavailable, Unknown};
    matches!(
        status.code(),
        Aborted | Cancelled | DeadlineExceeded | Internal | ResourceExhausted | Unavailable | Unknown
    )
}

/// Prints a message; heartbeats say nothing to a reader.
fn tell(session: &Session, message: &WatchMembershipsResponse) -> anyhow::Result<()> {
    let lines = match &message.event {
        Some(Event::Snapshot(snapshot)) => line::snapshot(snapshot),
        Some(Event::Change(change)) => line::change(message.revision, change),
        Some(Event::Heartbeat(_)) | None => return Ok(()),
    };
    if lines.is_empty() && session.is_for_people() {
        return Ok(());
    }
    session.show(message, |_| lines)
}
