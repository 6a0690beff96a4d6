//! A key of the configuration, and the names that it has (config floor).

/// A key, `section.name`, and what holds for it beside its type.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    section: &'static str,
    name: &'static str,
    short: Option<&'static str>,
    reloads: bool,
    mask: Option<Mask>,
}

/// What is shown in place of a secret.
pub(super) type Mask = fn(&str) -> String;

impl Key {
    /// The key `name` of `section`.
    #[must_use]
    pub(super) const fn new(section: &'static str, name: &'static str) -> Self {
        Self { section, name, short: None, reloads: false, mask: None }
    }

    /// The same, with a short environment variable beside its own.
    #[must_use]
    pub(super) const fn also(self, variable: &'static str) -> Self {
        Self { short: Some(variable), ..self }
    }

    /// The same, taken over by SIGHUP.
    #[must_use]
    pub(super) const fn reloaded(self) -> Self {
        Self { reloads: true, ..self }
    }

    /// The same, with a value that is shown through `mask`, and a twin `NAME_file` that names a file with the value.
    #[must_use]
    pub(super) const fn secret(self, mask: Mask) -> Self {
        Self { mask: Some(mask), ..self }
    }

    /// The section.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.section
    }

    /// The name within the section.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// `section.name`
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The environment variable, `ROSTER_SECTION_NAME`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("ROSTER_{}_{}", self.section, self.name).to_ascii_uppercase()
    }

    /// A short environment variable beside it.
    #[must_use]
    pub const fn short_variable(&self) -> Option<&'static str> {
        self.short
    }

    /// Whether SIGHUP takes a new value over.
    #[must_use]
    pub const fn reloads(&self) -> bool {
        self.reloads
    }

    /// Whether the value is shown masked.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.mask.is_some()
    }

    /// What is shown in place of a secret.
    pub(super) const fn mask(&self) -> Option<Mask> {
        self.mask
    }
}
