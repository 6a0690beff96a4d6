//! `[rate_limits]`: how often somebody may ask (config floor).

use super::section;
use crate::config::setting::AtLeast;

section! {
    /// `[rate_limits]`; a rate of 0 is no limit.
    RateLimits = "rate_limits" {
        /// Requests a second of one token.
        token: AtLeast<0> => reloaded();
        /// At once.
        token_burst: AtLeast<1> => reloaded();
        /// Requests a second from one address.
        address: AtLeast<0> => reloaded();
        /// At once.
        address_burst: AtLeast<1> => reloaded();
        /// Refused tokens a second from one address.
        refused: AtLeast<0> => reloaded();
        /// At once.
        refused_burst: AtLeast<1> => reloaded();
        /// Requests a second without a token from one address.
        anonymous: AtLeast<0> => reloaded();
        /// At once.
        anonymous_burst: AtLeast<1> => reloaded();
    }
}
