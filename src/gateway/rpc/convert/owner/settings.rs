//! Gateway floor: an organization's settings in `buf.registry.owner.v1`.
//!
//! Of the base roles, the one in modules is ours to keep: the alpha API calls it the base role in repositories.
//! Members read plugins and policies, and that is fixed.

use crate::{
    domain::{
        id::OrganizationId,
        organization::{Organization, OrganizationPatch},
        role::RepositoryRole,
    },
    gateway::rpc::{
        convert::to_known,
        status::{All, Violations, each, invalid},
    },
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
) -> Result<(Ref<OrganizationId>, OrganizationPatch), Violations> {
    let field = format!("{path}.base_module_role");
    let fixed = [("plugin", value.base_plugin_role), ("policy", value.base_policy_role)];
    let controls = [
        ("module", value.module_visibility_control),
        ("plugin", value.plugin_visibility_control),
        ("policy", value.policy_visibility_control),
    ];
    let (reference, repository_base_role, _, _) = (
        to_organization_ref(&format!("{path}.organization_ref"), value.organization_ref),
        value.base_module_role.map(|role| to_base_role(&field, role)).transpose(),
        each(fixed.into_iter().map(|(name, role)| check_fixed(&format!("{path}.base_{name}_role"), role))),
        each(controls.into_iter().map(|(name, control)| {
            check_visibility_control(&format!("{path}.{name}_visibility_control"), control)
        })),
    )
        .all()?;
    Ok((reference, OrganizationPatch { repository_base_role, ..OrganizationPatch::default() }))
}

fn check_fixed(field: &str, role: Option<i32>) -> Result<(), Violations> {
    match role.map(|role| to_base_role(field, role)).transpose()? {
        None | Some(RepositoryRole::Read) => Ok(()),
        Some(_) => Err(invalid(field, "is fixed at READ on this server")),
    }
}

fn to_base_role(field: &str, number: i32) -> Result<RepositoryRole, Violations> {
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
) -> Result<(), Violations> {
    use resource_visibility_control_update::Value;
    match control.map(|control| control.value) {
        None | Some(Some(Value::Clear(true))) => Ok(()),
        Some(Some(Value::ResourceVisibilityControl(_))) => {
            Err(invalid(field, "cannot be set: this server has no resources to control the visibility of"))
        }
        Some(_) => Err(invalid(field, "must be given, and true where it clears")),
    }
}
