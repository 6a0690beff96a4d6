//! How far a stream was read, and where it goes on (cli floor).

use std::fmt;

use crate::proto::roster::v1::{WatchMembershipsResponse, watch_memberships_response::Event};

/// The place in the stream.
#[derive(Debug)]
pub(super) struct Place {
    snapshot: bool,
    after: Option<u64>,
    messages: u64,
}

impl Place {
    pub(super) fn new(snapshot: bool, after: Option<u64>) -> Self {
        Self { snapshot, after, messages: 0 }
    }

    /// Whether a snapshot is still to be read. One that broke off cannot be resumed.
    pub(super) fn wants_snapshot(&self) -> bool {
        self.snapshot && self.after.is_none()
    }

    /// After which revision the stream goes on.
    pub(super) fn revision(&self) -> Option<u64> {
        self.after
    }

    /// How many messages were read.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// `message` was told. The parts of a snapshot but the last say 0, from which nothing resumes.
    pub(super) fn advance(&mut self, message: &WatchMembershipsResponse) {
        self.messages += 1;
        let is_part = matches!(&message.event, Some(Event::Snapshot(part)) if !part.complete);
        if !is_part {
            self.after = Some(message.revision);
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Some(revision) => write!(f, "after revision {revision}"),
            None if self.snapshot => f.write_str("with a new snapshot"),
            None => f.write_str("from now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::roster::v1::{MembershipHeartbeat, MembershipSnapshot};

    fn message(revision: u64, complete: Option<bool>) -> WatchMembershipsResponse {
        let snapshot = |complete| Event::Snapshot(MembershipSnapshot { members: Vec::new(), complete });
        let event = complete.map_or(Event::Heartbeat(MembershipHeartbeat {}), snapshot);
        WatchMembershipsResponse { revision, event: Some(event) }
    }

    #[test]
    fn a_snapshot_is_taken_again_until_it_is_whole() {
        let mut place = Place::new(true, None);
        place.advance(&message(0, Some(false)));
        assert_eq!((place.wants_snapshot(), place.revision()), (true, None));
        place.advance(&message(7, Some(true)));
        assert_eq!((place.wants_snapshot(), place.revision()), (false, Some(7)));
    }

    #[test]
    fn the_snapshot_of_a_server_without_members_is_whole_at_revision_0() {
        let mut place = Place::new(true, None);
        place.advance(&message(0, Some(true)));
        assert_eq!((place.wants_snapshot(), place.revision()), (false, Some(0)));
        place.advance(&message(3, None));
        assert_eq!((place.revision(), place.messages()), (Some(3), 2));
    }
}
