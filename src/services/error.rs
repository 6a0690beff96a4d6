//! One kind of error for every use case; each gateway has one mapper (services floor).

use std::{fmt, time::Duration};

use crate::{
    domain::Invalid,
    quote::shown,
    storage::{self, Retryable},
};

/// What went wrong, as far as a client must act differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nobody, or nobody we know.
    Unauthenticated,
    /// Known, but not allowed.
    PermissionDenied,
    /// It is not there, or the caller may not see it.
    NotFound,
    /// Something of that name or value is there already.
    AlreadyExists,
    /// A value breaks a rule.
    Invalid,
    /// A value cannot be changed any more.
    Immutable,
    /// The state of things does not allow it.
    Precondition,
    /// It lies before what is kept.
    OutOfRange,
    /// It was changed since the caller read it.
    VersionMismatch,
    /// Too many or too large.
    TooMuch,
    /// Not now; later.
    Unavailable,
    /// Our fault.
    Internal,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why, as a stable word for machines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// The word, in `SCREAMING_SNAKE_CASE`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

reasons! {
    /// No token, or one that is malformed, expired, revoked, or of a user who is switched off.
    TokenInvalid = "TOKEN_INVALID",
    /// Only server admins may.
    ServerAdminRequired = "SERVER_ADMIN_REQUIRED",
    /// The role in the organization is too low.
    OrganizationRoleTooLow = "ORGANIZATION_ROLE_TOO_LOW",
    /// Only a user may, not another kind of actor.
    UserRequired = "USER_REQUIRED",
    /// Only a SCIM token may.
    ScimTokenRequired = "SCIM_TOKEN_REQUIRED",
    /// There is no such thing, or the caller may not see it.
    NotFound = "NOT_FOUND",
    /// The path of a change names nothing that is there.
    NoTarget = "NO_TARGET",
    /// Only server admins may take the name.
    NameReserved = "NAME_RESERVED",
    /// The name or value is taken.
    Taken = "TAKEN",
    /// Several accounts match; which one is meant cannot be told.
    Ambiguous = "AMBIGUOUS",
    /// A field breaks a rule.
    InvalidField = "INVALID_FIELD",
    /// The user is switched off.
    UserDeactivated = "USER_DEACTIVATED",
    /// The role would be lower than what a group gives.
    BelowGroupRole = "BELOW_GROUP_ROLE",
    /// The organization would have no owner.
    LastOwner = "LAST_OWNER",
    /// The server would have no admin.
    LastServerAdmin = "LAST_SERVER_ADMIN",
    /// Everyone is a member of the organization, so nobody can be taken out.
    MemberByDefault = "MEMBER_BY_DEFAULT",
    /// The role would be lower than what everyone gets.
    BelowJitRole = "BELOW_JIT_ROLE",
    /// The user is a server admin by the e-mail.
    AdminByEmail = "ADMIN_BY_EMAIL",
    /// The configuration of the server sets it.
    Configured = "CONFIGURED",
    /// The member is there through a group, and has no role to take away.
    MemberThroughGroup = "MEMBER_THROUGH_GROUP",
    /// An IdP owns the account.
    ProvisionedUser = "PROVISIONED_USER",
    /// An IdP owns both accounts, and both are active.
    BothProvisioned = "BOTH_PROVISIONED",
    /// It would be the end of the caller's own account.
    OwnAccount = "OWN_ACCOUNT",
    /// The IdP deleted the account.
    UserDeleted = "USER_DELETED",
    /// There is a server admin already.
    AdminExists = "ADMIN_EXISTS",
    /// It was changed since the caller read it.
    VersionMismatch = "VERSION_MISMATCH",
    /// The revision is not one that this server has reached.
    RevisionUnknown = "REVISION_UNKNOWN",
    /// The events after the revision are not kept any more.
    RevisionForgotten = "REVISION_FORGOTTEN",
    /// The revision has not come in the time that a read waits for it.
    RevisionNotReached = "REVISION_NOT_REACHED",
    /// The reader of a stream is too slow; it may resume.
    SlowReader = "SLOW_READER",
    /// The server stops; the stream may be resumed at another.
    ServerStopping = "SERVER_STOPPING",
    /// One request asks for more work than it may.
    TooMuchWork = "TOO_MUCH_WORK",
    /// A limit of the configuration on how many there may be is reached.
    QuotaExceeded = "QUOTA_EXCEEDED",
    /// An organization's admin may map only the groups that a server admin has released to it.
    GroupNotReleased = "GROUP_NOT_RELEASED",
    /// Too many in too short a time; later.
    TooManyAttempts = "TOO_MANY_ATTEMPTS",
    /// An admin stopped the writes of this IdP, or of all.
    ProvisioningPaused = "PROVISIONING_PAUSED",
    /// An admin began the maintenance mode, in which the server only reads.
    Maintenance = "MAINTENANCE",
    /// The change would take too many members away, and waits for an admin.
    LargeRemovalHeld = "LARGE_REMOVAL_HELD",
    /// The removal took place, so it cannot be released.
    RemovalDone = "REMOVAL_DONE",
    /// The transaction met others again and again.
    Contention = "CONTENTION",
    /// The request took longer than the server waits.
    TooSlow = "TOO_SLOW",
    /// The request took longer than the server waits, and may have been done.
    OutcomeUnknown = "OUTCOME_UNKNOWN",
    /// The token, or the address, asks too often.
    RateLimited = "RATE_LIMITED",
    /// The database does not answer.
    DatabaseUnavailable = "DATABASE_UNAVAILABLE",
    /// The instance only reads: its database takes no writes, as a standby does.
    ReadOnly = "READ_ONLY",
    /// Another process has the database open.
    DatabaseInUse = "DATABASE_IN_USE",
    /// A backup or a database is not what the work needs: not sound, newer, or not empty.
    DatabaseRefused = "DATABASE_REFUSED",
    /// Our fault.
    Internal = "INTERNAL",
}

