//! What clients send beside the RFC, and what it is taken to mean; floor `scim`.
//!
//! Every tolerance has a [`Rule`] with its reason, and whenever one is used it is reported as a [`Rewrite`]. Nothing
//! outside this file bends the RFC for a client, but for the making of missing values, which the file decides.

use serde_json::{Value, json};

use crate::scim::filter::{Filter, Literal};
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, DataType, ResourceType};
use crate::scim::value::{Object, elements};

/// Which client a SCIM token is for: how far it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// By the RFC wherever the RFC and a client disagree.
    #[default]
    Generic,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
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
    ResourceId: "Okta repeats the group's `id` in a value without a path; the same id changes nothing.",
    LegacyUri: "Microsoft's samples list an ADSCIM URI of 2006 in `schemas`.",
    MissingValueMade: "Entra sends add or replace at `attr[filter]` before there is such a value, and expects it to be made.",
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Generic, Self::Okta, Self::Entra];

    /// The profile's word in configuration and storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
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

/// How far values are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leniency {
    /// A whole resource from a client without a profile: only what is unmistakably Entra's.
    Marked,
    /// Everything.
    Full,
}

/// Writes down rewrites in one operation or body.
pub(super) struct Log<'a> {
    operation: Option<usize>,
    rewrites: &'a mut Vec<Rewrite>,
    leniency: Leniency,
}

impl<'a> Log<'a> {
    /// For the PATCH operation at `index`.
    pub(super) fn of_operation(index: usize, rewrites: &'a mut Vec<Rewrite>) -> Self {
        Self { operation: Some(index), rewrites, leniency: Leniency::Full }
    }

    pub(super) fn add(&mut self, rule: Rule, place: impl Into<String>) {
        self.rewrites.push(Rewrite { operation: self.operation, rule, place: place.into() });
    }
}

/// Brings the body of a POST or PUT into the RFC's form, before it is taken in; reports what it changed.
pub fn rewrite_resource(resource_type: &ResourceType, body: &mut Value, profile: Profile) -> Vec<Rewrite> {
    let mut rewrites = Vec::new();
    let leniency = if profile == Profile::Generic { Leniency::Marked } else { Leniency::Full };
    let mut log = Log { operation: None, rewrites: &mut rewrites, leniency };
    let Some(body) = body.as_object_mut() else { return rewrites };
    for (key, value) in body.iter_mut() {
        if key.eq_ignore_ascii_case("schemas") {
            drop_legacy_uri(resource_type, value, &mut log);
        } else if let Some(attribute) = resource_type.attribute(key) {
            *value = rewrite_value(attribute, value.take(), &mut log);
        } else if let (Some(extension), Some(members)) = (resource_type.extension(key), value.as_object_mut())
        {
            for (name, value) in members {
                if let Some(attribute) = extension.schema.attribute(name) {
                    *value = rewrite_value(attribute, value.take(), &mut log);
                }
            }
        }
    }
    rewrites
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

/// `value` in the form that `attribute` asks for, as far as it is plain what is meant.
pub(super) fn rewrite_value(attribute: &Attribute, value: Value, log: &mut Log<'_>) -> Value {
    let is_strict = log.leniency == Leniency::Marked && (attribute.multi_valued || !attribute.is_complex());
    match (attribute.multi_valued, value) {
        (true, Value::Array(items)) => {
            items.into_iter().map(|item| rewrite_element(attribute, item, log)).collect()
        }
        (true, Value::Null) => Value::Null,
        (true, lone) if !is_strict => {
            log.add(Rule::LoneValue, &attribute.name);
            Value::Array(vec![rewrite_element(attribute, lone, log)])
        }
        (false, Value::Array(mut items)) if items.len() == 1 && !is_strict => {
            log.add(Rule::ListOfOne, &attribute.name);
            rewrite_element(attribute, items.pop().unwrap_or_default(), log)
        }
        (false, single) => rewrite_element(attribute, single, log),
        (true, lone) => lone,
    }
}

/// As [`rewrite_value`], for one value of the attribute.
pub(super) fn rewrite_element(attribute: &Attribute, value: Value, log: &mut Log<'_>) -> Value {
    match (attribute.data_type, value) {
        (DataType::Boolean, Value::String(text)) => boolean(attribute, text, log),
        (DataType::Complex, Value::String(text))
            if log.leniency == Leniency::Full || !attribute.multi_valued =>
        {
            bare_value(attribute, text, log)
        }
        (DataType::Complex, Value::Object(object)) => {
            let members = object.into_iter().map(|(name, value)| match attribute.sub(&name) {
                Some(sub) => (name, rewrite_value(sub, value, log)),
                None => (name, value),
            });
            Value::Object(members.collect())
        }
        (_, other) => other,
    }
}

fn boolean(attribute: &Attribute, text: String, log: &mut Log<'_>) -> Value {
    let flag = match text.as_str() {
        "True" => true,
        "False" => false,
        _ if log.leniency == Leniency::Marked => return Value::String(text),
        other if other.eq_ignore_ascii_case("true") => true,
        other if other.eq_ignore_ascii_case("false") => false,
        _ => return Value::String(text),
    };
    log.add(Rule::StringBoolean, &attribute.name);
    Value::Bool(flag)
}

fn bare_value(attribute: &Attribute, text: String, log: &mut Log<'_>) -> Value {
    if attribute.sub("value").is_none() {
        return Value::String(text);
    }
    if text.is_empty() {
        log.add(Rule::EmptyClears, &attribute.name);
        return Value::Null;
    }
    log.add(Rule::BareValue, &attribute.name);
    json!({ "value": text })
}

/// The filter that selects the values listed in a removal; `None` when the list names none.
pub(super) fn listed(attribute: &Attribute, value: &Value, log: &mut Log<'_>) -> Option<Filter> {
    log.add(Rule::RemoveListed, &attribute.name);
    let mut any: Vec<_> = elements(value).iter().filter_map(|element| select(attribute, element)).collect();
    match any.len() {
        0 | 1 => any.pop(),
        _ => Some(Filter::Or(any)),
    }
}

/// The filter that selects one listed value: by its `value`, or by all that is said of it.
fn select(attribute: &Attribute, element: &Value) -> Option<Filter> {
    let equals = |name: &str, value: &Value| {
        Some(Filter::equals(AttributePath::attribute(name), Literal::from_value(value)?))
    };
    let Value::Object(object) = element else { return equals("value", element) };
    if let Some(value) = member(object, "value").filter(|value| !value.is_null()) {
        return equals("value", value);
    }
    let terms = object.iter().filter(|(name, _)| attribute.sub(name).is_some());
    terms.filter_map(|(name, value)| equals(name, value)).reduce(Filter::and)
}

/// The member called `name`, without regard to case.
pub(super) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
