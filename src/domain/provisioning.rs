//! What an IdP does, as admins oversee it (domain floor).

mod pause;
mod warning;

pub use pause::{Pause, check_reason};
pub use warning::WarningKind;
