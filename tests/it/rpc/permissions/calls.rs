//! One valid call of each RPC.

use roster::proto::buf::{
    alpha::registry::v1alpha1::*,
    registry::owner::v1::{self, create_organizations_request, update_organizations_request},
};
use tonic::Status;

use super::world::World;

const OWNER: i32 = OrganizationRole::Owner as i32;
const MEMBER: i32 = OrganizationRole::Member as i32;
const MACHINE: i32 = OrganizationRole::Machine as i32;

/// Calls the RPC `name` of the table.
pub(super) async fn call(name: &str, world: &World, caller: usize) -> Result<(), Status> {
    let (service, method) = name.split_once('/').unwrap();
    match service {
        "SCIMTokenService" => scim_token(method, world, caller).await,
        "TokenService" => token(method, world, caller).await,
        "AuthnService" => authn(method, world, caller).await,
        "AdminService" => admin(method, world, caller).await,
        "UserService" => user(method, world, caller).await,
        "OrganizationService" => organization(method, world, caller).await,
        "AuditService" | "OwnerService" | "AuthzService" | "DisplayService" | "owner.v1.OwnerService" => {
            super::asking::call(name, world, caller).await
        }
        "owner.v1.UserService" => owner_user(method, world, caller).await,
        "owner.v1.OrganizationService" => owner_organization(method, world, caller).await,
        ours if ours.starts_with("roster.v1.") => super::roster::call(ours, method, world, caller).await,
        other => panic!("no service {other}"),
    }
}

