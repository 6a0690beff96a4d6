//! Gateway floor: everything that is wrong with a request, told in one answer.

use tonic::{Code, Status};

use super::{Invalid, Reason, bound, detail};
use crate::proto::google_rpc::FieldViolation;

/// The fields of a request that break a rule, in the order in which they are looked at; at least one.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::gateway::rpc) struct Violations(Vec<FieldViolation>);

/// A field of the request that breaks a rule of the protocol.
pub(in crate::gateway::rpc) fn invalid(field: impl Into<String>, rule: impl Into<String>) -> Violations {
    Violations(vec![FieldViolation { field: field.into(), description: rule.into() }])
}

/// The status for fields that break a rule, each with its rule; at least one.
#[must_use]
pub fn refuse(broken: Vec<(String, String)>) -> Status {
    let violation = |(field, description)| FieldViolation { field, description };
    Violations(broken.into_iter().map(violation).collect()).into()
}

/// A value that a rule of the domain was asked about, in the part of the request at `path`.
pub(in crate::gateway::rpc) fn at<T>(path: &str, checked: Result<T, Invalid>) -> Result<T, Violations> {
    checked.map_err(|broken| invalid(format!("{path}.{}", broken.field), broken.rule))
}

/// The items, or what is wrong with all of them.
pub(in crate::gateway::rpc) fn each<T>(
    items: impl Iterator<Item = Result<T, Violations>>,
) -> Result<Vec<T>, Violations> {
    let (mut good, mut broken) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Ok(value) => good.push(value),
            Err(violations) => broken.extend(violations.0),
        }
    }
    if broken.is_empty() { Ok(good) } else { Err(Violations(broken)) }
}

/// Several values of one request.
pub(in crate::gateway::rpc) trait All {
    /// The values when all are good.
    type Values;

    /// The values, or what is wrong with any of them.
    ///
    /// # Errors
    /// One of them breaks a rule.
    fn all(self) -> Result<Self::Values, Violations>;
}

macro_rules! all {
    ($($value:ident $violations:ident),*) => {
        impl<$($value, $violations: Into<Violations>),*> All for ($(Result<$value, $violations>,)*) {
            type Values = ($($value,)*);

            #[expect(non_snake_case, reason = "the names of the types serve for their values")]
            fn all(self) -> Result<Self::Values, Violations> {
                let mut broken = Vec::new();
                let ($($value,)*) = self;
                $(let $value = $value.map_err(|violations| broken.extend(violations.into().0)).ok();)*
                match ($($value,)*) {
                    ($(Some($value),)*) => Ok(($($value,)*)),
                    _ => Err(Violations(broken)),
                }
            }
        }
    };
}

all!(A V, B W);
all!(A V, B W, C X);
all!(A V, B W, C X, D Y);
all!(A V, B W, C X, D Y, E Z);

impl From<Invalid> for Violations {
    fn from(broken: Invalid) -> Self {
        invalid(broken.field, broken.rule)
    }
}

impl From<Violations> for Status {
    /// Names as many of the fields as there is room for, and says how many more there are.
    fn from(Violations(violations): Violations) -> Self {
        let (violations, more) = bound::first_of(violations);
        let mut sentences: Vec<_> = violations.iter().map(bound::sentence).collect();
        let mut info = detail::error_info(
            Reason::InvalidField.word(),
            violations.first().map(|broken| broken.field.as_str()),
        );
        if more > 0 {
            sentences.push(format!("and {more} more"));
            info.metadata.insert("more".to_owned(), more.to_string());
        }
        let message = sentences.join("; ");
        let details = detail::encode(Code::InvalidArgument, &message, &info, violations, None);
        Self::with_details(Code::InvalidArgument, message, details)
    }
}
