//! `[log]`: what is logged, and how (config floor).

use super::section;
use crate::config::setting::LogFormat;

section! {
    /// `[log]`
    Log = "log" {
        /// Filter in the notation of tracing-subscriber.
        level: String => also("ROSTER_LOG"), reloaded();
        /// Text or JSON.
        format: LogFormat;
    }
}
