//! Layers laid over each other (config floor).

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{
    Config, Key, Origin, Problem, Problems, environment,
    file::{File, Leaf},
    flags::Flag,
    raw::Raw,
    setting::Setting,
    suggest::question,
};

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// The values of all keys, and what is wrong with them.
#[derive(Default)]
pub(super) struct Layers {
    values: BTreeMap<String, Value>,
    /// The lowest layer, which stands in for what is wrong, so that the rest can be looked at.
    defaults: BTreeMap<String, Value>,
    problems: Vec<Problem>,
}

/// A configuration, and where each of its values comes from.
#[derive(Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    pub(super) values: BTreeMap<String, Value>,
}

impl fmt::Debug for Loaded {
    /// Without the values as they were read, which have secrets among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl Loaded {
    /// A mistake in the value of `path`, that somebody found who knows more than its type.
    #[must_use]
    pub fn problem(&self, path: &str, reason: impl Into<String>) -> Problem {
        let origin = self.values.get(path).map_or(Origin::Default, |value| value.origin.clone());
        match Config::keys().iter().find(|key| key.path() == path) {
            Some(key) => Problem::of_key(origin, key, reason),
            None => Problem::new(origin, reason),
        }
    }

    /// The files with secrets in them that were read, each with the key of the secret: those that keys with `_file` name, and
    /// the configuration file itself.
    #[must_use]
    pub fn secret_files(&self) -> Vec<(PathBuf, Key)> {
        Config::keys().into_iter().filter_map(|key| Some((self.secret_file(&key)?, key))).collect()
    }

    /// The file that the secret of `key` stands in, if it has one, and if it was read from a file.
    fn secret_file(&self, key: &Key) -> Option<PathBuf> {
        let (mask, value) = (key.mask()?, self.values.get(&key.path())?);
        let Raw::Text(text) = &value.raw else { return None };
        if mask(text) == *text {
            return None;
        }
        let twin = self.values.get(&format!("{}_file", key.path()));
        match (twin, &value.origin) {
            (Some(Value { raw: Raw::Text(file), origin }), of) if !file.is_empty() && origin == of => {
                Some(file.into())
            }
            (_, Origin::File(file, _)) => Some(file.clone()),
            _ => None,
        }
    }

    /// The keys whose values differ between this one and `other`.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<Key> {
        let raw = |loaded: &Self, key: &Key| loaded.values.get(&key.path()).map(|value| value.raw.clone());
        let differs = |key: &Key| raw(self, key) != raw(other, key);
        Config::keys().into_iter().filter(differs).collect()
    }
}

impl Layers {
    /// What was laid so far are the defaults.
    pub(super) fn end_defaults(&mut self) {
        self.defaults = self.values.clone();
    }

    /// The values of a file; of the defaults, if it has no name.
    pub(super) fn file(&mut self, file: File<'_>, keys: &[Key]) {
        match file.leaves() {
            Ok(leaves) => leaves.into_iter().for_each(|leaf| self.leaf(leaf, keys)),
            Err(problem) => self.problems.push(problem),
        }
    }

    fn leaf(&mut self, leaf: Leaf, keys: &[Key]) {
        let Leaf { path, origin, value } = leaf;
        let Some(key) = keys.iter().find(|key| key.path() == path) else {
            if !keys.iter().any(|key| key.section() == path && value == Err("a table")) {
                self.unknown(origin, &path, keys);
            }
            return;
        };
        match value {
            Ok(raw) => drop(self.values.insert(path, Value { raw, origin })),
            Err(found) => self.problems.push(Problem::of_key(origin, key, format!("must not be {found}"))),
        }
    }

    fn unknown(&mut self, origin: Origin, path: &str, keys: &[Key]) {
        let meant = question(path, keys.iter().map(Key::path), '.');
        self.problems.push(Problem::new(origin, format!("there is no key {path}{meant}")));
    }

