//! The TOML file: its values with their places (config floor).

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::{Origin, Place, problem::Problem, raw::Raw};

/// A value of the file, by `section.name`.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) path: String,
    pub(super) origin: Origin,
    /// The value, or what it is in place of one.
    pub(super) value: Result<Raw, &'static str>,
}

/// A file and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    /// `None` for the defaults.
    pub(super) name: Option<&'a Path>,
    pub(super) text: &'a str,
}

impl File<'_> {
    /// All values.
    ///
    /// # Errors
    /// The first mistake in the notation.
    pub(super) fn leaves(self) -> Result<Vec<Leaf>, Problem> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            Problem::new(self.origin(offset), error.message().replace('\n', ", "))
        })?;
        let mut leaves = Vec::new();
        self.collect(table.get_ref(), "", &mut leaves);
        Ok(leaves)
    }

    fn collect(self, table: &DeTable<'_>, prefix: &str, leaves: &mut Vec<Leaf>) {
        for (key, value) in table {
            let path = format!("{prefix}{}", key.get_ref());
            match value.get_ref() {
                // an empty table is a leaf, so that a section of an unknown name is told as well
                DeValue::Table(table) if !table.is_empty() => {
                    self.collect(table, &format!("{path}."), leaves);
                }
                other => {
                    let origin = self.origin(key.span().start);
                    leaves.push(Leaf { path, origin, value: Raw::from_toml(other) });
                }
            }
        }
    }

    fn origin(self, offset: usize) -> Origin {
        match self.name {
            Some(name) => Origin::File(name.to_owned(), Place::of(self.text, offset)),
            None => Origin::Default,
        }
    }
}
