//! `[proxy]`: who stands in front (config floor).

use super::section;

section! {
    /// `[proxy]`
    Proxy = "proxy" {
        /// Networks and addresses of proxies that are believed.
        trusted: Vec<String>;
    }
}
