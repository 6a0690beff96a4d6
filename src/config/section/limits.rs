//! `[limits]`: how much at most (config floor).

use super::section;
use crate::config::setting::{AtLeast, Size};

section! {
    /// `[limits]`
    Limits = "limits" {
        /// Connections at a time.
        connections: AtLeast<1> => reloaded();
        /// Requests at a time on one HTTP/2 connection.
        streams: AtLeast<1> => reloaded();
        /// Streams without a token at a time.
        anonymous_streams: AtLeast<1> => reloaded();
        /// The same from one address.
        anonymous_streams_address: AtLeast<1> => reloaded();
        /// The head of a request.
        head: Size => reloaded();
        /// The body of a SCIM request.
        scim_body: Size;
        /// A message of an RPC.
        message: Size;
        /// Bytes a second at which a body may arrive without using up its time.
        body_rate: AtLeast<1> => reloaded();
    }
}
