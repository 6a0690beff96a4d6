//! Work that is done from time to time, by one of the instances that share a database (services floor).

use std::time::Duration;

use tokio::time::timeout;

use super::{Error, Reason, Services, chain, membership, organization_group, provisioning::log};
use crate::storage;

/// How often it is asked at most whether work is due.
const LOOK: Duration = Duration::from_mins(1);
/// How often it is asked whether a mapping is left half extended. No claim is made for that: a claim is a change, and where
/// nothing changes nothing has to be read again.
const LOOK_FOR_ROLLOUTS: Duration = Duration::from_secs(1);

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Deletes the events of memberships that are older than they are kept.
    ForgetEvents,
    /// Keeps the provisioning log within its bounds.
    PruneRequests,
}

impl Job {
    const ALL: [Self; 2] = [Self::ForgetEvents, Self::PruneRequests];

    /// The name in the database.
    const fn name(self) -> &'static str {
        match self {
            Self::ForgetEvents => "forget_membership_events",
            Self::PruneRequests => "prune_provisioning_requests",
        }
    }

    /// How long after it was begun it is due again.
    fn period(self, services: &Services) -> Duration {
        match self {
            Self::ForgetEvents => membership::watch::forget_every(services.watching.keep_events),
            Self::PruneRequests => log::PRUNE_EVERY,
        }
    }

    async fn run(self, services: &Services) -> Result<(), Error> {
        match self {
            Self::ForgetEvents => membership::watch::forget(services).await,
            Self::PruneRequests => log::prune(services).await.map(drop),
        }
    }
}

/// Does what is due until the server stops. A job that fails is told in the log, and done when it is due next. Jobs of a
/// standby are done by those on its primary.
pub async fn run(services: Services) {
    let mut news = services.news.subscribe();
    let pause =
        Job::ALL.iter().map(|job| job.period(&services)).min().map_or(LOOK, |shortest| shortest.min(LOOK));
    loop {
        if let Err(error) = run_due(&services).await
            && error.reason != Reason::ReadOnly
        {
            tracing::warn!(error = chain(&error), "a job failed");
        }
        if timeout(pause, news.wait_for(|news| news.stopping)).await.is_ok() {
            return;
        }
    }
}

/// Goes on, until the server stops, with mappings that were being extended when their instance went away. Where several
/// instances go on with one, each step is done by one of them.
pub async fn resume_rollouts(services: Services) {
    let mut news = services.news.subscribe();
    loop {
        if let Err(error) = organization_group::resume(&services).await
            && error.reason != Reason::ReadOnly
        {
            tracing::warn!(error = chain(&error), "a mapping could not be extended");
        }
        if timeout(LOOK_FOR_ROLLOUTS, news.wait_for(|news| news.stopping)).await.is_ok() {
            return;
        }
    }
}

/// Does what is due now and no other instance has begun; returns what.
///
/// # Errors
/// When the database fails.
pub async fn run_due(services: &Services) -> Result<Vec<Job>, Error> {
    let mut done = Vec::new();
    for job in Job::ALL {
        let now = services.now();
        let next = now.plus(job.period(services));
        let claim =
            services.store.transaction(async |tx| storage::job::claim(&*tx, job.name(), now, next).await);
        if claim.await? {
            job.run(services).await?;
            done.push(job);
        }
    }
    Ok(done)
}
