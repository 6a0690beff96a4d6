//! `roster user deactivate` (cli floor).

use clap::Args;

use super::{loss, state};
use crate::{
    cli::{confirm::Confirm, session::Session},
    proto::buf::registry::owner::v1::UserState,
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: state::Arguments,

    #[command(flatten)]
    confirm: Confirm,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { which, confirm } = arguments;
    confirm.ask(async || loss::of_user(session, &which.user).await).await?;
    state::set(session, &which, UserState::Inactive).await
}