    /// The variables with our prefix.
    pub(super) fn environment(&mut self, variables: &[(String, String)], keys: &[Key]) {
        // the short names first: a key's own name is stronger
        let is_short = |name: &str| keys.iter().any(|key| key.short_variable() == Some(name));
        let mut variables: Vec<_> = variables.iter().collect();
        variables.sort_by_key(|(name, _)| !is_short(name));
        for (name, text) in variables {
            let origin = Origin::Environment(name.clone());
            match environment::key(keys, name) {
                Some(key) if !text.is_empty() => self.text(key, text, origin),
                Some(_) => {}
                None if environment::is_known(name) => {}
                None => {
                    let short = keys.iter().filter_map(Key::short_variable).map(str::to_owned);
                    let meant = question(name, keys.iter().map(Key::variable).chain(short), '_');
                    let reason = format!("Roster has no such variable{meant}");
                    self.problems.push(Problem::new(origin, reason));
                }
            }
        }
    }

    /// What is typed.
    pub(super) fn flags(&mut self, flags: &[Flag], keys: &[Key]) {
        for flag in flags {
            let origin = Origin::Flag(flag.name.clone());
            match keys.iter().find(|key| key.path() == flag.path) {
                Some(key) => self.text(key, &flag.text, origin),
                None => self.unknown(origin, &flag.path, keys),
            }
        }
    }

    fn text(&mut self, key: &Key, text: &str, origin: Origin) {
        // the defaults, which are there before, show the shape
        if let Some(value) = self.values.get_mut(&key.path()) {
            *value = Value { raw: value.raw.shaped(text), origin };
        }
    }

    /// Puts what a secret's file holds in the place of the secret, if the file is set in the stronger layer.
    pub(super) fn secrets(&mut self, keys: &[Key]) {
        for key in keys.iter().filter(|key| key.is_secret()) {
            let twin = self.values.get(&format!("{}_file", key.path())).cloned();
            let Some(Value { raw: Raw::Text(file), origin }) = twin else { continue };
            let Some(value) = self.values.get_mut(&key.path()) else { continue };
            if file.is_empty() || origin.layer() < value.origin.layer() {
                continue;
            }
            if origin.layer() == value.origin.layer() {
                let reason = format!("is set by {} as well; set one of the two", value.origin);
                self.problems.push(Problem::of_key(origin, key, reason));
                continue;
            }
            match read_secret(Path::new(&file)) {
                Ok(text) => *value = Value { raw: Raw::Text(text), origin },
                Err(reason) => self.problems.push(Problem::of_key(origin, key, reason)),
            }
        }
    }

    /// The value of a key in its type; what is wrong with it is kept.
    pub(super) fn take<T: Setting>(&mut self, key: &Key) -> Option<T> {
        let Some(value) = self.values.get(&key.path()) else {
            self.problems.push(Problem::of_key(Origin::Default, key, "is missing"));
            return None;
        };
        match T::read(&value.raw) {
            Ok(setting) => Some(setting),
            Err(reason) => {
                self.problems.push(Problem::of_key(value.origin.clone(), key, reason));
                self.defaults.get(&key.path()).and_then(|value| T::read(&value.raw).ok())
            }
        }
    }

    /// The configuration, if nothing is wrong, also by `check`, which knows more than the types do.
    pub(super) fn finish(mut self, check: impl FnOnce(&Loaded) -> Vec<Problem>) -> Result<Loaded, Problems> {
        let config = Config::read(&mut self);
        let Self { values, mut problems, .. } = self;
        let Some(config) = config else { return Err(Problems(problems)) };
        let loaded = Loaded { config, values };
        // of a key whose value is not even of its type the default was looked at
        let further = check(&loaded);
        let is_new = |found: &Problem| !problems.iter().any(|problem| problem.is_of_key_of(found));
        let further: Vec<_> = further.into_iter().filter(is_new).collect();
        problems.extend(further);
        Problems::none_or(problems, loaded)
    }
}

/// The text of a file, without the newline that editors leave at its end.
fn read_secret(file: &Path) -> Result<String, String> {
    let text =
        fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() { Err(format!("{} is empty", file.display())) } else { Ok(secret.to_owned()) }
}