async fn scim_token(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).scim_tokens();
    match method {
        "CreateSCIMToken" => client.create_scim_token(CreateScimTokenRequest::default()).await.map(drop),
        "ListSCIMTokens" => client.list_scim_tokens(ListScimTokensRequest::default()).await.map(drop),
        "DeleteSCIMToken" => {
            let token_id = world.scim_token.clone();
            client.delete_scim_token(DeleteScimTokenRequest { token_id }).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn token(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).tokens();
    let user_id = if method.ends_with("(of another)") { world.target.clone() } else { String::new() };
    let token_id = world.target_token.clone();
    match method.split(' ').next().unwrap() {
        "CreateToken" => {
            client.create_token(CreateTokenRequest { user_id, ..Default::default() }).await.map(drop)
        }
        "GetToken" => client.get_token(GetTokenRequest { token_id }).await.map(drop),
        "ListTokens" => {
            client.list_tokens(ListTokensRequest { user_id, ..Default::default() }).await.map(drop)
        }
        "DeleteToken" => client.delete_token(DeleteTokenRequest { token_id }).await.map(drop),
        other => panic!("no method {other}"),
    }
}

async fn authn(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).authn();
    match method {
        "GetCurrentUser" => client.get_current_user(GetCurrentUserRequest {}).await.map(drop),
        "GetCurrentUserSubject" => {
            client.get_current_user_subject(GetCurrentUserSubjectRequest {}).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn admin(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).admin();
    match method {
        "CreateMachineUser" => {
            let username = world.free_name.clone();
            client.create_machine_user(CreateMachineUserRequest { username }).await.map(drop)
        }
        "UpdateUserVerificationStatus" => {
            let request = UpdateUserVerificationStatusRequest {
                user_id: world.target.clone(),
                verification_status: VerificationStatus::Official.into(),
            };
            client.update_user_verification_status(request).await.map(drop)
        }
        "UpdateOrganizationVerificationStatus" => {
            let request = UpdateOrganizationVerificationStatusRequest {
                organization_id: world.organization.clone(),
                verification_status: VerificationStatus::Official.into(),
            };
            client.update_organization_verification_status(request).await.map(drop)
        }
        "ForceDeleteUser" => {
            let user_id = world.target.clone();
            client.force_delete_user(ForceDeleteUserRequest { user_id }).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn user(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).users();
    let (id, user_id) = (world.target.clone(), world.target.clone());
    match method {
        "CreateUser" => {
            let username = world.free_name.clone();
            client.create_user(CreateUserRequest { username }).await.map(drop)
        }
        "GetUser" => client.get_user(GetUserRequest { id }).await.map(drop),
        "GetUserByUsername" => {
            let username = world.target_name.clone();
            client.get_user_by_username(GetUserByUsernameRequest { username }).await.map(drop)
        }
        "ListUsers" => client.list_users(ListUsersRequest::default()).await.map(drop),
        "ListOrganizationUsers" => {
            let organization_id = world.organization.clone();
            let request = ListOrganizationUsersRequest { organization_id, ..Default::default() };
            client.list_organization_users(request).await.map(drop)
        }
        "CountUsers" => client.count_users(CountUsersRequest::default()).await.map(drop),
        "DeactivateUser" => client.deactivate_user(DeactivateUserRequest { id }).await.map(drop),
        "UpdateUserServerRole" => {
            let request = UpdateUserServerRoleRequest { user_id, server_role: ServerRole::Member.into() };
            client.update_user_server_role(request).await.map(drop)
        }
        "UpdateUserSettings" => {
            let request = UpdateUserSettingsRequest { user_id, ..Default::default() };
            client.update_user_settings(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn organization(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    if method.contains("Member") {
        return member(method, world, caller).await;
    }
    if method.contains("Group") {
        return group(method, world, caller).await;
    }
    let mut client = world.calls(caller).organizations();
    let (id, name) = (world.organization.clone(), world.organization_name.clone());
    let (organization_id, user_id) = (id.clone(), world.target.clone());
    match method {
        "GetOrganization" => client.get_organization(GetOrganizationRequest { id }).await.map(drop),
        "GetOrganizationByName" => {
            client.get_organization_by_name(GetOrganizationByNameRequest { name }).await.map(drop)
        }
        "ListOrganizations" => client.list_organizations(ListOrganizationsRequest::default()).await.map(drop),
        "ListUserOrganizations" => {
            let request = ListUserOrganizationsRequest { user_id, ..Default::default() };
            client.list_user_organizations(request).await.map(drop)
        }
        "GetUserOrganization" => {
            let request = GetUserOrganizationRequest { user_id, organization_id };
            client.get_user_organization(request).await.map(drop)
        }
        "CreateOrganization" => {
            let name = world.free_name.clone();
            client.create_organization(CreateOrganizationRequest { name }).await.map(drop)
        }
        "DeleteOrganization" => client.delete_organization(DeleteOrganizationRequest { id }).await.map(drop),
        "DeleteOrganizationByName" => {
            client.delete_organization_by_name(DeleteOrganizationByNameRequest { name }).await.map(drop)
        }
        "GetOrganizationSettings" => {
            let request = GetOrganizationSettingsRequest { organization_id };
            client.get_organization_settings(request).await.map(drop)
        }
        "UpdateOrganizationSettings" => {
            let request = UpdateOrganizationSettingsRequest { organization_id, ..Default::default() };
            client.update_organization_settings(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn member(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).organizations();
    let (organization_id, user_id) = (world.organization.clone(), world.target.clone());
    let organization_role = if method.ends_with("OWNER") { OWNER } else { MACHINE };
    match method.split(' ').next().unwrap() {
        "AddOrganizationMember" => {
            // whoever calls as the stranger is not asked about himself: he may not see the organization
            let organization_role = if organization_role == OWNER { OWNER } else { MEMBER };
            let user_id = world.stranger.clone();
            let request = AddOrganizationMemberRequest { organization_id, user_id, organization_role };
            client.add_organization_member(request).await.map(drop)
        }
        "UpdateOrganizationMember" => {
            let request = UpdateOrganizationMemberRequest { organization_id, user_id, organization_role };
            client.update_organization_member(request).await.map(drop)
        }
        "RemoveOrganizationMember" => {
            let request = RemoveOrganizationMemberRequest { organization_id, user_id };
            client.remove_organization_member(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn group(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).organizations();
    let organization_id = world.organization.clone();
    let role_override = if method.ends_with("OWNER") { OWNER } else { MACHINE };
    let group_name = if method.starts_with("Add") { "another" } else { "mapped" }.to_owned();
    match method.split(' ').next().unwrap() {
        "AddOrganizationGroup" => {
            let request = AddOrganizationGroupRequest { organization_id, group_name, role_override };
            client.add_organization_group(request).await.map(drop)
        }
        "UpdateOrganizationGroup" => {
            let role_override = Some(role_override);
            let request = UpdateOrganizationGroupRequest { organization_id, group_name, role_override };
            client.update_organization_group(request).await.map(drop)
        }
        "RemoveOrganizationGroup" => {
            let request = RemoveOrganizationGroupRequest { organization_id, group_name };
            client.remove_organization_group(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn owner_user(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).owner_users();
    let reference = v1::UserRef { value: Some(v1::user_ref::Value::Id(world.target.clone())) };
    let user_refs = vec![reference.clone()];
    match method {
        "GetCurrentUser" => client.get_current_user(v1::GetCurrentUserRequest {}).await.map(drop),
        "GetUsers" => client.get_users(v1::GetUsersRequest { user_refs }).await.map(drop),
        "ListUsers" => client.list_users(v1::ListUsersRequest::default()).await.map(drop),
        "CreateUsers" => {
            let name = world.free_name.clone();
            let values = vec![v1::create_users_request::Value { name, ..Default::default() }];
            client.create_users(v1::CreateUsersRequest { values }).await.map(drop)
        }
        "UpdateUsers" | "UpdateUsers INACTIVE" => {
            let state = method.ends_with("INACTIVE").then_some(v1::UserState::Inactive as i32);
            let user_ref = Some(reference);
            let values = vec![v1::update_users_request::Value { user_ref, state, ..Default::default() }];
            client.update_users(v1::UpdateUsersRequest { values }).await.map(drop)
        }
        "DeleteUsers" => client.delete_users(v1::DeleteUsersRequest { user_refs }).await.map(drop),
        other => panic!("no method {other}"),
    }
}

async fn owner_organization(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).owner_organizations();
    let id = v1::organization_ref::Value::Id(world.organization.clone());
    let reference = v1::OrganizationRef { value: Some(id) };
    let organization_refs = vec![reference.clone()];
    let verified = v1::OrganizationVerificationStatus::Verified as i32;
    let verification = method.ends_with("VERIFIED").then_some(verified);
    match method.split(' ').next().unwrap() {
        "GetOrganizations" => {
            client.get_organizations(v1::GetOrganizationsRequest { organization_refs }).await.map(drop)
        }
        "ListOrganizations" => {
            client.list_organizations(v1::ListOrganizationsRequest::default()).await.map(drop)
        }
        "CreateOrganizations" => {
            let value = create_organizations_request::Value {
                name: world.free_name.clone(),
                verification_status: verification.unwrap_or_default(),
                ..Default::default()
            };
            client
                .create_organizations(v1::CreateOrganizationsRequest { values: vec![value] })
                .await
                .map(drop)
        }
        "UpdateOrganizations" => {
            let value = update_organizations_request::Value {
                organization_ref: Some(reference),
                verification_status: verification,
                ..Default::default()
            };
            client
                .update_organizations(v1::UpdateOrganizationsRequest { values: vec![value] })
                .await
                .map(drop)
        }
        "DeleteOrganizations" => {
            client.delete_organizations(v1::DeleteOrganizationsRequest { organization_refs }).await.map(drop)
        }
        "GetOrganizationSettings" => {
            let request = v1::GetOrganizationSettingsRequest { organization_refs };
            client.get_organization_settings(request).await.map(drop)
        }
        "UpdateOrganizationSettings" => {
            let value = v1::update_organization_settings_request::Value {
                organization_ref: Some(reference),
                ..Default::default()
            };
            let request = v1::UpdateOrganizationSettingsRequest { values: vec![value] };
            client.update_organization_settings(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}
