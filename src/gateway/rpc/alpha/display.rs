//! Gateway floor: `DisplayService`, as far as it is about users, organizations and the server.

use tonic::{Response, Status};

use crate::{
    gateway::rpc::{Call, Reply, auth::accept, convert::to_id, status::unimplemented},
    proto::buf::alpha::registry::v1alpha1::{
        DisplayOrganizationElementsRequest, DisplayOrganizationElementsResponse,
        DisplayOwnerEntitledElementsRequest, DisplayOwnerEntitledElementsResponse,
        DisplayPluginElementsRequest, DisplayPluginElementsResponse, DisplayRepositoryElementsRequest,
        DisplayRepositoryElementsResponse, DisplayRepositoryEntitledElementsRequest,
        DisplayRepositoryEntitledElementsResponse, DisplayServerElementsRequest,
        DisplayServerElementsResponse, DisplayUserElementsRequest, DisplayUserElementsResponse,
        ListManageableRepositoryRolesRequest, ListManageableRepositoryRolesResponse,
        ListManageableUserRepositoryRolesRequest, ListManageableUserRepositoryRolesResponse,
        display_service_server as server,
    },
    services::{Services, authz},
};

/// Which controls work for the caller.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct DisplayService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::DisplayService for DisplayService {
    async fn display_organization_elements(
        &self,
        call: Call<DisplayOrganizationElementsRequest>,
    ) -> Reply<DisplayOrganizationElementsResponse> {
        let (caller, request) = accept(call)?;
        let id = to_id("organization_id", &request.organization_id)?;
        let rights = authz::in_organization(&self.0, &caller, id).await?;
        Ok(Response::new(DisplayOrganizationElementsResponse {
            // this server has no repositories
            create_repository: false,
            settings: true,
            update_settings: rights.update_settings,
            delete: rights.delete,
        }))
    }

    async fn display_user_elements(
        &self,
        call: Call<DisplayUserElementsRequest>,
    ) -> Reply<DisplayUserElementsResponse> {
        let (caller, _) = accept(call)?;
        let delete = authz::delete_self(&self.0, &caller).await?;
        Ok(Response::new(DisplayUserElementsResponse { delete }))
    }

    async fn display_server_elements(
        &self,
        call: Call<DisplayServerElementsRequest>,
    ) -> Reply<DisplayServerElementsResponse> {
        let (caller, _) = accept(call)?;
        let admin_panel = authz::is_server_admin(&caller)?;
        Ok(Response::new(DisplayServerElementsResponse { admin_panel }))
    }

    async fn display_repository_elements(
        &self,
        _: Call<DisplayRepositoryElementsRequest>,
    ) -> Reply<DisplayRepositoryElementsResponse> {
        Err(no_resources())
    }

    async fn display_plugin_elements(
        &self,
        _: Call<DisplayPluginElementsRequest>,
    ) -> Reply<DisplayPluginElementsResponse> {
        Err(no_resources())
    }

    async fn display_owner_entitled_elements(
        &self,
        _: Call<DisplayOwnerEntitledElementsRequest>,
    ) -> Reply<DisplayOwnerEntitledElementsResponse> {
        Err(no_resources())
    }

    async fn display_repository_entitled_elements(
        &self,
        _: Call<DisplayRepositoryEntitledElementsRequest>,
    ) -> Reply<DisplayRepositoryEntitledElementsResponse> {
        Err(no_resources())
    }

    async fn list_manageable_repository_roles(
        &self,
        _: Call<ListManageableRepositoryRolesRequest>,
    ) -> Reply<ListManageableRepositoryRolesResponse> {
        Err(no_resources())
    }

    async fn list_manageable_user_repository_roles(
        &self,
        _: Call<ListManageableUserRepositoryRolesRequest>,
    ) -> Reply<ListManageableUserRepositoryRolesResponse> {
        Err(no_resources())
    }
}

fn no_resources() -> Status {
    unimplemented("this server has users and organizations, and no repositories or plugins to show")
}
