//! Who watches everything at one instance, and goes on after whatever broke.

use tokio::sync::watch;
use tonic::Code;

use super::{soon, writer::Client};
use crate::support::{
    folded::Folded,
    streams::{Protocol, Stream},
};

/// What somebody was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) folded: Folded,
    /// The revision of the snapshot.
    pub(super) start: u64,
    /// Those of all changes after it.
    pub(super) revisions: Vec<u64>,
}

/// Watches until everything up to `end`, once it is known, was told.
pub(super) async fn follow(client: Client, mut end: watch::Receiver<Option<u64>>) -> Told {
    let mut told = Told::default();
    loop {
        client.is_up().await;
        let wish = told.folded.wish();
        // gRPC-Web over HTTP/1.1: a connection that breaks takes one stream with it, and says so
        let opened = Stream::try_open(Protocol::GrpcWeb, &client.url, &client.admin, &wish).await;
        let mut stream = match opened {
            Some(Ok(stream)) => stream,
            Some(Err(ending)) => {
                assert_eq!(ending.0, Code::Unavailable, "after {:?}: {ending:?}", told.folded.revision);
                continue;
            }
            None => continue,
        };
        if read(&mut stream, &mut told, &mut end).await {
            return told;
        }
    }
}

/// Reads until the stream breaks; whether all was told.
async fn read(stream: &mut Stream, told: &mut Told, end: &mut watch::Receiver<Option<u64>>) -> bool {
    loop {
        // the last change may have come before it was known to be the last; a heartbeat comes in any case
        let Some(Ok(message)) = soon("a message or a heartbeat", stream.try_next()).await else {
            return false;
        };
        let (revision, changes) = (message.revision, told.folded.changes);
        let first = told.folded.revision.is_none();
        told.folded.take(message);
        if told.folded.changes > changes {
            told.revisions.push(revision);
        } else if first {
            told.start = revision;
        }
        if end.borrow_and_update().is_some_and(|end| told.folded.has_reached(end)) {
            return true;
        }
    }
}
