//! Gateway floor: `OrganizationService`.

use tonic::Response;

use crate::{
    domain::{
        name,
        organization::{Organization as Found, OrganizationPatch},
        page::PageRequest,
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha as convert, from_count, required, to_id},
        status::{All, Violations},
    },
    proto::buf::alpha::registry::v1alpha1::{
        AddOrganizationGroupRequest, AddOrganizationGroupResponse, AddOrganizationMemberRequest,
        AddOrganizationMemberResponse, CreateOrganizationRequest, CreateOrganizationResponse,
        DeleteOrganizationByNameRequest, DeleteOrganizationByNameResponse, DeleteOrganizationRequest,
        DeleteOrganizationResponse, GetOrganizationByNameRequest, GetOrganizationByNameResponse,
        GetOrganizationRequest, GetOrganizationResponse, GetOrganizationSettingsRequest,
        GetOrganizationSettingsResponse, GetUserOrganizationRequest, GetUserOrganizationResponse,
        ListOrganizationsRequest, ListOrganizationsResponse, ListUserOrganizationsRequest,
        ListUserOrganizationsResponse, Organization, RemoveOrganizationGroupRequest,
        RemoveOrganizationGroupResponse, RemoveOrganizationMemberRequest, RemoveOrganizationMemberResponse,
        UpdateOrganizationGroupRequest, UpdateOrganizationGroupResponse, UpdateOrganizationMemberRequest,
        UpdateOrganizationMemberResponse, UpdateOrganizationSettingsRequest,
        UpdateOrganizationSettingsResponse, organization_service_server as server,
    },
    services::{
        Services,
        organization::{self, NewOrganization, member, member::DirectRole},
        organization_group::{self, RoleChange},
        user::Ref,
    },
};

const ID: &str = "organization_id";

