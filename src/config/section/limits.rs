//! `[limits]`: how much at most (config floor).

use super::section;
use crate::config::setting::{AtLeast, Size};

section! {
    /// `[limits]`
    Limits = "limits" {
        /// The body of a SCIM request.
        scim_body: Size;
        /// Requests at a time on one HTTP/2 connection.
        streams: AtLeast<1> => reloaded();
        /// The head of a request.
        head: Size => reloaded();
    }
}
