//! What SCIM counts, for who watches the server (gateway floor). Names of resource types and of errors, and nothing that
//! a client wrote.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Scim;
use crate::{domain::provisioning::Outcome, scim::ScimType};

/// Methods that are told apart; a client may write any.
const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];
/// What is served beside the resources.
const OTHERS: [&str; 7] =
    ["Bulk", "Me", "ResourceTypes", "Schemas", "ServiceProviderConfig", "openapi.json", "readiness"];

/// Counts operations, those within bulk requests as well; clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Figures(Arc<Mutex<Counted>>);

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// By method, resource type or endpoint, and how it went.
    pub operations: BTreeMap<(&'static str, String, Went), u64>,
    /// Those that were not done, by status, and `scimType` if there is one.
    pub errors: BTreeMap<(u16, Option<&'static str>), u64>,
    /// Refused requests that would have deactivated an active user.
    pub refused_deactivations: u64,
}

/// How an operation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Went {
    /// It was done.
    Done,
    /// The client was refused.
    Refused,
    /// The server failed.
    Failed,
    /// The client went away before it was told.
    Abandoned,
}

impl Went {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    const fn of(status: u16) -> Self {
        match status {
            0 => Self::Abandoned,
            1..400 => Self::Done,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

impl Figures {
    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Counted {
        self.lock().clone()
    }

    /// Counts an operation on `path`.
    pub(super) fn count(&self, scim: &Scim, method: &str, path: &str, outcome: &Outcome) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER");
        let operation = (method, scim.name_of(path).to_owned(), Went::of(outcome.status));
        let scim_type = outcome.scim_type.as_deref();
        let scim_type =
            ScimType::ALL.into_iter().map(ScimType::as_str).find(|known| Some(*known) == scim_type);
        let mut counted = self.lock();
        *counted.operations.entry(operation).or_default() += 1;
        if outcome.status >= 400 {
            *counted.errors.entry((outcome.status, scim_type)).or_default() += 1;
        }
    }

    /// Counts a refused deactivation.
    pub(super) fn deactivation_refused(&self) {
        self.lock().refused_deactivations += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        // counting cannot leave it half-done
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scim {
    /// The resource type that stands at a path, or another endpoint.
    fn name_of(&self, path: &str) -> &str {
        let path = path.strip_prefix("/scim/v2").unwrap_or(path).trim_start_matches('/');
        let first = path.split(['/', '?']).next().unwrap_or_default();
        match self.at(first) {
            Some(endpoint) => &endpoint.resource_type(self).name,
            None => OTHERS.into_iter().find(|known| *known == first).unwrap_or("other"),
        }
    }
}
