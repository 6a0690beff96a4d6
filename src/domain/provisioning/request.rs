//! The provisioning log: what every SCIM request was, and what it did (domain floor).

use std::time::Duration;

use super::{OrganizationRemoval, PushEffect};
use crate::domain::{
    clock::Timestamp,
    id::{LargeRemovalId, ProvisioningRequestId, ScimTokenId},
    name,
    role::codes,
};

/// Longest path, and longest query, that is kept, in characters.
pub const TARGET_MAX: usize = 2_048;

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
    /// What it is looked for by: its id, and its name without regard to case.
    #[must_use]
    pub fn keys(&self) -> [String; 2] {
        [key(&self.id), key(&name::folded(&self.name))]
    }

    /// What it is looked for by, if it has an `externalId`.
    #[must_use]
    pub fn external_key(&self) -> Option<String> {
        self.external_id.as_deref().map(key)
    }
}

/// As much of a text as two are compared by: a request is recorded whatever a client sends, but not all of it is kept.
fn key(text: &str) -> String {
    text.chars().take(name::TEXT_MAX).collect()
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
    /// Whether it would have switched an active user off, and was refused.
    pub is_deactivation_refused: bool,
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
    /// What the client calls it.
    pub client_request_id: Option<String>,
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

impl LoggedRequest {
    /// Whether we, or its client, call it so.
    #[must_use]
    pub fn is_called(&self, id: &str) -> bool {
        self.request_id == id || self.client_request_id.as_deref() == Some(id)
    }

    /// The resources that it was about: its own, and those of the operations of a bulk request.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        let of_operations = self.operations.iter().filter_map(|operation| operation.notes.resource.as_ref());
        self.notes.resource.iter().chain(of_operations)
    }
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
    /// With this id in answers and log lines, or with the client.
    pub request_id: Option<String>,
    /// That came at this moment or later.
    pub from: Option<Timestamp>,
    /// That came before this moment.
    pub until: Option<Timestamp>,
}

impl RequestFilter {
    /// Whether it lets `request` through.
    #[must_use]
    pub fn accepts(&self, request: &LoggedRequest) -> bool {
        let is_about = |kind: ResourceKind, [id, name]: [String; 2]| {
            let mut resources = request.resources().filter(|resource| resource.kind == kind);
            resources.any(|resource| {
                let [of_id, of_name] = resource.keys();
                of_id == id || of_name == name
            })
        };
        let has_external =
            |wanted| request.resources().any(|resource| resource.external_key().as_ref() == Some(&wanted));
        let token = request.token.as_ref().map(|token| token.id);
        (!self.failed || request.outcome.is_failure())
            && self.user_keys().is_none_or(|keys| is_about(ResourceKind::User, keys))
            && self.group_keys().is_none_or(|keys| is_about(ResourceKind::Group, keys))
            && self.external_key().is_none_or(has_external)
            && self.method.as_ref().is_none_or(|method| request.method == *method)
            && self.status.is_none_or(|status| request.outcome.status == status)
            && self.token.is_none_or(|wanted| token == Some(wanted))
            && self.request_id.as_ref().is_none_or(|id| request.is_called(id))
            && self.from.is_none_or(|from| request.time >= from)
            && self.until.is_none_or(|until| request.time < until)
    }

    /// One of which a user that is looked for has as [`Resource::keys`].
    #[must_use]
    pub fn user_keys(&self) -> Option<[String; 2]> {
        self.user.as_deref().map(either)
    }

    /// One of which a group that is looked for has as [`Resource::keys`].
    #[must_use]
    pub fn group_keys(&self) -> Option<[String; 2]> {
        self.group.as_deref().map(either)
    }

    /// What a resource that is looked for has as [`Resource::external_key`].
    #[must_use]
    pub fn external_key(&self) -> Option<String> {
        self.external_id.as_deref().map(key)
    }
}

/// What a resource of this id or this name is looked for by.
fn either(text: &str) -> [String; 2] {
    [key(text), key(&name::folded(text))]
}
