//! Organizations in tables (cli floor).

use crate::{
    cli::{show, word},
    proto::buf::registry::owner::v1::Organization,
};

/// What stands over the columns of [`row`].
pub(super) const HEADINGS: &[&str] = &["id", "name", "created", "url", "description"];

pub(super) fn row(organization: &Organization) -> Vec<String> {
    vec![
        organization.id.clone(),
        organization.name.clone(),
        word::time(organization.create_time.as_ref()),
        word::or_none(&organization.url),
        word::or_none(&organization.description),
    ]
}

pub(super) fn table(organizations: &[Organization]) -> String {
    show::table(HEADINGS, organizations.iter().map(row).collect())
}
