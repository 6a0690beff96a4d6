//! Unit tests of the configuration.

mod defaults;
mod values;

use super::{Sources, flags::Flag};

/// What is read from these variables and flags alone.
fn sources(variables: &[(&str, &str)], flags: &[(&str, &str, &str)]) -> Sources {
    let variable = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let flag = |(name, path, text): &(&str, &str, &str)| Flag {
        name: (*name).to_owned(),
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    Sources {
        file: None,
        environment: variables.iter().map(variable).collect(),
        flags: flags.iter().map(flag).collect(),
    }
}

/// What is told about these variables.
fn told(variables: &[(&str, &str)]) -> String {
    sources(variables, &[]).load().unwrap_err().to_string()
}