/// Organizations, their members and their groups.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct OrganizationService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::OrganizationService for OrganizationService {
    async fn get_organization(&self, call: Call<GetOrganizationRequest>) -> Reply<GetOrganizationResponse> {
        let (caller, request) = accept(call)?;
        let reference = Ref::Id(to_id("id", &request.id)?);
        let organization = one(organization::get(&self.0, &caller, &[reference]).await?);
        Ok(Response::new(GetOrganizationResponse { organization }))
    }

    async fn get_organization_by_name(
        &self,
        call: Call<GetOrganizationByNameRequest>,
    ) -> Reply<GetOrganizationByNameResponse> {
        let (caller, request) = accept(call)?;
        let organization = one(organization::get(&self.0, &caller, &[Ref::Name(request.name)]).await?);
        Ok(Response::new(GetOrganizationByNameResponse { organization }))
    }

    async fn list_organizations(
        &self,
        call: Call<ListOrganizationsRequest>,
    ) -> Reply<ListOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let found = organization::list(&self.0, &caller, None, &page).await?.map(convert::from_organization);
        let (organizations, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListOrganizationsResponse { organizations, next_page_token }))
    }

    async fn list_user_organizations(
        &self,
        call: Call<ListUserOrganizationsRequest>,
    ) -> Reply<ListUserOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let (page, user) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            to_id("user_id", &request.user_id),
        )
            .all()?;
        let found = organization::list_of_user(&self.0, &caller, user, &page).await?;
        let found = found.map(convert::from_membership);
        let (organizations, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListUserOrganizationsResponse { organizations, next_page_token }))
    }

    async fn get_user_organization(
        &self,
        call: Call<GetUserOrganizationRequest>,
    ) -> Reply<GetUserOrganizationResponse> {
        let (caller, request) = accept(call)?;
        let (user, id) = (to_id("user_id", &request.user_id), to_id(ID, &request.organization_id)).all()?;
        let found = organization::get_of_user(&self.0, &caller, user, id).await?;
        let organization_membership = Some(convert::from_membership(found));
        Ok(Response::new(GetUserOrganizationResponse { organization_membership }))
    }

    async fn create_organization(
        &self,
        call: Call<CreateOrganizationRequest>,
    ) -> Reply<CreateOrganizationResponse> {
        let (caller, request) = accept(call)?;
        let new = NewOrganization { name: request.name, ..NewOrganization::default() };
        let organization = one(organization::create(&self.0, &caller, &[new]).await?);
        Ok(Response::new(CreateOrganizationResponse { organization }))
    }

    async fn delete_organization(
        &self,
        call: Call<DeleteOrganizationRequest>,
    ) -> Reply<DeleteOrganizationResponse> {
        let (caller, request) = accept(call)?;
        organization::delete(&self.0, &caller, &[Ref::Id(to_id("id", &request.id)?)]).await?;
        Ok(Response::new(DeleteOrganizationResponse {}))
    }

    async fn delete_organization_by_name(
        &self,
        call: Call<DeleteOrganizationByNameRequest>,
    ) -> Reply<DeleteOrganizationByNameResponse> {
        let (caller, request) = accept(call)?;
        organization::delete(&self.0, &caller, &[Ref::Name(request.name)]).await?;
        Ok(Response::new(DeleteOrganizationByNameResponse {}))
    }

    async fn add_organization_member(
        &self,
        call: Call<AddOrganizationMemberRequest>,
    ) -> Reply<AddOrganizationMemberResponse> {
        let (caller, request) = accept(call)?;
        let role = to_direct_role(&request.organization_id, &request.user_id, request.organization_role)?;
        member::add(&self.0, &caller, role).await?;
        Ok(Response::new(AddOrganizationMemberResponse {}))
    }

    async fn update_organization_member(
        &self,
        call: Call<UpdateOrganizationMemberRequest>,
    ) -> Reply<UpdateOrganizationMemberResponse> {
        let (caller, request) = accept(call)?;
        let role = to_direct_role(&request.organization_id, &request.user_id, request.organization_role)?;
        member::update(&self.0, &caller, role).await?;
        Ok(Response::new(UpdateOrganizationMemberResponse {}))
    }

    async fn remove_organization_member(
        &self,
        call: Call<RemoveOrganizationMemberRequest>,
    ) -> Reply<RemoveOrganizationMemberResponse> {
        let (caller, request) = accept(call)?;
        let (user, id) = (to_id("user_id", &request.user_id), to_id(ID, &request.organization_id)).all()?;
        member::remove(&self.0, &caller, id, user).await?;
        Ok(Response::new(RemoveOrganizationMemberResponse {}))
    }

    async fn get_organization_settings(
        &self,
        call: Call<GetOrganizationSettingsRequest>,
    ) -> Reply<GetOrganizationSettingsResponse> {
        let (caller, request) = accept(call)?;
        let settings = organization::settings(&self.0, &caller, to_id(ID, &request.organization_id)?).await?;
        let base = convert::from_repository_role(settings.organization.repository_base_role);
        Ok(Response::new(GetOrganizationSettingsResponse {
            repository_base_role: base.into(),
            members_count: from_count(settings.members_count),
            idp_groups: settings.groups.into_iter().map(convert::from_group).collect(),
        }))
    }

    async fn update_organization_settings(
        &self,
        call: Call<UpdateOrganizationSettingsRequest>,
    ) -> Reply<UpdateOrganizationSettingsResponse> {
        let (caller, request) = accept(call)?;
        let (id, base, (), ()) = (
            to_id(ID, &request.organization_id),
            convert::to_repository_role("repository_base_role", request.repository_base_role),
            name::check_description(request.description.as_deref().unwrap_or_default()),
            name::check_url(request.url.as_deref().unwrap_or_default()),
        )
            .all()?;
        let reference = Ref::Id(id);
        let (description, url) = (request.description, request.url);
        let patch = OrganizationPatch { description, url, verification: None, repository_base_role: base };
        organization::update(&self.0, &caller, &[(reference, patch)]).await?;
        Ok(Response::new(UpdateOrganizationSettingsResponse {}))
    }

    async fn add_organization_group(
        &self,
        call: Call<AddOrganizationGroupRequest>,
    ) -> Reply<AddOrganizationGroupResponse> {
        let (caller, request) = accept(call)?;
        let (id, (), role) = (
            to_id(ID, &request.organization_id),
            name::check_group_name("group_name", &request.group_name),
            convert::to_organization_role("role_override", request.role_override),
        )
            .all()?;
        organization_group::add(&self.0, &caller, id, &request.group_name, role).await?;
        Ok(Response::new(AddOrganizationGroupResponse {}))
    }

    async fn update_organization_group(
        &self,
        call: Call<UpdateOrganizationGroupRequest>,
    ) -> Reply<UpdateOrganizationGroupResponse> {
        let (caller, request) = accept(call)?;
        let (id, change) =
            (to_id(ID, &request.organization_id), to_role_change(request.role_override)).all()?;
        organization_group::update(&self.0, &caller, id, &request.group_name, change).await?;
        Ok(Response::new(UpdateOrganizationGroupResponse {}))
    }

    async fn remove_organization_group(
        &self,
        call: Call<RemoveOrganizationGroupRequest>,
    ) -> Reply<RemoveOrganizationGroupResponse> {
        let (caller, request) = accept(call)?;
        let id = to_id(ID, &request.organization_id)?;
        organization_group::remove(&self.0, &caller, id, &request.group_name).await?;
        Ok(Response::new(RemoveOrganizationGroupResponse {}))
    }
}

/// The answer to a request for one.
fn one(found: Vec<Found>) -> Option<Organization> {
    found.into_iter().next().map(convert::from_organization)
}

fn to_direct_role(organization: &str, user: &str, role: i32) -> Result<DirectRole, Violations> {
    let role = convert::to_organization_role("organization_role", role);
    let (organization_id, user_id, role) = (
        to_id(ID, organization),
        to_id("user_id", user),
        role.and_then(|role| required("organization_role", role)),
    )
        .all()?;
    Ok(DirectRole { organization_id, user_id, role })
}

/// Unset leaves the role alone, UNSPECIFIED clears it.
fn to_role_change(given: Option<i32>) -> Result<RoleChange, Violations> {
    let Some(number) = given else { return Ok(RoleChange::Keep) };
    let role = convert::to_organization_role("role_override", number)?;
    Ok(role.map_or(RoleChange::Clear, RoleChange::Set))
}
