//! Accounts, and what an IdP says of the people behind them (domain floor).

pub mod merge;

use super::{
    Invalid,
    clock::Timestamp,
    id::{IdpGroupId, ScimTokenId, ScimUserId, UserId},
    name,
    role::{ServerRole, codes},
};

/// What kind of account it is (buf `UserType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserType {
    /// A person.
    Personal,
    /// A machine ("bot").
    Machine,
    /// The registry itself.
    System,
}

/// Whether an account may be used (buf `UserState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserState {
    /// In use.
    Active,
    /// Switched off: no token works, no organization has it as a member.
    Deactivated,
}

/// Whether the operator vouches for a user or an organization (buf `VerificationStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerificationStatus {
    /// Nobody vouches.
    Unverified,
    /// A verified publisher.
    VerifiedPublisher,
    /// The operator's own.
    Official,
}

/// Where an account comes from, and so what SCIM shows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// Made by an admin. SCIM shows it when it is a person with an e-mail, so that an IdP can match it.
    Local,
    /// Made by an IdP.
    Provisioned,
    /// Made by an admin, then taken over by an IdP that pushed the same person.
    Linked,
    /// Deleted by the IdP: kept, deactivated, for the audit trail; SCIM does not show it.
    Deprovisioned,
    /// Deleted by an admin or by its owner, for good: nothing shows it, nothing revives it, and its name is given
    /// to nobody else.
    Deleted,
}

codes! {
    UserType { Personal = 1 "personal", Machine = 2 "machine", System = 3 "system" }
    UserState { Active = 1 "active", Deactivated = 2 "deactivated" }
    VerificationStatus { Unverified = 1 "unverified", VerifiedPublisher = 2 "verified_publisher", Official = 3 "official" }
    Provenance { Local = 1 "local", Provisioned = 2 "provisioned", Linked = 3 "linked", Deprovisioned = 4 "deprovisioned", Deleted = 5 "deleted" }
}

impl Provenance {
    /// Whether an IdP owns the account now.
    #[must_use]
    pub const fn is_pushed(self) -> bool {
        matches!(self, Self::Provisioned | Self::Linked)
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The `id` of its SCIM resource.
    pub scim_id: ScimUserId,
    /// Its name in the registry, unique over users and organizations.
    pub username: String,
    /// A person, a machine, or the registry itself.
    pub user_type: UserType,
    /// Its role on the server.
    pub server_role: ServerRole,
    /// Whether it may be used.
    pub state: UserState,
    /// Free text, at most 350 characters.
    pub description: String,
    /// A URL, at most 255 characters.
    pub url: String,
    /// Whether the operator vouches for it.
    pub verification: VerificationStatus,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The SCIM token by which an IdP wrote it last; none of an account that none has written since that is kept.
    pub pushed_by: Option<ScimTokenId>,
    /// What is known of the person behind it.
    pub person: Person,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
    /// Counts the changes; the SCIM version.
    pub version: i64,
}

impl User {
    /// Whether it may be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == UserState::Active
    }

    /// Whether it was deleted for good.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.provenance == Provenance::Deleted
    }

    /// Whether SCIM may show it: what an IdP owns, and people with an e-mail, so that an IdP can match them. Of several with one
    /// `userName` it shows the [holder] alone.
    #[must_use]
    pub fn is_visible_to_scim(&self) -> bool {
        match self.provenance {
            Provenance::Provisioned | Provenance::Linked => true,
            Provenance::Local => self.user_type == UserType::Personal && self.person.email.is_some(),
            Provenance::Deprovisioned | Provenance::Deleted => false,
        }
    }
}

/// Who holds a `userName` of those who have it, so that no two resources do: whom an IdP owns, then the first who is active.
#[must_use]
pub fn holder(named: &[User]) -> Option<&User> {
    let visible = named.iter().filter(|user| user.is_visible_to_scim());
    visible.min_by_key(|user| (!user.provenance.is_pushed(), user.state.code(), user.id))
}

/// What an update of an account changes; `None` leaves a field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// New state; server admins only.
    pub state: Option<UserState>,
    /// New description.
    pub description: Option<String>,
    /// New URL.
    pub url: Option<String>,
    /// New verification status; server admins only.
    pub verification: Option<VerificationStatus>,
}

/// What is known of a person: the promoted SCIM attributes, and the SCIM resource as documents.
///
/// The documents are opaque here: `document` is the JSON text that the IdP gave, `search` the same with every
/// value in the form that filters compare (text without case where the schema says so, times as integers).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// SCIM `userName`, spelled as the IdP spells it; for a local user the e-mail, or the registry name.
    pub user_name: String,
    /// SCIM `externalId`.
    pub external_id: Option<String>,
    /// SCIM `name.givenName`.
    pub given_name: Option<String>,
    /// SCIM `name.familyName`.
    pub family_name: Option<String>,
    /// The work e-mail.
    pub email: Option<String>,
    /// The SCIM resource without what the server computes, as JSON text; empty for a user no IdP has pushed.
    pub document: String,
    /// The same in the form that filters compare, as JSON text.
    pub search: String,
}

impl Person {
    /// The person behind an account that an admin makes.
    #[must_use]
    pub fn local(registry_name: &str, email: Option<String>) -> Self {
        let user_name = email.clone().unwrap_or_else(|| registry_name.to_owned());
        Self { user_name, email, ..Self::default() }
    }

    /// The key by which `userName` is compared and kept unique.
    ///
    /// # Errors
    /// When the name has no such key: see [`name::user_name_key`].
    pub fn user_name_key(&self) -> Result<String, Invalid> {
        name::user_name_key(&self.user_name)
    }

    /// Checks what is looked up by an index: at most 512 characters.
    ///
    /// # Errors
    /// The attribute that is longer.
    pub fn check(&self) -> Result<(), Invalid> {
        let texts = [("externalId", &self.external_id), ("emails.value", &self.email)];
        let mut texts = texts.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?)));
        texts.try_for_each(|(field, text)| name::check_length(field, text, name::INDEXED_MAX))
    }

    /// The key by which the work e-mail is compared.
    #[must_use]
    pub fn email_key(&self) -> Option<String> {
        self.email.as_deref().map(name::key)
    }

    /// The text from which the registry name is made.
    #[must_use]
    pub fn username_source(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.user_name)
    }
}

/// What one push of a user says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPush {
    /// The person.
    pub person: Person,
    /// SCIM `active`.
    pub active: bool,
}

/// A group as a user's `groups` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRef {
    /// The group.
    pub id: IdpGroupId,
    /// Its name.
    pub display_name: String,
}

/// An account as SCIM shows it: with the groups it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedUser {
    /// The account.
    pub user: User,
    /// The groups it is in, by name.
    pub groups: Vec<GroupRef>,
}
