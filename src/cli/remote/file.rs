//! The file of those who do not want to say it every time (cli floor).

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::variable;
use crate::cli::{exit::Exit, failure::Failure};

/// What may stand in `$XDG_CONFIG_HOME/roster/client.toml`, which is `~/.config/roster/client.toml` where nothing else
/// is said.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientFile {
    /// URL of the server.
    pub(super) server: Option<String>,
    /// File that has the API token in it.
    pub(super) token_file: Option<PathBuf>,
    /// PEM file with further certificate authorities to trust.
    pub(super) ca_file: Option<PathBuf>,
}

/// The file, or an empty one where there is none.
pub(super) fn read() -> Result<ClientFile, Failure> {
    let Some(path) = path() else { return Ok(ClientFile::default()) };
    match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map_err(|error| broken(&path, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(ClientFile::default()),
        Err(error) => Err(broken(&path, &error)),
    }
}

fn path() -> Option<PathBuf> {
    let folder = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| env::home_dir().map(|home| home.join(".config")));
    folder.map(|folder| folder.join("roster/client.toml"))
}

fn broken(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    let sentence = format!("cannot read {}: {}", path.display(), error.to_string().trim_end());
    Failure::new(Exit::Usage, sentence).with_hint("it may have `server`, `token_file` and `ca_file`")
}
