//! A fair share of the connections: the requests of one user cannot take them all (storage floor).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::domain::id::UserId;

/// From how many users on those who are gone are looked for.
const USERS: usize = 1_024;

/// The share of each user; clones are one.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    each: usize,
    users: Arc<Mutex<HashMap<UserId, Weak<Semaphore>>>>,
}

impl Shares {
    /// Half of so many connections for each user, and one at least.
    pub(super) fn of(connections: u32) -> Self {
        Self { each: usize::try_from(connections / 2).unwrap_or(usize::MAX).max(1), users: Arc::default() }
    }

    /// Waits, for so long at most, until a connection more would not be above the user's share, of which it is a part until the answer
    /// is dropped.
    ///
    /// # Errors
    /// The user has had as many all the time.
    pub(super) async fn take(&self, user: UserId, patience: Duration) -> Result<OwnedSemaphorePermit, DbErr> {
        // nobody closes one
        let share = timeout(patience, self.share(user).acquire_owned()).await.ok().and_then(Result::ok);
        let why = "the other requests of the same user have all connections that one user may have";
        share.ok_or_else(|| DbErr::Conn(RuntimeErr::Internal(why.to_owned())))
    }

    fn share(&self, user: UserId) -> Arc<Semaphore> {
        // each change is one insertion or removal
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = users.get(&user).and_then(Weak::upgrade) {
            return share;
        }
        if users.len() >= USERS {
            users.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(self.each));
        users.insert(user, Arc::downgrade(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::domain::clock::Timestamp;

    #[tokio::test]
    async fn one_user_leaves_half_of_the_connections_to_others() {
        let (shares, now) = (Shares::of(4), Timestamp::from_micros(1));
        let (one, other) = (UserId::generate(now), UserId::generate(now));
        let long = Duration::from_hours(1);
        let held = (shares.take(one, long).await.unwrap(), shares.take(one, long).await.unwrap());
        assert!(shares.take(one, long).now_or_never().is_none());
        assert!(shares.take(one, Duration::ZERO).await.is_err());
        drop(shares.take(other, long).await.unwrap());
        drop(held);
        drop(shares.take(one, long).await.unwrap());
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let (shares, now) = (Shares::of(10), Timestamp::from_micros(1));
        for _ in 0..10 * USERS {
            drop(shares.share(UserId::generate(now)));
        }
        assert!(shares.users.lock().unwrap().len() <= USERS);
    }
}
