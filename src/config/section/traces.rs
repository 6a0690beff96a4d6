//! `[traces]`: where traces go (config floor).

use super::section;
use crate::config::setting::{BaseUrl, Percent};

section! {
    /// `[traces]`
    Traces = "traces" {
        /// URL of a collector; none for no traces.
        endpoint: Option<BaseUrl>;
        /// How many of a hundred traces that begin here are kept.
        sample_percent: Percent;
    }
}
