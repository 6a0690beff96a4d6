//! Gateway floor: `AdminService`.

use tonic::{Response, Status};

use crate::{
    domain::{
        organization::OrganizationPatch,
        role::ServerRole,
        user::{UserPatch, UserType},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha as convert, to_id},
        status::{All, unimplemented},
    },
    proto::buf::alpha::registry::v1alpha1::{
        CreateMachineUserRequest, CreateMachineUserResponse, ForceDeleteUserRequest, ForceDeleteUserResponse,
        GetBreakingChangePolicyRequest, GetBreakingChangePolicyResponse, GetClusterUsageRequest,
        GetClusterUsageResponse, GetUniquenessPolicyRequest, GetUniquenessPolicyResponse,
        ListServerUniquenessCollisionsRequest, ListServerUniquenessCollisionsResponse,
        RunServerUniquenessBackfillTaskRequest, RunServerUniquenessBackfillTaskResponse,
        UpdateBreakingChangePolicyRequest, UpdateBreakingChangePolicyResponse,
        UpdateOrganizationVerificationStatusRequest, UpdateOrganizationVerificationStatusResponse,
        UpdateUniquenessPolicyRequest, UpdateUniquenessPolicyResponse, UpdateUserVerificationStatusRequest,
        UpdateUserVerificationStatusResponse, admin_service_server as server,
    },
    services::{
        Services, organization,
        user::{self, NewUser, Ref},
    },
};

const STATUS: &str = "verification_status";

/// What server admins do.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct AdminService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::AdminService for AdminService {
    async fn create_machine_user(
        &self,
        call: Call<CreateMachineUserRequest>,
    ) -> Reply<CreateMachineUserResponse> {
        let (caller, request) = accept(call)?;
        let new = NewUser {
            username: request.username,
            email: None,
            user_type: UserType::Machine,
            server_role: ServerRole::Member,
        };
        let made = user::create(&self.0, &caller, &new).await?;
        Ok(Response::new(CreateMachineUserResponse { user: Some(convert::from_user(made)) }))
    }

    async fn force_delete_user(&self, call: Call<ForceDeleteUserRequest>) -> Reply<ForceDeleteUserResponse> {
        let (caller, request) = accept(call)?;
        let id = to_id("user_id", &request.user_id)?;
        let (deleted, organizations) = user::force_delete(&self.0, &caller, id).await?;
        Ok(Response::new(ForceDeleteUserResponse {
            user: Some(convert::from_user(deleted)),
            organizations: organizations.into_iter().map(convert::from_organization).collect(),
            repositories: Vec::new(),
        }))
    }

    async fn update_user_verification_status(
        &self,
        call: Call<UpdateUserVerificationStatusRequest>,
    ) -> Reply<UpdateUserVerificationStatusResponse> {
        let (caller, request) = accept(call)?;
        let (id, status) = (
            to_id("user_id", &request.user_id),
            convert::to_verification(STATUS, request.verification_status),
        )
            .all()?;
        let (reference, verification) = (Ref::Id(id), Some(status));
        let patch = UserPatch { verification, ..UserPatch::default() };
        user::update(&self.0, &caller, &[(reference, patch)]).await?;
        Ok(Response::new(UpdateUserVerificationStatusResponse {}))
    }

    async fn update_organization_verification_status(
        &self,
        call: Call<UpdateOrganizationVerificationStatusRequest>,
    ) -> Reply<UpdateOrganizationVerificationStatusResponse> {
        let (caller, request) = accept(call)?;
        let (id, status) = (
            to_id("organization_id", &request.organization_id),
            convert::to_verification(STATUS, request.verification_status),
        )
            .all()?;
        let (reference, verification) = (Ref::Id(id), Some(status));
        let patch = OrganizationPatch { verification, ..OrganizationPatch::default() };
        organization::update(&self.0, &caller, &[(reference, patch)]).await?;
        Ok(Response::new(UpdateOrganizationVerificationStatusResponse {}))
    }

    async fn get_breaking_change_policy(
        &self,
        _: Call<GetBreakingChangePolicyRequest>,
    ) -> Reply<GetBreakingChangePolicyResponse> {
        Err(no_modules())
    }

    async fn update_breaking_change_policy(
        &self,
        _: Call<UpdateBreakingChangePolicyRequest>,
    ) -> Reply<UpdateBreakingChangePolicyResponse> {
        Err(no_modules())
    }

    async fn get_uniqueness_policy(
        &self,
        _: Call<GetUniquenessPolicyRequest>,
    ) -> Reply<GetUniquenessPolicyResponse> {
        Err(no_modules())
    }

    async fn update_uniqueness_policy(
        &self,
        _: Call<UpdateUniquenessPolicyRequest>,
    ) -> Reply<UpdateUniquenessPolicyResponse> {
        Err(no_modules())
    }

    async fn list_server_uniqueness_collisions(
        &self,
        _: Call<ListServerUniquenessCollisionsRequest>,
    ) -> Reply<ListServerUniquenessCollisionsResponse> {
        Err(no_modules())
    }

    async fn run_server_uniqueness_backfill_task(
        &self,
        _: Call<RunServerUniquenessBackfillTaskRequest>,
    ) -> Reply<RunServerUniquenessBackfillTaskResponse> {
        Err(no_modules())
    }

    async fn get_cluster_usage(&self, _: Call<GetClusterUsageRequest>) -> Reply<GetClusterUsageResponse> {
        Err(no_modules())
    }
}

fn no_modules() -> Status {
    unimplemented("this server has users and organizations, and no modules to set a policy for or to count")
}
