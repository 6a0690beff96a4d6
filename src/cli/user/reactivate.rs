//! `roster user reactivate` (cli floor).

use super::state;
pub(super) use super::state::Arguments;
use crate::{cli::session::Session, proto::buf::registry::owner::v1::UserState};

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    state::set(session, &arguments, UserState::Active).await
}
