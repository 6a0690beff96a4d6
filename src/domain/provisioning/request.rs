//! The provisioning log: what every SCIM request was, and what it did (domain floor).

use std::time::Duration;

use super::{OrganizationRemoval, PushEffect};
use crate::domain::{
    clock::Timestamp,
    id::{LargeRemovalId, ProvisioningRequestId, ScimTokenId},
    name,
    role::codes,
};

/// A kind of SCIM resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A user.
    User,
    /// A group.
    Group,
}

codes! {
    ResourceKind { User = 1 "User", Group = 2 "Group" }
}

/// The resource that a request was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceKind,
    /// The `id` of the SCIM resource; empty of one that was not made.
    pub id: String,
    /// SCIM `userName` or `displayName`; empty when nothing told it.
    pub name: String,
    /// SCIM `externalId`.
    pub external_id: Option<String>,
}

impl Resource {
    /// The key by which names are looked for.
    #[must_use]
    pub fn name_key(&self) -> String {
        name::folded(&self.name)
    }
}

/// How a request ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer; 0 when none was sent, since the client went away or the server failed.
    pub status: u16,
    /// SCIM `scimType` of an error.
    pub scim_type: Option<String>,
    /// SCIM `detail` of an error.
    pub detail: Option<String>,
}

impl Outcome {
    /// Whether the request was not done.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status == 0 || self.status >= 400
    }
}

/// A tolerance beyond the RFC that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedRule {
    /// The index of the operation of a PATCH.
    pub operation: Option<u64>,
    /// The name of the rule.
    pub rule: String,
    /// What it was used on.
    pub place: String,
}

/// What was noted while a request, or an operation of a bulk request, was served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The resource it was about.
    pub resource: Option<Resource>,
    /// What it changed.
    pub effect: PushEffect,
    /// What dialect rules rewrote.
    pub rewrites: Vec<UsedRule>,
    /// Unknown attributes that were left out; some of them.
    pub ignored: Vec<String>,
    /// Member ids that no user has; some of them.
    pub unknown_members: Vec<String>,
    /// Where it took much of an organization's members away, or would have.
    pub large_removals: Vec<OrganizationRemoval>,
    /// The large removal that waits for an admin, when the request was refused for it.
    pub held: Option<LargeRemovalId>,
}

/// One operation of a bulk request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedOperation {
    /// The HTTP method.
    pub method: String,
    /// The path, as the client wrote it.
    pub path: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was about and did.
    pub notes: Notes,
}

/// A body as it is kept: without secrets, and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedBody {
    /// Its beginning, as JSON.
    pub text: String,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// The SCIM token of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedToken {
    /// Its id.
    pub id: ScimTokenId,
    /// Its description at the time.
    pub description: String,
}

/// One SCIM request, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Its id in the log; grows with time.
    pub id: ProvisioningRequestId,
    /// When it came.
    pub time: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// Its id in answers, log lines and audit rows.
    pub request_id: String,
    /// Its SCIM token; none when it had no valid one, or needed none.
    pub token: Option<LoggedToken>,
    /// The address it came from.
    pub address: Option<String>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was about and did; of a bulk request, all operations together.
    pub notes: Notes,
    /// The operations of a bulk request.
    pub operations: Vec<LoggedOperation>,
    /// What was sent.
    pub request_body: Option<LoggedBody>,
    /// What was answered.
    pub response_body: Option<LoggedBody>,
    /// How many requests before this one could not be kept.
    pub lost_before: u64,
}

/// Which requests a list shows; all when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only those that were not done.
    pub failed: bool,
    /// About a user: the id of the SCIM resource, or `userName` without regard to case.
    pub user: Option<String>,
    /// About a group: the id of the SCIM resource, or `displayName` without regard to case.
    pub group: Option<String>,
    /// About a resource with this `externalId`.
    pub external_id: Option<String>,
    /// By this HTTP method.
    pub method: Option<String>,
    /// Answered with this status.
    pub status: Option<u16>,
    /// With this SCIM token.
    pub token: Option<ScimTokenId>,
    /// With this id in answers and log lines.
    pub request_id: Option<String>,
    /// That came at this moment or later.
    pub from: Option<Timestamp>,
    /// That came before this moment.
    pub until: Option<Timestamp>,
}
