//! Identifiers: UUIDv7, made by us, written as 32 lower-case hex digits (domain floor).

use std::{fmt, str::FromStr, sync::Mutex};

use uuid::{ContextV7, Uuid};

use super::clock::Timestamp;

/// The text is not 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 lower-case hex digits")]
pub struct ParseIdError;

fn parse(text: &str) -> Result<Uuid, ParseIdError> {
    let canonical =
        text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !canonical {
        return Err(ParseIdError);
    }
    Uuid::try_parse(text).map_err(|_| ParseIdError)
}

/// Counts within a millisecond, so that ids sort in the order they are made, the rows of one transaction too.
static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A UUIDv7 of the given moment.
fn generate(now: Timestamp) -> Uuid {
    let micros = u64::try_from(now.micros()).unwrap_or(0);
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(&CONTEXT, micros / 1_000_000, nanos))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id that sorts by `now`.
            #[must_use]
            pub fn generate(now: Timestamp) -> Self {
                Self(generate(now))
            }

            /// The id as a UUID, as the database keeps it.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}

ids! {
    /// A person's or machine's account in the registry.
    UserId
    /// The `id` of a SCIM User resource. It equals the account's id at first; an account that is deleted by
    /// SCIM and revived gets a new one, since RFC 7643 §3.1 forbids reuse.
    ScimUserId
    /// A group pushed by an IdP; also the `id` of its SCIM Group resource.
    IdpGroupId
    /// An organization.
    OrganizationId
    /// The link of a group to an organization.
    OrganizationGroupId
    /// A word that a group may be mapped by an organization's admins.
    GroupReleaseId
    /// A user or an organization, whichever has the id.
    OwnerId
    /// An API token.
    TokenId
    /// A SCIM token.
    ScimTokenId
    /// A program that registered to ask for a token; its `client_id` in OAuth.
    DeviceClientId
    /// One device that asks to be signed in.
    DeviceGrantId
    /// A SCIM resource of a declared type.
    ResourceId
    /// A row of the audit log.
    AuditEventId
    /// A row of the provisioning log.
    ProvisioningRequestId
    /// A removal of many members at once.
    LargeRemovalId
}

impl ScimUserId {
    /// The SCIM id that a new account starts with.
    #[must_use]
    pub fn of_account(id: UserId) -> Self {
        Self(id.uuid())
    }
}

impl AuditEventId {
    /// The id under which the audit log shows the change of a role with this revision, made in that moment: a
    /// version 8 UUID (RFC 9562 §5.8) of the milliseconds and the revision, so that it is the same at every reading.
    #[must_use]
    pub fn of_revision(time: Timestamp, revision: i64) -> Self {
        let millis = u64::try_from(time.micros() / 1_000).unwrap_or(0);
        let high = (millis << 16) | 0x8000;
        let low = (1 << 63) | (u64::try_from(revision).unwrap_or(0) & (u64::MAX >> 2));
        Self(Uuid::from_u64_pair(high, low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_32_hex_digits_and_parses_back() {
        let id = UserId::generate(Timestamp::from_micros(1_700_000_000_123_456));
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn upper_case_dashes_and_other_lengths_are_refused() {
        for text in ["", "0", "018F0000000070008000000000000000", "018f0000-0000-7000-8000-000000000000"] {
            assert_eq!(text.parse::<UserId>(), Err(ParseIdError), "{text}");
        }
    }

    #[test]
    fn ids_of_one_moment_sort_in_the_order_they_were_made() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let ids: Vec<_> = (0..1_000).map(|_| AuditEventId::generate(now)).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn the_id_of_a_role_change_is_stable_and_its_own() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let ids = [1, 2].map(|revision| AuditEventId::of_revision(now, revision));
        assert!(ids[0] < ids[1]);
        assert_eq!(ids[0], AuditEventId::of_revision(now, 1));
        assert_eq!(ids[0].uuid().get_version_num(), 8);
        assert_eq!(ids[0].uuid().get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn ids_sort_by_the_moment_they_were_made() {
        let early = UserId::generate(Timestamp::from_micros(1_700_000_000_000_000));
        let late = UserId::generate(Timestamp::from_micros(1_700_000_000_001_000));
        assert!(early < late);
    }
}
