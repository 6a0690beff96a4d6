//! What a list is asked for by, in a query string or in a `SearchRequest` (RFC 7644 §3.4.2, §3.4.3); floor `scim`.

use serde_json::Value;

use super::{expect_message, member};
use crate::scim::error::{Error, ScimType};
use crate::scim::filter::Filter;
use crate::scim::path::AttributePath;
use crate::scim::resource::{Projection, kind};
use crate::scim::sort::SortOrder;
use crate::scim::urn;
use crate::scim::value::elements;

/// A query for resources.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Which resources.
    pub filter: Option<Filter>,
    /// By which attribute they are ordered.
    pub sort_by: Option<AttributePath>,
    /// In which direction.
    pub sort_order: SortOrder,
    /// The index of the first one wanted, from 1.
    pub start_index: u64,
    /// How many are wanted at most; 0 asks for the total alone.
    pub count: Option<u64>,
    /// Paging by cursor (RFC 9865): the cursor, empty for the first page.
    pub cursor: Option<String>,
    /// Which attributes.
    pub projection: Projection,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            filter: None,
            sort_by: None,
            sort_order: SortOrder::default(),
            start_index: 1,
            count: None,
            cursor: None,
            projection: Projection::default(),
        }
    }
}

/// The parameters as they came, before they mean anything.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
    attributes: Vec<String>,
    excluded: Vec<String>,
}

impl ListQuery {
    /// Reads the decoded parameters of a query string; unknown ones are ignored (RFC 7644 §3.4.2).
    ///
    /// # Errors
    /// `invalidFilter`, `invalidPath`, `invalidValue`, and `invalidCount` with a cursor; each names the parameter.
    pub fn from_parameters<K: AsRef<str>, V: AsRef<str>>(
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Error> {
        let mut raw = Raw::default();
        for (name, value) in parameters {
            let value = value.as_ref();
            let list = || value.split(',').map(str::to_owned);
            match name.as_ref().to_ascii_lowercase().as_str() {
                "attributes" => raw.attributes.extend(list()),
                "excludedattributes" => raw.excluded.extend(list()),
                name => raw.set(name, value.to_owned()),
            }
        }
        raw.read()
    }

    /// Reads the body of a `.search` (RFC 7644 §3.4.3).
    ///
    /// # Errors
    /// `invalidSyntax` when it is no `SearchRequest`, and as for [`ListQuery::from_parameters`].
    pub fn from_search_request(body: &Value) -> Result<Self, Error> {
        let body = expect_message(body, urn::SEARCH_REQUEST)?;
        let mut raw = Raw { attributes: names(body, "attributes")?, ..Raw::default() };
        raw.excluded = names(body, "excludedAttributes")?;
        for name in ["filter", "sortBy", "sortOrder", "cursor"] {
            if let Some(value) = super::text(body, name)? {
                raw.set(&name.to_ascii_lowercase(), value.to_owned());
            }
        }
        for name in ["startIndex", "count"] {
            match member(body, name) {
                None => {}
                Some(Value::Number(number)) => raw.set(&name.to_ascii_lowercase(), number.to_string()),
                Some(other) => {
                    return Err(Error::value(format!("{name} must be an integer, and is {}", kind(other))));
                }
            }
        }
        raw.read()
    }
}

impl Raw {
    /// Sets the parameter `name`, in lower case; of two the last counts.
    fn set(&mut self, name: &str, value: String) {
        let place = match name {
            "filter" => &mut self.filter,
            "sortby" => &mut self.sort_by,
            "sortorder" => &mut self.sort_order,
            "startindex" => &mut self.start_index,
            "count" => &mut self.count,
            "cursor" => &mut self.cursor,
            _ => return,
        };
        *place = Some(value);
    }

    fn read(self) -> Result<ListQuery, Error> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        // an empty filter is none of RFC 7644's, and must not mean everyone
        let filter = self.filter.map(|text| text.parse()).transpose()?;
        let sort_by = given(self.sort_by).map(|text| text.trim().parse()).transpose()?;
        let count_error = if self.cursor.is_some() { ScimType::InvalidCount } else { ScimType::InvalidValue };
        let start_index =
            given(self.start_index).map(|text| integer("startIndex", &text, ScimType::InvalidValue));
        let count = given(self.count).map(|text| integer("count", &text, count_error)).transpose()?;
        Ok(ListQuery {
            filter,
            sort_by,
            sort_order: sort_order(given(self.sort_order).as_deref())?,
            // RFC 7644 §3.4.2.4: a value less than 1 is taken as 1.
            start_index: start_index.transpose()?.unwrap_or(1).max(1),
            count,
            cursor: self.cursor,
            projection: Projection::new(self.attributes, self.excluded)?,
        })
    }
}

fn sort_order(word: Option<&str>) -> Result<SortOrder, Error> {
    match word.map(str::to_ascii_lowercase).as_deref() {
        None | Some("ascending") => Ok(SortOrder::Ascending),
        Some("descending") => Ok(SortOrder::Descending),
        Some(_) => Err(Error::value("sortOrder must be \"ascending\" or \"descending\"")),
    }
}

/// An integer of any length; below 0 it is 0 (RFC 7644 §3.4.2.4), too large it is the largest.
fn integer(name: &str, text: &str, error: ScimType) -> Result<u64, Error> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::new(error, format!("{name} must be an integer")));
    }
    // Every database holds 63 bits.
    let number = digits.parse::<u64>().unwrap_or(u64::MAX).min(i64::MAX.unsigned_abs());
    Ok(if is_negative { 0 } else { number })
}

fn names(body: &crate::scim::value::Object, name: &str) -> Result<Vec<String>, Error> {
    let fault = |found: &Value| {
        Error::syntax(format!("{name} must be a list of attribute names, and holds {}", kind(found)))
    };
    let value = member(body, name).map(elements).unwrap_or_default();
    value.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| fault(item))).collect()
}
