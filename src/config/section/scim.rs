//! `[scim]`: what SCIM does (config floor).

use std::path::PathBuf;

use super::section;
use crate::config::setting::AtLeast;

section! {
    /// `[scim]`
    Scim = "scim" {
        /// JSON file with further extension schemas of User.
        extensions: Option<PathBuf>;
        /// Up to this many members, a PATCH of a group is answered with the group.
        group_answer_members: AtLeast<0> => also("ROSTER_GROUP_ANSWER_MEMBERS");
        /// Whether `/TestResources` is served.
        test_resources: bool;
        /// JSON file with the resource type that is served in its place.
        test_resources_file: Option<PathBuf>;
    }
}
