//! What clients send beside the RFC, and what it is taken to mean; floor `scim`.
//!
//! Every tolerance has a [`Rule`] with its reason, and whenever one is used it is reported as a [`Rewrite`]. Nothing
//! outside this file and its parts bends the RFC for a client, but for what a value path without a match means, which
//! `is_made_for` decides.

mod removal;
mod value;

pub(super) use removal::{Removal, removal};
pub(super) use value::{rewrite_element, rewrite_value};

use serde_json::Value;

use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::{Inner, resolve_within};
use crate::scim::schema::{Attribute, ResourceType};
use crate::scim::value::Object;

/// Which client a SCIM token is for: how far it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Any client: whatever can mean only one thing is understood.
    #[default]
    Generic,
    /// Okta; the same as generic.
    Okta,
    /// Microsoft Entra ID; the same as generic.
    Entra,
    /// The RFC to the letter: nothing is rewritten, and what is unknown is refused.
    Strict,
}

macro_rules! rules {
    ($($name:ident: $reason:literal),+ $(,)?) => {
        /// A tolerance beyond the RFC; [`Rule::reason`] tells why it is there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule { $(#[doc = $reason] $name),+ }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule's name, for records.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What is tolerated, and for whom.
            #[must_use]
            pub fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason),+ }
            }
        }
    };
}

rules! {
    CapitalisedOp: "Entra without its compliance flag writes Add, Replace and Remove.",
    StringBoolean: "Entra without its compliance flag writes booleans as \"True\" and \"False\".",
    KeyAsPath: "Entra with its compliance flag gathers attributes in one value without a path, under dotted and URN keys.",
    BareExtensionName: "Entra names an extension's attribute (manager) without the extension's URN.",
    LoneValue: "A single value is sent where the attribute takes a list.",
    ListOfOne: "Entra sends a list of one where a single value is due (manager), or a list around a value without a path.",
    BareValue: "Entra sends the manager, and others send members, as a bare id and not as an object with `value`.",
    EmptyClears: "An empty string in place of a complex value (Entra, manager) means that there is none.",
    RemoveListed: "Entra removes members by path `members` and a list in `value`: only those go, never the whole list.",
    WrappedValue: "Salesforce repeats the attribute's name around the value, as in `{\"members\": […]}` at the path `members`.",
    JoinedValues: "Ids of members come in one text, separated by commas, semicolons or blanks.",
    ValueFromReference: "A member is named by `$ref` to a user alone; the id stands at its end.",
    SecondPrimary: "PingOne marks one address as primary under several types; the first of them is.",
    SingleFilter: "A filter follows a single value (`manager[value eq \"…\"]`); it asks whether that is the value meant.",
    ResourceId: "Okta repeats the group's `id` in a value without a path; it changes nothing.",
    ReadOnlyIgnored: "A value without a path repeats what GET returned (`meta`, `groups`); read-only attributes are left out, as in PUT.",
    LegacyUri: "Microsoft's samples list an ADSCIM URI of 2006 in `schemas`.",
    MissingValueMade: "Entra replaces `emails[type eq \"work\"]` before there is such a value; a value of a suggested type is made.",
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Generic, Self::Okta, Self::Entra, Self::Strict];

    /// The profile's word in configuration and storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Strict => "strict",
        }
    }

    /// Whether nothing is rewritten, and what is unknown is refused.
    #[must_use]
    pub fn is_strict(self) -> bool {
        self == Self::Strict
    }

    /// The profile that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word)
    }
}

/// A tolerance that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The index of the PATCH operation, when it was in one.
    pub operation: Option<usize>,
    /// Which tolerance.
    pub rule: Rule,
    /// The attribute, or the word, it was used on.
    pub place: String,
}

const LEGACY_URI: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/";

/// Writes down rewrites in one operation or body.
pub(super) struct Log<'a> {
    operation: Option<usize>,
    rewrites: &'a mut Vec<Rewrite>,
    /// Whether there are to be none.
    pub(super) is_strict: bool,
}

impl<'a> Log<'a> {
    /// For the PATCH operation at `index`.
    pub(super) fn of_operation(index: usize, profile: Profile, rewrites: &'a mut Vec<Rewrite>) -> Self {
        Self { operation: Some(index), rewrites, is_strict: profile.is_strict() }
    }

    pub(super) fn add(&mut self, rule: Rule, place: impl Into<String>) {
        self.rewrites.push(Rewrite { operation: self.operation, rule, place: place.into() });
    }
}

/// Brings the body of a POST or PUT into the RFC's form, before it is taken in; reports what it changed.
pub fn rewrite_resource(resource_type: &ResourceType, body: &mut Value, profile: Profile) -> Vec<Rewrite> {
    let mut rewrites = Vec::new();
    let mut log = Log { operation: None, rewrites: &mut rewrites, is_strict: profile.is_strict() };
    let Some(body) = body.as_object_mut().filter(|_| !profile.is_strict()) else { return rewrites };
    for (key, value) in body.iter_mut() {
        if key.eq_ignore_ascii_case("schemas") {
            drop_legacy_uri(resource_type, value, &mut log);
        } else if let Some(attribute) = resource_type.attribute(key) {
            rewrite_in_place(attribute, value, &mut log);
        } else if let (Some(extension), Some(members)) = (resource_type.extension(key), value.as_object_mut())
        {
            for (name, value) in members {
                if let Some(attribute) = extension.schema.attribute(name) {
                    rewrite_in_place(attribute, value, &mut log);
                }
            }
        }
    }
    rewrites
}

/// What nobody may write is left out later, and is no rewrite.
fn rewrite_in_place(attribute: &Attribute, value: &mut Value, log: &mut Log<'_>) {
    if !attribute.is_read_only() {
        *value = rewrite_value(attribute, value.take(), log);
    }
}

fn drop_legacy_uri(resource_type: &ResourceType, schemas: &mut Value, log: &mut Log<'_>) {
    let Some(uris) = schemas.as_array_mut() else { return };
    let before = uris.len();
    uris.retain(|uri| !uri.as_str().is_some_and(|uri| uri.starts_with(LEGACY_URI)));
    if uris.len() == before {
        return;
    }
    log.add(Rule::LegacyUri, "schemas");
    if uris.is_empty() {
        uris.push(Value::from(resource_type.schema.id.as_str()));
    }
}

/// Whether a `replace` at `attribute[filter]` makes the value that is not there: when it is of one of the suggested
/// types. Any other is a selection that finds nothing (RFC 7644 §3.5.2.3).
pub(super) fn is_made_for(attribute: &Attribute, filter: Option<&Filter>, profile: Profile) -> bool {
    let Some(Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(word) }) = filter else {
        return false;
    };
    let Some(Inner::Sub(sub)) = resolve_within(attribute, path) else { return false };
    let is_suggested = sub.canonical_values.iter().any(|known| known.eq_ignore_ascii_case(word));
    !profile.is_strict() && sub.name == "type" && is_suggested
}

/// The member called `name`, without regard to case.
pub(super) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
