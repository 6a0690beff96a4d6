//! Environment variables: which are ours, and which only look so (config floor).

use super::Key;

/// What all of ours begin with.
pub(super) const PREFIX: &str = "ROSTER_";
/// Names the configuration file.
pub(super) const CONFIG: &str = "ROSTER_CONFIG";
/// Ours, but not of the configuration of a server: which server the commands of a client call, and as whom.
const OF_CLIENTS: [&str; 4] = ["ROSTER_CA_FILE", "ROSTER_SERVER", "ROSTER_TOKEN", "ROSTER_TOKEN_FILE"];
/// What the tests are told.
const OF_TESTS: &str = "ROSTER_TEST_";

/// The key whose variable this is, by its own name or the short one.
pub(super) fn key<'a>(keys: &'a [Key], variable: &str) -> Option<&'a Key> {
    let is_short = |key: &&Key| key.short_variable() == Some(variable);
    keys.iter().find(|key| key.variable() == variable).or_else(|| keys.iter().find(is_short))
}

/// Whether a variable that has our prefix and is no key's may be there all the same.
pub(super) fn is_known(variable: &str) -> bool {
    variable == CONFIG
        || OF_CLIENTS.contains(&variable)
        || variable.starts_with(OF_TESTS)
        || is_of_kubernetes(variable)
}

/// Kubernetes gives each container variables for every service beside it: of one named `roster`, or `roster-…`,
/// they begin as ours do (Kubernetes, "Discovering services": `{SVCNAME}_SERVICE_HOST`, `{SVCNAME}_PORT_…`).
fn is_of_kubernetes(variable: &str) -> bool {
    let is_service = variable.ends_with("_SERVICE_HOST")
        || variable.ends_with("_SERVICE_PORT")
        || variable.contains("_SERVICE_PORT_");
    let is_port = variable.rsplit_once("_PORT").is_some_and(|(_, rest)| rest.is_empty());
    is_service || is_port || is_link(variable)
}

/// `…_PORT_8080_TCP`, `…_PORT_8080_TCP_ADDR` and its like.
fn is_link(variable: &str) -> bool {
    let Some((_, rest)) = variable.split_once("_PORT_") else { return false };
    let Some((number, protocol)) = rest.split_once('_') else { return false };
    let protocol = protocol.split('_').next().unwrap_or_default();
    number.bytes().all(|byte| byte.is_ascii_digit()) && ["TCP", "UDP", "SCTP"].contains(&protocol)
}
