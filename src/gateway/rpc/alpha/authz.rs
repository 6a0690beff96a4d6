//! Gateway floor: `AuthzService`, as far as it is about users, organizations and the server.

use tonic::{Response, Status};

use crate::{
    domain::role::OrganizationRole,
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha::from_organization_role, to_id},
        status::unimplemented,
    },
    proto::buf::alpha::registry::v1alpha1::{
        UserCanAddOrganizationMemberRequest, UserCanAddOrganizationMemberResponse,
        UserCanCreateOrganizationRepositoryRequest, UserCanCreateOrganizationRepositoryResponse,
        UserCanDeleteOrganizationRequest, UserCanDeleteOrganizationResponse, UserCanDeleteRepositoryRequest,
        UserCanDeleteRepositoryResponse, UserCanDeleteUserRequest, UserCanDeleteUserResponse,
        UserCanManageRepositoryContributorsRequest, UserCanManageRepositoryContributorsResponse,
        UserCanRemoveOrganizationMemberRequest, UserCanRemoveOrganizationMemberResponse,
        UserCanReviewCommitsRequest, UserCanReviewCommitsResponse, UserCanSeeOrganizationSettingsRequest,
        UserCanSeeOrganizationSettingsResponse, UserCanSeeRepositorySettingsRequest,
        UserCanSeeRepositorySettingsResponse, UserCanSeeServerAdminPanelRequest,
        UserCanSeeServerAdminPanelResponse, UserCanUpdateOrganizationMemberRequest,
        UserCanUpdateOrganizationMemberResponse, authz_service_server as server,
    },
    services::{
        Services,
        authz::{self, OrganizationRights},
    },
};

/// What the caller may do.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct AuthzService(pub(in crate::gateway::rpc) Services);

impl AuthzService {
    async fn rights<T>(
        &self,
        call: Call<T>,
        organization_id: impl Fn(T) -> String,
    ) -> Result<OrganizationRights, Status> {
        let (caller, request) = accept(call)?;
        let id = to_id("organization_id", &organization_id(request))?;
        Ok(authz::in_organization(&self.0, &caller, id).await?)
    }
}

#[tonic::async_trait]
impl server::AuthzService for AuthzService {
    async fn user_can_create_organization_repository(
        &self,
        _: Call<UserCanCreateOrganizationRepositoryRequest>,
    ) -> Reply<UserCanCreateOrganizationRepositoryResponse> {
        Err(no_repositories())
    }

    async fn user_can_see_repository_settings(
        &self,
        _: Call<UserCanSeeRepositorySettingsRequest>,
    ) -> Reply<UserCanSeeRepositorySettingsResponse> {
        Err(no_repositories())
    }

    async fn user_can_see_organization_settings(
        &self,
        call: Call<UserCanSeeOrganizationSettingsRequest>,
    ) -> Reply<UserCanSeeOrganizationSettingsResponse> {
        // whoever sees the organization may
        self.rights(call, |request| request.organization_id).await?;
        Ok(Response::new(UserCanSeeOrganizationSettingsResponse { authorized: true }))
    }

    async fn user_can_add_organization_member(
        &self,
        call: Call<UserCanAddOrganizationMemberRequest>,
    ) -> Reply<UserCanAddOrganizationMemberResponse> {
        let rights = self.rights(call, |request| request.organization_id).await?;
        Ok(Response::new(UserCanAddOrganizationMemberResponse {
            authorized_roles: from_roles(&rights.manage),
        }))
    }

    async fn user_can_update_organization_member(
        &self,
        call: Call<UserCanUpdateOrganizationMemberRequest>,
    ) -> Reply<UserCanUpdateOrganizationMemberResponse> {
        let rights = self.rights(call, |request| request.organization_id).await?;
        Ok(Response::new(UserCanUpdateOrganizationMemberResponse {
            authorized_roles: from_roles(&rights.manage),
        }))
    }

    async fn user_can_remove_organization_member(
        &self,
        call: Call<UserCanRemoveOrganizationMemberRequest>,
    ) -> Reply<UserCanRemoveOrganizationMemberResponse> {
        let rights = self.rights(call, |request| request.organization_id).await?;
        Ok(Response::new(UserCanRemoveOrganizationMemberResponse {
            authorized_roles: from_roles(&rights.manage),
        }))
    }

    async fn user_can_delete_organization(
        &self,
        call: Call<UserCanDeleteOrganizationRequest>,
    ) -> Reply<UserCanDeleteOrganizationResponse> {
        let rights = self.rights(call, |request| request.organization_id).await?;
        Ok(Response::new(UserCanDeleteOrganizationResponse { authorized: rights.delete }))
    }

    async fn user_can_delete_repository(
        &self,
        _: Call<UserCanDeleteRepositoryRequest>,
    ) -> Reply<UserCanDeleteRepositoryResponse> {
        Err(no_repositories())
    }

    async fn user_can_delete_user(
        &self,
        call: Call<UserCanDeleteUserRequest>,
    ) -> Reply<UserCanDeleteUserResponse> {
        let (caller, _) = accept(call)?;
        let authorized = authz::delete_self(&self.0, &caller).await?;
        Ok(Response::new(UserCanDeleteUserResponse { authorized }))
    }

    async fn user_can_see_server_admin_panel(
        &self,
        call: Call<UserCanSeeServerAdminPanelRequest>,
    ) -> Reply<UserCanSeeServerAdminPanelResponse> {
        let (caller, _) = accept(call)?;
        let authorized = authz::is_server_admin(&caller)?;
        Ok(Response::new(UserCanSeeServerAdminPanelResponse { authorized }))
    }

    async fn user_can_manage_repository_contributors(
        &self,
        _: Call<UserCanManageRepositoryContributorsRequest>,
    ) -> Reply<UserCanManageRepositoryContributorsResponse> {
        Err(no_repositories())
    }

    async fn user_can_review_commits(
        &self,
        _: Call<UserCanReviewCommitsRequest>,
    ) -> Reply<UserCanReviewCommitsResponse> {
        Err(no_repositories())
    }
}

fn from_roles(roles: &[OrganizationRole]) -> Vec<i32> {
    roles.iter().map(|role| from_organization_role(*role).into()).collect()
}

fn no_repositories() -> Status {
    unimplemented("this server has users and organizations, and no repositories to have rights in")
}