/// When to try again after a failure that passes by itself.
const AGAIN: Duration = Duration::from_secs(1);

/// An error and its causes in one line, for the log.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A limit on how often somebody asks, of which nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// So many at once.
    pub limit: u32,
    /// In how many seconds as many are allowed again.
    pub reset: u32,
}

impl Limited {
    /// The limit, what is left of it, and when it is whole again, as headers of HTTP name them.
    #[must_use]
    pub const fn headers(self) -> [(&'static str, u32); 3] {
        [("x-ratelimit-limit", self.limit), ("x-ratelimit-remaining", 0), ("x-ratelimit-reset", self.reset)]
    }
}

/// The failure of a use case.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    /// Why, for machines.
    pub reason: Reason,
    /// The field it concerns, as the published API names it.
    pub field: Option<&'static str>,
    /// Which item of a batch it concerns, counted from 0.
    pub item: Option<usize>,
    /// What happened and what to do, for people. Never shown for [`Kind::Internal`].
    pub message: String,
    /// When to try again, if that is known.
    pub retry_after: Option<Duration>,
    /// The limit that is met, if it is one on how often somebody asks.
    pub limited: Option<Limited>,
    cause: Option<Box<storage::Error>>,
}

impl Error {
    /// An error of `kind` for `reason`.
    #[must_use]
    pub fn new(kind: Kind, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason,
            field: None,
            item: None,
            message: message.into(),
            retry_after: None,
            limited: None,
            cause: None,
        }
    }

    /// The same error, of this field.
    #[must_use]
    pub fn of_field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// The same error, with when to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same error, with the limit that is met.
    #[must_use]
    pub fn limited(mut self, by: Limited) -> Self {
        self.limited = Some(by);
        self
    }

    /// The same error, of the item at `index` of a batch.
    #[must_use]
    pub fn of_item(mut self, index: usize) -> Self {
        self.item = Some(index);
        self
    }

    /// The same error, in a request that names the field `from` by another name.
    #[must_use]
    pub fn renamed(mut self, from: &'static str, to: &'static str) -> Self {
        self.field = self.field.map(|field| if field == from { to } else { field });
        self
    }

    /// There is no `thing` of this name or id that the caller may see.
    #[must_use]
    pub fn not_found(thing: &str, name: impl fmt::Display) -> Self {
        Self::new(Kind::NotFound, Reason::NotFound, format!("{thing} {} was not found", shown(name)))
    }

    /// Whether it is our fault or the database's, and so one for the log. That an instance only reads, or that all do in
    /// maintenance, is as it should be.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let is_meant = matches!(self.reason, Reason::ReadOnly | Reason::Maintenance);
        matches!(self.kind, Kind::Internal | Kind::Unavailable) && !is_meant
    }

    /// The state of things does not allow it.
    #[must_use]
    pub fn precondition(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Kind::Precondition, reason, message)
    }

    /// The caller is nobody we know.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            Kind::Unauthenticated,
            Reason::TokenInvalid,
            "the token is missing, malformed, expired or revoked, or its user is deactivated",
        )
    }

    /// It was changed since the caller read it.
    #[must_use]
    pub fn version_mismatch(message: impl Into<String>) -> Self {
        Self::new(Kind::VersionMismatch, Reason::VersionMismatch, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Retryable for Error {
    fn is_conflict(&self) -> bool {
        self.cause.as_deref().is_some_and(Retryable::is_conflict)
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::new(Kind::Invalid, Reason::InvalidField, invalid.to_string()).of_field(invalid.field)
    }
}

impl From<storage::Error> for Error {
    fn from(cause: storage::Error) -> Self {
        use storage::Error as Storage;
        let (kind, reason, message) = match &cause {
            Storage::Taken(_) => (Kind::AlreadyExists, Reason::Taken, "the name or value is taken"),
            Storage::Conflict(_) => (
                Kind::Unavailable,
                Reason::Contention,
                "too many changes of the same thing at once; try again",
            ),
            Storage::Unavailable(_) => {
                (Kind::Unavailable, Reason::DatabaseUnavailable, "the database does not answer; try again")
            }
            Storage::ReadOnly => (
                Kind::Unavailable,
                Reason::ReadOnly,
                "this instance only reads: its database takes no writes, as a standby does; send changes to an instance on \
                 the primary",
            ),
            Storage::Unreachable(text) => (Kind::Unavailable, Reason::DatabaseUnavailable, text.as_str()),
            Storage::BadText(_) => (
                Kind::Invalid,
                Reason::InvalidField,
                "a text is too long, or has a character that cannot be stored",
            ),
            Storage::InUse(text) => (Kind::Precondition, Reason::DatabaseInUse, text.as_str()),
            Storage::Refused(text) | Storage::BadUrl(text) | Storage::Damaged(text) => {
                (Kind::Precondition, Reason::DatabaseRefused, text.as_str())
            }
            Storage::Corrupt(_) | Storage::Database(_) => {
                (Kind::Internal, Reason::Internal, "internal error")
            }
        };
        let retry_after = (kind == Kind::Unavailable).then_some(AGAIN);
        let error = Self::new(kind, reason, message);
        let says_all = matches!(cause, Storage::ReadOnly | Storage::Unreachable(_));
        let cause = (!says_all).then(|| Box::new(cause));
        Self { retry_after, cause, ..error }
    }
}
