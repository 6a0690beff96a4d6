//! One valid call of each RPC that only asks: owners, rights, the audit log.

use roster::proto::buf::{
    alpha::{
        audit::v1alpha1::{ListAuditedEventsRequest, audit_service_client::AuditServiceClient},
        registry::v1alpha1::{
            authz_service_client::AuthzServiceClient, display_service_client::DisplayServiceClient,
            owner_service_client::OwnerServiceClient, *,
        },
    },
    registry::owner::v1,
};
use tonic::Status;

use super::world::World;

pub(super) async fn call(name: &str, world: &World, caller: usize) -> Result<(), Status> {
    let channel = world.calls(caller).0;
    let mut authz = AuthzServiceClient::new(channel.clone());
    let mut display = DisplayServiceClient::new(channel.clone());
    let organization_id = world.organization.clone();
    match name.split_once('/').unwrap().1 {
        "ListAuditedEvents" => {
            let request = ListAuditedEventsRequest { page_size: 1, ..Default::default() };
            AuditServiceClient::new(channel).list_audited_events(request).await.map(drop)
        }
        "GetOwnerByName" => {
            let name = world.organization_name.clone();
            let request = GetOwnerByNameRequest { name };
            OwnerServiceClient::new(channel).get_owner_by_name(request).await.map(drop)
        }
        "GetOwners" => {
            let value = Some(v1::owner_ref::Value::Id(organization_id));
            let request = v1::GetOwnersRequest { owner_refs: vec![v1::OwnerRef { value }] };
            v1::owner_service_client::OwnerServiceClient::new(channel).get_owners(request).await.map(drop)
        }
        "UserCanSeeOrganizationSettings" => authz
            .user_can_see_organization_settings(UserCanSeeOrganizationSettingsRequest { organization_id })
            .await
            .map(drop),
        "UserCanAddOrganizationMember" => authz
            .user_can_add_organization_member(UserCanAddOrganizationMemberRequest { organization_id })
            .await
            .map(drop),
        "UserCanUpdateOrganizationMember" => authz
            .user_can_update_organization_member(UserCanUpdateOrganizationMemberRequest { organization_id })
            .await
            .map(drop),
        "UserCanRemoveOrganizationMember" => authz
            .user_can_remove_organization_member(UserCanRemoveOrganizationMemberRequest { organization_id })
            .await
            .map(drop),
        "UserCanDeleteOrganization" => authz
            .user_can_delete_organization(UserCanDeleteOrganizationRequest { organization_id })
            .await
            .map(drop),
        "DisplayOrganizationElements" => display
            .display_organization_elements(DisplayOrganizationElementsRequest { organization_id })
            .await
            .map(drop),
        "UserCanDeleteUser" => authz.user_can_delete_user(UserCanDeleteUserRequest {}).await.map(drop),
        "UserCanSeeServerAdminPanel" => {
            authz.user_can_see_server_admin_panel(UserCanSeeServerAdminPanelRequest {}).await.map(drop)
        }
        "UserCanDeleteRepository" => {
            authz.user_can_delete_repository(UserCanDeleteRepositoryRequest::default()).await.map(drop)
        }
        "DisplayUserElements" => display.display_user_elements(DisplayUserElementsRequest {}).await.map(drop),
        "DisplayServerElements" => {
            display.display_server_elements(DisplayServerElementsRequest {}).await.map(drop)
        }
        "DisplayPluginElements" => {
            display.display_plugin_elements(DisplayPluginElementsRequest::default()).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}
