//! Conditions on stored resources, which storage turns into SQL (domain floor).
//!
//! A SCIM filter becomes a predicate in the gateway. Values are already in the form that is compared: text
//! without case where the schema says so, times as integers. `search` documents hold the same form.

/// A condition on a stored user or group.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Holds for everything (`true`) or nothing (`false`).
    Constant(bool),
    /// All of these hold.
    All(Vec<Predicate>),
    /// One of these holds.
    Any(Vec<Predicate>),
    /// This does not hold.
    Not(Box<Predicate>),
    /// A comparison of one field; it fails where the field has no value.
    Compare {
        /// What is compared.
        field: Field,
        /// How.
        comparison: Comparison,
        /// With what.
        operand: Operand,
    },
    /// The field has a value: not absent, not the empty text.
    Present(Field),
    /// One element of the list at this place of the `search` document (an absent list has none) satisfies a
    /// predicate whose [`Field::Element`]s start there.
    Element {
        /// The place of the list: keys from the root of the document.
        path: Vec<String>,
        /// What the element satisfies.
        inner: Box<Predicate>,
    },
    /// For a group: one of its members, for a user: one of its groups, satisfies a predicate whose fields are
    /// [`Field::RelatedId`] and [`Field::RelatedName`].
    Related(Box<Predicate>),
}

/// What a predicate looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The SCIM `id`, as text.
    Id,
    /// `externalId`, as sent.
    ExternalId,
    /// The key of a user's `userName` ([`super::name::user_name_key`]).
    UserName,
    /// The key of a user's work e-mail ([`super::name::key`]).
    Email,
    /// Whether a user is active.
    Active,
    /// The key of a group's `displayName` ([`super::name::key`]).
    DisplayName,
    /// `meta.created`, microseconds.
    Created,
    /// `meta.lastModified`, microseconds.
    LastModified,
    /// The version number behind `meta.version`.
    Version,
    /// A value in the `search` document: keys from its root.
    Document(Vec<String>),
    /// A value in the element of a list: keys from the element; none for the element itself.
    Element(Vec<String>),
    /// A value in one element of a list of the `search` document, to sort by: in the primary one, or else the
    /// first (RFC 7644 §3.4.2.3).
    Primary {
        /// The place of the list: keys from the root of the document.
        list: Vec<String>,
        /// The value: keys from the element; none for the element itself.
        value: Vec<String>,
    },
    /// The SCIM id of a member (of a group), or of a group (of a user).
    RelatedId,
    /// The key of a member's name for people, or of a group's name.
    RelatedName,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// The text contains the operand.
    Contains,
    /// The text starts with the operand.
    StartsWith,
    /// The text ends with the operand.
    EndsWith,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Text; compared by code points.
    Text(String),
    /// A number without a fraction.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// A truth value.
    Boolean(bool),
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what; resources without a value come last, or first when descending (RFC 7644 §3.4.2.3).
    pub field: Field,
    /// From the last to the first.
    pub descending: bool,
}

/// A list that a SCIM client asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceQuery {
    /// Which resources.
    pub predicate: Predicate,
    /// In which order; by id when there is none, and always by id among equals.
    pub sort: Option<Sort>,
    /// How many to pass over.
    pub offset: u64,
    /// How many at most.
    pub limit: u64,
    /// Whether to tell how many match in all, for which all of them are looked at.
    pub counts: bool,
}

/// A part of a list and the length of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePage<T> {
    /// The part.
    pub items: Vec<T>,
    /// How many resources match in all, if that was asked for; or else how many are on the part.
    pub total: u64,
}
