//! Gateway floor: an organization's settings in `buf.registry.owner.v1`.
//!
//! Of the base roles, the one in modules is ours to keep: the alpha API calls it the base role in repositories.
//! Members read plugins and policies, and that is fixed.

use tonic::Status;

use crate::{
    domain::{
        id::OrganizationId,
        organization::{Organization, OrganizationPatch},
        role::RepositoryRole,
    },
    gateway::rpc::{convert::to_known, status::invalid},
    proto::buf::registry::{
        owner::v1::{BaseResourceRole, OrganizationSettings, update_organization_settings_request::Value},
        resource::v1::{ResourceVisibilityControlUpdate, resource_visibility_control_update},
    },
    services::user::Ref,
};

use super::to_organization_ref;

/// The settings of an organization.
#[expect(clippy::needless_pass_by_value, reason = "like its siblings, to map lists")]
pub(in crate::gateway::rpc) fn from_settings(organization: Organization) -> OrganizationSettings {
    let base = match organization.repository_base_role {
        RepositoryRole::Owner | RepositoryRole::Admin => BaseResourceRole::Admin,
        RepositoryRole::Write => BaseResourceRole::Write,
        RepositoryRole::LimitedWrite => BaseResourceRole::LimitedWrite,
        RepositoryRole::Read => BaseResourceRole::Read,
    };
    OrganizationSettings {
        organization_id: organization.id.to_string(),
        base_module_role: base.into(),
        base_plugin_role: BaseResourceRole::Read.into(),
        base_policy_role: BaseResourceRole::Read.into(),
        ..OrganizationSettings::default()
    }
}

/// A change of an organization's settings.
pub(in crate::gateway::rpc) fn to_settings_patch(
    path: &str,
    value: Value,
) -> Result<(Ref<OrganizationId>, OrganizationPatch), Status> {
    let reference = to_organization_ref(&format!("{path}.organization_ref"), value.organization_ref)?;
    let field = format!("{path}.base_module_role");
    let repository_base_role = value.base_module_role.map(|role| to_base_role(&field, role)).transpose()?;
    for (name, role) in [("plugin", value.base_plugin_role), ("policy", value.base_policy_role)] {
        let field = format!("{path}.base_{name}_role");
        let role = role.map(|role| to_base_role(&field, role)).transpose()?;
        if role.is_some_and(|role| role != RepositoryRole::Read) {
            return Err(invalid(field, "is fixed at READ on this server"));
        }
    }
    for (name, control) in [
        ("module", value.module_visibility_control),
        ("plugin", value.plugin_visibility_control),
        ("policy", value.policy_visibility_control),
    ] {
        check_visibility_control(&format!("{path}.{name}_visibility_control"), control)?;
    }
    Ok((reference, OrganizationPatch { repository_base_role, ..OrganizationPatch::default() }))
}

fn to_base_role(field: &str, number: i32) -> Result<RepositoryRole, Status> {
    match to_known(field, number)? {
        BaseResourceRole::Unspecified => Err(invalid(field, "must not be UNSPECIFIED")),
        BaseResourceRole::Admin => Ok(RepositoryRole::Admin),
        BaseResourceRole::Write => Ok(RepositoryRole::Write),
        BaseResourceRole::LimitedWrite => Ok(RepositoryRole::LimitedWrite),
        BaseResourceRole::Read => Ok(RepositoryRole::Read),
    }
}

/// There is no rule, so that taking it away is done already; and none can be set.
fn check_visibility_control(
    field: &str,
    control: Option<ResourceVisibilityControlUpdate>,
) -> Result<(), Status> {
    use resource_visibility_control_update::Value;
    match control.map(|control| control.value) {
        None | Some(Some(Value::Clear(true))) => Ok(()),
        Some(Some(Value::ResourceVisibilityControl(_))) => {
            Err(invalid(field, "cannot be set: this server has no resources to control the visibility of"))
        }
        Some(_) => Err(invalid(field, "must be given, and true where it clears")),
    }
}
