//! What a configuration is read from (config floor).

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    CommonFlags, Config, DEFAULTS, Loaded, Origin, Problem, Problems, ServeFlags,
    environment::{CONFIG, PREFIX},
    file::File,
    flags::Flag,
    layers::Layers,
};

/// The file that is read if none is named, and it is there.
const USUAL_FILE: &str = "/etc/roster/roster.toml";

/// Where a configuration comes from; it can be loaded again.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) file: Option<Named>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) flags: Vec<Flag>,
}

/// A configuration file that is to be there.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) file: PathBuf,
    /// What names it.
    pub(super) by: Origin,
}

impl Sources {
    /// This process's environment, and what was typed for any command.
    #[must_use]
    pub fn of(flags: &CommonFlags) -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let ours = env::vars_os().map(|(name, value)| (text(name), text(value)));
        let environment: Vec<_> = ours.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        Self { file: file(flags, &environment), environment, flags: flags.typed() }
    }

    /// The same, with what was typed for `serve`.
    #[must_use]
    pub fn of_serve(flags: &ServeFlags) -> Self {
        let mut sources = Self::of(&flags.common);
        sources.flags.extend(flags.typed());
        sources
    }

    /// The configuration file, if there is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|named| named.file.as_path())
    }

    /// Reads all sources.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn load(&self) -> Result<Loaded, Problems> {
        self.load_with(|_| Vec::new())
    }

    /// The same, and asks `check`, which knows what the values are for, what else is wrong.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn load_with(&self, check: impl FnOnce(&Loaded) -> Vec<Problem>) -> Result<Loaded, Problems> {
        let keys = Config::keys();
        let mut layers = Layers::default();
        layers.file(File { name: None, text: DEFAULTS }, &keys);
        layers.end_defaults();
        if let Some(Named { file, by }) = &self.file {
            let text = fs::read_to_string(file).map_err(|error| {
                Problem::new(by.clone(), format!("cannot read {}: {error}", file.display()))
            })?;
            layers.file(File { name: Some(file), text: &text }, &keys);
        }
        layers.environment(&self.environment, &keys);
        layers.flags(&self.flags, &keys);
        layers.secrets(&keys);
        layers.finish(check)
    }
}

fn file(flags: &CommonFlags, environment: &[(String, String)]) -> Option<Named> {
    if let Some(file) = &flags.config {
        return Some(Named { file: file.clone(), by: Origin::Flag("--config".to_owned()) });
    }
    let by_variable = environment.iter().find(|(name, value)| name == CONFIG && !value.is_empty());
    if let Some((name, file)) = by_variable {
        return Some(Named { file: file.into(), by: Origin::Environment(name.clone()) });
    }
    let usual = Path::new(USUAL_FILE);
    usual.exists().then(|| Named { file: usual.to_owned(), by: Origin::Default })
}
