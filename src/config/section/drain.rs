//! `[drain]`: how the server leaves (config floor).

use super::section;
use crate::config::setting::Grace;

section! {
    /// `[drain]`
    Drain = "drain" {
        /// How long requests are still taken after SIGTERM.
        grace: Grace;
    }
}
