//! The configuration, as the doctor sees it (cli floor).

use crate::{
    cli::serve::{checks, settings::Settings},
    config::{CommonFlags, Loaded, Sources},
    services::doctor::Finding,
};

/// The configuration, or what is wrong with it: without it nothing else can be looked at.
pub(super) fn load(flags: &CommonFlags) -> Result<Loaded, Finding> {
    let loaded =
        Sources::of(flags).load_with(checks::problems).map_err(|problems| broken(problems.to_string()))?;
    Settings::of(&loaded).map_err(|problem| broken(problem.to_string()))?;
    Ok(loaded)
}

fn broken(what: String) -> Finding {
    let why = "the server does not start with it";
    Finding::error("configuration", what, why, "`roster config check` names each mistake with its place")
}
