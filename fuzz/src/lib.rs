//! What the fuzz targets do, for the targets here and for the tests that run their corpora.

pub mod targets;
