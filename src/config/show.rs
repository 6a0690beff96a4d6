//! A configuration as text (config floor).

use super::{Config, Key, Loaded, layers::Value, raw::Raw, setting::masked};

/// Where the origins begin, if the value leaves room for it.
const COLUMN: usize = 44;

impl Loaded {
    /// All values as TOML, each with where it comes from; secrets are masked.
    #[must_use]
    pub fn show(&self) -> String {
        let mut lines = Vec::new();
        let mut section = "";
        for key in Config::keys() {
            if key.section() != section {
                section = key.section();
                lines.push(format!("\n[{section}]\n"));
            }
            lines.extend(self.values.get(&key.path()).map(|value| line(&key, value)));
        }
        lines.concat().trim_start().to_owned()
    }
}

fn line(key: &Key, value: &Value) -> String {
    let shown = match (key.mask(), &value.raw) {
        (Some(mask), Raw::Text(text)) => Raw::Text(mask(text)),
        // any text may be a URL
        (None, Raw::Text(text)) => Raw::Text(masked::url(text)),
        (None, Raw::List(items)) => Raw::List(items.iter().map(|item| masked::url(item)).collect()),
        (_, raw) => raw.clone(),
    };
    let set = format!("{} = {shown}", key.name());
    format!("{set:<COLUMN$} # {}\n", value.origin)
}
