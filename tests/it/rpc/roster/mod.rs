//! `roster.v1`, our own package.

mod idp_groups;
mod jit;
mod look_alikes;
mod maintenance;
mod memberships;
mod merges;
mod people;
mod provisioning;
mod releases;
mod scim_tokens;
mod watch;

use roster::{
    domain::id::OrganizationId,
    proto::{
        buf::alpha::registry::v1alpha1::AddOrganizationGroupRequest,
        roster::v1::{OrganizationRef, UserRef, organization_ref, user_ref},
    },
};

use crate::support::Harness;

fn user_named(name: &str) -> UserRef {
    UserRef { value: Some(user_ref::Value::Name(name.to_owned())) }
}

fn organization_named(name: &str) -> OrganizationRef {
    OrganizationRef { value: Some(organization_ref::Value::Name(name.to_owned())) }
}

/// Maps a group; `role` is a number of the published enum.
async fn map(server: &Harness, organization: OrganizationId, group_name: &str, role: i32) {
    let request = AddOrganizationGroupRequest {
        organization_id: organization.to_string(),
        group_name: group_name.to_owned(),
        role_override: role,
    };
    server.admin_calls().organizations().add_organization_group(request).await.unwrap();
}
