//! A user and an organization, as arguments (cli floor).

use clap::Args;

use crate::cli::named::Named;

/// Who, in what.
#[derive(Args, Debug)]
pub(super) struct PairArguments {
    /// The user
    #[arg(value_name = "USER")]
    pub(super) user: Named,

    /// The organization
    #[arg(value_name = "ORGANIZATION")]
    pub(super) organization: Named,
}
