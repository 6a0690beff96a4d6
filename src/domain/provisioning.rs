//! What an IdP does, as admins oversee it (domain floor).

mod curl;
mod deactivation;
mod effect;
mod pause;
mod removal;
mod request;
mod warning;

pub use deactivation::RefusedDeactivation;
pub use effect::PushEffect;
pub use pause::{Pause, check_reason};
pub use removal::{LargeRemoval, Moved, Movement, OrganizationRemoval, RemovalRule, RemovalState};
pub use request::{
    LoggedBody, LoggedOperation, LoggedRequest, LoggedToken, Notes, Outcome, RequestFilter, Resource,
    ResourceKind, TARGET_MAX, UsedRule,
};
pub use warning::WarningKind;
