//! `[cors]`: which pages may call the RPCs (config floor).

use super::section;

section! {
    /// `[cors]`
    Cors = "cors" {
        /// Origins, `https://host[:port]`, or `*` alone.
        origins: Vec<String>;
    }
}
