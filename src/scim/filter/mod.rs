//! Filters (RFC 7644 §3.4.2.2): the tree, its parser, its printed form, its check and its evaluation; floor `scim`.

mod check;
mod evaluate;
mod literal;
mod parse;
mod print;

pub use check::Unknown;
pub use literal::Literal;
pub(crate) use literal::boolean;
pub use parse::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS};
pub(crate) use parse::{check_length, scan_brackets};

use super::path::AttributePath;

/// A filter. `attr[…].sub op value` is read as `attr[… and sub op value]`, which says the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `path op value`
    Compare {
        /// The attribute compared.
        path: AttributePath,
        /// How.
        op: CompareOp,
        /// With what.
        value: Literal,
    },
    /// `path pr`
    Present(AttributePath),
    /// All hold; two or more.
    And(Vec<Filter>),
    /// At least one holds; two or more.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// `path[filter]`: one and the same value of the attribute matches.
    ValuePath {
        /// The attribute, without a sub-attribute.
        path: AttributePath,
        /// What is asked of the value; its paths name sub-attributes.
        filter: Box<Filter>,
    },
}

/// The operators that compare with a value (RFC 7644 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// equal
    Eq,
    /// not equal; holds of an attribute without a value
    Ne,
    /// contains
    Co,
    /// starts with
    Sw,
    /// ends with
    Ew,
    /// greater than
    Gt,
    /// greater than or equal
    Ge,
    /// less than
    Lt,
    /// less than or equal
    Le,
}

impl CompareOp {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator that `word` names, without regard to case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether it asks for an order (`gt`, `ge`, `lt`, `le`).
    #[must_use]
    pub fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }

    /// Whether it looks into a text (`co`, `sw`, `ew`).
    #[must_use]
    pub fn is_substring(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }
}

impl Filter {
    /// Both filters; a conjunction on the left is lengthened rather than nested.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut all) => {
                all.push(other);
                Self::And(all)
            }
            single => Self::And(vec![single, other]),
        }
    }

    /// How much it takes to hold it against one value: its terms, and the text of each.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Compare { value: Literal::String(text), .. } => 1 + text.len() / 32,
            Self::Compare { .. } | Self::Present(_) => 1,
            Self::And(terms) | Self::Or(terms) => terms.iter().map(Self::weight).sum(),
            Self::Not(inner) => inner.weight(),
            Self::ValuePath { filter, .. } => 1 + filter.weight(),
        }
    }

    /// `path eq value`
    pub fn equals(path: AttributePath, value: impl Into<Literal>) -> Self {
        Self::Compare { path, op: CompareOp::Eq, value: value.into() }
    }
}

#[cfg(test)]
mod tests;
