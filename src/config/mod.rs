//! Configuration (config floor): defaults, then a TOML file, then the environment, then flags.
//!
//! `config.default.toml` is the defaults and tells of each key what it does. A section is a file in `section`: it
//! gives each key its type, and both are held together by a test. [`Sources`] are read and laid over each other to
//! [`Loaded`], which knows of each value where it comes from, so that a mistake is told with its place.

mod environment;
mod file;
mod flags;
mod key;
mod layers;
mod origin;
mod problem;
mod raw;
pub mod section;
mod setting;
mod show;
mod sources;
mod suggest;

#[cfg(test)]
mod tests;

pub use flags::{CommonFlags, ServeFlags};
pub use key::Key;
pub use layers::Loaded;
pub use origin::{Origin, Place};
pub use problem::{Problem, Problems};
pub use section::Config;
pub use setting::{AtLeast, BaseUrl, Creators, DatabaseUrl, Grace, LogFormat, Percent, Secret, Size};
pub use sources::Sources;

/// A text that may be a URL, without what is secret in it.
#[must_use]
pub fn masked(text: &str) -> String {
    setting::masked::url(text)
}

/// The defaults, with what each key does, as TOML.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");
