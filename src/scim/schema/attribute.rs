//! An attribute and its characteristics (RFC 7643 §2.2, §2.3, §7); floor `scim`.

use serde::{Deserialize, Serialize};

/// The definition of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attribute {
    /// The name, in its canonical spelling.
    pub name: String,
    /// The type of a value.
    #[serde(rename = "type", default)]
    pub data_type: DataType,
    /// Whether there can be more than one value.
    pub multi_valued: bool,
    /// What the attribute is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether a resource must have a value.
    #[serde(default)]
    pub required: bool,
    /// Suggested values; they forbid nothing (RFC 7643 §7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether case matters in comparisons; `None` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_exact: Option<bool>,
    /// Whether and when a client may write it.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it is returned.
    #[serde(default)]
    pub returned: Returned,
    /// How far a value must be unique; `None` is [`Uniqueness::None`], and complex attributes carry none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniqueness: Option<Uniqueness>,
    /// What a reference may refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// The sub-attributes of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute called `name`, without regard to case.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// Whether `name` is the attribute's, with a URN before it or without.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let bare = name.rsplit_once(':').map_or(name, |(_, bare)| bare);
        bare.eq_ignore_ascii_case(&self.name)
    }

    /// Whether strings compare with case; references and binaries always do (RFC 7643 §2.3.6, §2.3.7).
    #[must_use]
    pub fn is_case_exact(&self) -> bool {
        self.case_exact.unwrap_or(matches!(self.data_type, DataType::Reference | DataType::Binary))
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.data_type == DataType::Complex
    }

    /// Whether a value must be unique over the service provider or the world.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        matches!(self.uniqueness, Some(Uniqueness::Server | Uniqueness::Global))
    }

    /// Whether each value is a link to another resource, which can come and go but not change: a member of a group.
    #[must_use]
    pub fn is_link(&self) -> bool {
        let is_fixed = |name| self.sub(name).is_some_and(|sub| sub.mutability == Mutability::Immutable);
        self.multi_valued && is_fixed("value") && is_fixed("$ref")
    }

    /// Whether no client may write it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// The one of `attributes` that is called `name`, without regard to case (RFC 7643 §2.1).
pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// The type of a value (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataType {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number that may have a fraction.
    Decimal,
    /// A number without fraction and exponent.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl DataType {
    /// What a value must look like, for error details.
    #[must_use]
    pub fn expectation(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "true or false (a JSON boolean)",
            Self::Decimal => "a number",
            Self::Integer => "an integer without fraction or exponent",
            Self::DateTime => "a dateTime such as \"2008-01-23T04:56:22Z\"",
            Self::Binary => "a string of base64",
            Self::Reference => "a URI",
            Self::Complex => "an object with sub-attributes",
        }
    }
}

/// Who may write an attribute, and when (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// The service provider alone.
    ReadOnly,
    /// The client, at any time.
    #[default]
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client, and nobody can read it.
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Always, whatever the client asks for.
    Always,
    /// Never, not even when asked for.
    Never,
    /// Unless the client asks for other attributes or excludes it.
    #[default]
    Default,
    /// Only when asked for.
    Request,
}

/// How far a value must be unique (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Over the service provider.
    Server,
    /// Over the world.
    Global,
}
