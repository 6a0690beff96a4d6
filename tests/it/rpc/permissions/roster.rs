//! One valid call of each RPC of `roster.v1`.

use roster::proto::roster::v1::{
    preview_organization_group_request::{Add, Change},
    *,
};
use tonic::Status;

use super::world::World;

/// Calls `method` of `service`, as the table names both.
pub(super) async fn call(service: &str, method: &str, world: &World, caller: usize) -> Result<(), Status> {
    match service {
        "roster.v1.ScimTokenService" => scim_token(method, world, caller).await,
        "roster.v1.MembershipService" => membership(method, world, caller).await,
        "roster.v1.IdpGroupService" => idp_group(method, world, caller).await,
        "roster.v1.JitService" => jit(method, world, caller).await,
        "roster.v1.ProvisioningService" => provisioning(method, world, caller).await,
        other => panic!("no service {other}"),
    }
}

async fn scim_token(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).roster_scim_tokens();
    let scim_token_id = world.scim_token.clone();
    match method {
        "CreateScimToken" => client.create_scim_token(CreateScimTokenRequest::default()).await.map(drop),
        "ListScimTokens" => client.list_scim_tokens(ListScimTokensRequest::default()).await.map(drop),
        "GetScimToken" => client.get_scim_token(GetScimTokenRequest { scim_token_id }).await.map(drop),
        "UpdateScimToken" => {
            let description = Some("new".to_owned());
            let request = UpdateScimTokenRequest { scim_token_id, description, profile: None };
            client.update_scim_token(request).await.map(drop)
        }
        "DeleteScimToken" => {
            client.delete_scim_token(DeleteScimTokenRequest { scim_token_id }).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

fn refs(world: &World) -> (Option<UserRef>, Option<OrganizationRef>) {
    let user = UserRef { value: Some(user_ref::Value::Id(world.target.clone())) };
    let name = organization_ref::Value::Name(world.organization_name.clone());
    (Some(user), Some(OrganizationRef { value: Some(name) }))
}

async fn membership(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    use list_memberships_request::Scope;
    let mut client = world.calls(caller).memberships();
    let (user_ref, organization_ref) = refs(world);
    match method {
        "CheckMembership" => {
            let request =
                CheckMembershipRequest { user_ref, organization_ref, minimum_role: 0, min_revision: 0 };
            client.check_membership(request).await.map(drop)
        }
        "BatchCheckMemberships" => {
            let value =
                batch_check_memberships_request::Value { user_ref, organization_ref, minimum_role: 0 };
            let request = BatchCheckMembershipsRequest { values: vec![value], min_revision: 0 };
            client.batch_check_memberships(request).await.map(drop)
        }
        "ListMemberships" => {
            let scope = organization_ref.map(Scope::OrganizationRef);
            client.list_memberships(ListMembershipsRequest { scope, ..Default::default() }).await.map(drop)
        }
        "ListMemberships (of user)" => {
            let scope = user_ref.map(Scope::UserRef);
            client.list_memberships(ListMembershipsRequest { scope, ..Default::default() }).await.map(drop)
        }
        "WatchMemberships" => {
            let request = WatchMembershipsRequest { organization_ref, ..Default::default() };
            client.watch_memberships(request).await.map(drop)
        }
        "WatchMemberships (all)" => {
            client.watch_memberships(WatchMembershipsRequest::default()).await.map(drop)
        }
        "ExplainMembership" => {
            let request = ExplainMembershipRequest { user_ref, organization_ref, min_revision: 0 };
            client.explain_membership(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn idp_group(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).idp_groups();
    let role =
        if method.ends_with("OWNER") { OrganizationRole::Owner } else { OrganizationRole::Unspecified };
    match method.split(' ').next().unwrap() {
        "ListIdpGroups" => client.list_idp_groups(ListIdpGroupsRequest::default()).await.map(drop),
        "ListIdpGroupMembers" => {
            let idp_group_id = world.group.clone();
            let request = ListIdpGroupMembersRequest { idp_group_id, ..Default::default() };
            client.list_idp_group_members(request).await.map(drop)
        }
        "ListOrganizationGroups" => {
            client.list_organization_groups(ListOrganizationGroupsRequest::default()).await.map(drop)
        }
        "PreviewOrganizationGroup" => {
            let request = PreviewOrganizationGroupRequest {
                organization_ref: refs(world).1,
                group_name: "another".to_owned(),
                change: Some(Change::Add(Add { role: role.into() })),
                ..Default::default()
            };
            client.preview_organization_group(request).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn jit(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    use preview_jit_organization_request::{Change as JitChange, Set};
    let mut client = world.calls(caller).jit();
    let organization_ref = refs(world).1;
    let email = "ann@example.com".to_owned();
    match method {
        "ListJitOrganizations" => {
            client.list_jit_organizations(ListJitOrganizationsRequest::default()).await.map(drop)
        }
        "SetJitOrganization" => {
            let request = SetJitOrganizationRequest { organization_ref, role: 0 };
            client.set_jit_organization(request).await.map(drop)
        }
        "RemoveJitOrganization" => {
            let request = RemoveJitOrganizationRequest { organization_ref };
            client.remove_jit_organization(request).await.map(drop)
        }
        "PreviewJitOrganization" => {
            let change = Some(JitChange::Set(Set { role: 0 }));
            let request = PreviewJitOrganizationRequest { organization_ref, change, ..Default::default() };
            client.preview_jit_organization(request).await.map(drop)
        }
        "ListAdminEmails" => client.list_admin_emails(ListAdminEmailsRequest::default()).await.map(drop),
        "AddAdminEmail" => client.add_admin_email(AddAdminEmailRequest { email }).await.map(drop),
        "RemoveAdminEmail" => client.remove_admin_email(RemoveAdminEmailRequest { email }).await.map(drop),
        other => panic!("no method {other}"),
    }
}

async fn provisioning(method: &str, world: &World, caller: usize) -> Result<(), Status> {
    let mut client = world.calls(caller).provisioning();
    let scim_token_id = world.scim_token.clone();
    match method {
        "GetReadiness" => client.get_readiness(GetReadinessRequest::default()).await.map(drop),
        "ListProvisioningRequests" => {
            let request = ListProvisioningRequestsRequest::default();
            client.list_provisioning_requests(request).await.map(drop)
        }
        "GetProvisioningRequest" => {
            // no request was recorded; to look for one is enough
            let request = GetProvisioningRequestRequest { provisioning_request_id: world.scim_token.clone() };
            client.get_provisioning_request(request).await.map(drop)
        }
        "ListLargeRemovals" => {
            client.list_large_removals(ListLargeRemovalsRequest::default()).await.map(drop)
        }
        "ReleaseLargeRemoval" => {
            // nothing is held; to look for it is enough
            let request = ReleaseLargeRemovalRequest { large_removal_id: world.scim_token.clone() };
            client.release_large_removal(request).await.map(drop)
        }
        "PauseProvisioning" => {
            let request = PauseProvisioningRequest { scim_token_id, reason: "migration".to_owned() };
            client.pause_provisioning(request).await.map(drop)
        }
        "ResumeProvisioning" => {
            client.resume_provisioning(ResumeProvisioningRequest { scim_token_id }).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}
