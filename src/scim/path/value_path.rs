//! The `path` of a PATCH operation (RFC 7644 §3.5.2): an attribute path that may select values; floor `scim`.

use std::fmt;
use std::str::FromStr;

use super::{AttributePath, is_name};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::filter::{self, Filter};
use crate::scim::scan::{Fault, Scanner};

/// `attr`, `attr.sub`, `attr[filter]` or `attr[filter].sub`, each also with a URI.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuePath {
    /// The attribute, and the sub-attribute after a dot or after the brackets.
    pub attribute: AttributePath,
    /// What stands in the brackets.
    pub filter: Option<Filter>,
}

impl ValuePath {
    /// A fault in the brackets is the filter's, any other the path's (RFC 7644 table 9).
    fn read(text: &str) -> Result<Self, Error> {
        let path_fault =
            |fault: Fault| Error::path(format!("the path {:?} is malformed: {fault}", shown(text)));
        let filter_fault = |fault| Error::filter(format!("the filter in the path is malformed: {fault}"));
        filter::check_length(text).map_err(path_fault)?;
        let mut scanner = Scanner::new(text);
        let mut attribute = AttributePath::scan(&mut scanner).map_err(path_fault)?;
        if scanner.is_at_end() {
            return Ok(Self { attribute, filter: None });
        }
        if scanner.peek() != Some('[') || attribute.sub.is_some() {
            let reason = format!(
                "attr, attr.sub, attr[filter] or attr[filter].sub is expected, not {}",
                scanner.found()
            );
            return Err(path_fault(scanner.fault(reason)));
        }
        let filter = filter::scan_brackets(&mut scanner).map_err(filter_fault)?;
        if scanner.eat('.') {
            attribute.sub = Some(sub_attribute(&mut scanner).map_err(path_fault)?);
        }
        if !scanner.is_at_end() {
            return Err(path_fault(scanner.fault(format!("unexpected {}", scanner.found()))));
        }
        Ok(Self { attribute, filter: Some(filter) })
    }
}

/// Reads the name after `].`.
pub(crate) fn sub_attribute(scanner: &mut Scanner<'_>) -> Result<String, Fault> {
    let at = scanner.at();
    let name = scanner.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_'));
    if is_name(name) {
        Ok(name.to_owned())
    } else {
        Err(Fault::new(at, "a sub-attribute name is expected after \"].\""))
    }
}

impl From<AttributePath> for ValuePath {
    fn from(attribute: AttributePath) -> Self {
        Self { attribute, filter: None }
    }
}

impl FromStr for ValuePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text.trim())
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(filter) = &self.filter else { return self.attribute.fmt(f) };
        let bare = AttributePath { sub: None, ..self.attribute.clone() };
        write!(f, "{bare}[{filter}]")?;
        self.attribute.sub.iter().try_for_each(|sub| write!(f, ".{sub}"))
    }
}
