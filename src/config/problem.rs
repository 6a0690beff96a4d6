//! What is wrong with a configuration (config floor).

use std::fmt;

use super::{Key, Origin};

/// One mistake: where, in which key, and why. It has no secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    origin: Origin,
    key: Option<String>,
    reason: String,
}

impl Problem {
    /// A mistake that is not one of a key's value.
    pub(super) fn new(origin: Origin, reason: impl Into<String>) -> Self {
        Self { origin, key: None, reason: reason.into() }
    }

    /// A mistake in the value of `key`.
    pub(super) fn of_key(origin: Origin, key: &Key, reason: impl Into<String>) -> Self {
        Self { origin, key: Some(key.path()), reason: reason.into() }
    }

    /// Whether both are mistakes in the value of one key.
    pub(super) fn is_of_key_of(&self, other: &Self) -> bool {
        self.key.is_some() && self.key == other.key
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key}: {}", self.origin, self.reason),
            None => write!(f, "{}: {}", self.origin, self.reason),
        }
    }
}

impl std::error::Error for Problem {}

/// All that is wrong, of which there is at least something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub(super) Vec<Problem>);

impl Problems {
    /// `value` if there is nothing wrong.
    pub(super) fn none_or<T>(problems: Vec<Problem>, value: T) -> Result<T, Self> {
        if problems.is_empty() { Ok(value) } else { Err(Self(problems)) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return only.fmt(f);
        }
        write!(f, "{} mistakes in the configuration:", self.0.len())?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}
