//! Gateway floor: `AdminService`.

use tonic::{Response, Status};

use crate::{
    domain::{role::ServerRole, user::UserType},
    gateway::rpc::{Call, Reply, auth::accept, convert::alpha as convert, status::unimplemented},
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
        Services,
        user::{self, NewUser},
    },
};

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

    async fn force_delete_user(&self, _: Call<ForceDeleteUserRequest>) -> Reply<ForceDeleteUserResponse> {
        Err(unimplemented("ForceDeleteUser is not offered; deactivate the user"))
    }

    async fn update_user_verification_status(
        &self,
        _: Call<UpdateUserVerificationStatusRequest>,
    ) -> Reply<UpdateUserVerificationStatusResponse> {
        Err(unimplemented("UpdateUserVerificationStatus is not offered"))
    }

    async fn update_organization_verification_status(
        &self,
        _: Call<UpdateOrganizationVerificationStatusRequest>,
    ) -> Reply<UpdateOrganizationVerificationStatusResponse> {
        Err(unimplemented(
            "UpdateOrganizationVerificationStatus is not offered; \
             buf.registry.owner.v1.OrganizationService/UpdateOrganizations sets it",
        ))
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
