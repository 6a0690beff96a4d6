//! Keyset pages of the published API: `page_size`, opaque `page_token`, `reverse` (domain floor).

use uuid::Uuid;

use super::{Invalid, name};

/// Size of a page when the request names none.
pub const DEFAULT_SIZE: u32 = 10;
/// Largest page.
pub const MAX_SIZE: u32 = 250;

/// What a page continues after: the key of a row, unique in its list. The token is the key behind a prefix that
/// tells its form, so that the token of one list is not taken for that of another.
pub trait PageKey: Sized {
    /// Marks tokens of this form.
    const PREFIX: &'static str;

    /// The key as text; the prefix is put in front.
    fn print(&self) -> String;

    /// The key that the text, without the prefix, is.
    fn parse(text: &str) -> Option<Self>;
}

/// The order of creation: ids grow.
impl PageKey for Uuid {
    const PREFIX: &'static str = "k1";

    fn print(&self) -> String {
        self.simple().to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        Some(text).filter(|text| text.len() == 32).and_then(|text| Self::try_parse(text).ok())
    }
}

/// The order of names.
impl PageKey for String {
    const PREFIX: &'static str = "n1";

    fn print(&self) -> String {
        self.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        name::check_name("page_token", text).is_ok().then(|| text.to_owned())
    }
}

/// One page that a caller asks for: rows after a key, in the order of the keys or against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest<K = Uuid> {
    /// At most so many rows, 1 to 250.
    pub size: u32,
    /// The key of the last row of the page before.
    pub after: Option<K>,
    /// Latest first.
    pub reverse: bool,
}

impl PageRequest {
    /// The page that `page_size` (0 means the default, 10), `page_token` (empty means the first page) and
    /// `reverse` ask for.
    ///
    /// # Errors
    /// A size over 250, or a token that is not one of ours.
    pub fn new(page_size: u32, page_token: &str, reverse: bool) -> Result<Self, Invalid> {
        Self::by_key(page_size, page_token, reverse)
    }
}

impl<K: PageKey> PageRequest<K> {
    /// As [`PageRequest::new`], in the order of other keys.
    ///
    /// # Errors
    /// A size over 250, or a token that is not one of ours.
    pub fn by_key(page_size: u32, page_token: &str, reverse: bool) -> Result<Self, Invalid> {
        if page_size > MAX_SIZE {
            return Err(Invalid::new("page_size", format!("must be at most {MAX_SIZE}")));
        }
        let size = if page_size == 0 { DEFAULT_SIZE } else { page_size };
        Ok(Self { size, after: parse_token(page_token)?, reverse })
    }
}

fn parse_token<K: PageKey>(token: &str) -> Result<Option<K>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let key = token.strip_prefix(K::PREFIX).and_then(K::parse);
    key.map(Some)
        .ok_or_else(|| Invalid::new("page_token", "is not a token that this list of this server returned"))
}

/// A page of rows and the token of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Empty at the end of the list.
    pub next_page_token: String,
}

impl<T> Page<T> {
    /// The page made of `rows`, which were asked for one more than the page holds: the one too many only
    /// tells that there is a next page.
    #[must_use]
    pub fn from_rows<K: PageKey>(mut rows: Vec<T>, request: &PageRequest<K>, key: impl Fn(&T) -> K) -> Self {
        let size = usize::try_from(request.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more).map(key);
        let next_page_token = last.map(|key| format!("{}{}", K::PREFIX, key.print())).unwrap_or_default();
        Self { items: rows, next_page_token }
    }

    /// The same page with each row turned into something else.
    #[must_use]
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(into).collect(), next_page_token: self.next_page_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_token_asks_for_what_follows_its_last_row() {
        let request = PageRequest::new(2, "", false).unwrap();
        let rows: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        let page = Page::from_rows(rows, &request, |id| *id);
        assert_eq!(page.items.len(), 2);
        let next = PageRequest::new(2, &page.next_page_token, false).unwrap();
        assert_eq!(next.after, Some(Uuid::from_u128(2)));
    }

    #[test]
    fn the_last_page_has_no_token() {
        let request = PageRequest::new(3, "", false).unwrap();
        let page = Page::from_rows(vec![Uuid::nil()], &request, |id| *id);
        assert_eq!(page.next_page_token, "");
    }

    #[test]
    fn sizes_and_tokens_out_of_range_name_their_field() {
        assert_eq!(PageRequest::new(251, "", false).unwrap_err().field, "page_size");
        assert_eq!(PageRequest::new(0, "", false).unwrap().size, 10);
        for token in ["x", "k1", "k1zz", "00000000000000000000000000000000"] {
            assert_eq!(PageRequest::new(1, token, false).unwrap_err().field, "page_token", "{token}");
        }
    }
}
