//! Gateway floor: `roster.v1.IdpGroupService`.

use tonic::Response;

use crate::{
    domain::{name, page::PageRequest},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{required, roster as convert, to_id},
        status::{All, Violations},
    },
    proto::roster::v1::{
        ListIdpGroupMembersRequest, ListIdpGroupMembersResponse, ListIdpGroupReleasesRequest,
        ListIdpGroupReleasesResponse, ListIdpGroupsRequest, ListIdpGroupsResponse,
        ListOrganizationGroupsRequest, ListOrganizationGroupsResponse, PreviewOrganizationGroupRequest,
        PreviewOrganizationGroupResponse, ReleaseIdpGroupRequest, ReleaseIdpGroupResponse,
        UnreleaseIdpGroupRequest, UnreleaseIdpGroupResponse, idp_group_service_server as server,
        preview_organization_group_request::Change,
    },
    services::{
        Services, group_release, idp_group,
        idp_group::GroupFilter,
        organization_group::{self, Preview, Proposal, RoleChange},
        revision,
    },
};

/// The groups that IdPs push, and what they give.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct IdpGroupService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::IdpGroupService for IdpGroupService {
    async fn list_idp_groups(&self, call: Call<ListIdpGroupsRequest>) -> Reply<ListIdpGroupsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let filter = GroupFilter { name: request.name_query, mapped: request.mapped };
        let found =
            idp_group::list_pushed(&self.0, &caller, &filter, &page).await?.map(convert::from_idp_group);
        let (idp_groups, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListIdpGroupsResponse { idp_groups, next_page_token }))
    }

    async fn list_idp_group_members(
        &self,
        call: Call<ListIdpGroupMembersRequest>,
    ) -> Reply<ListIdpGroupMembersResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let (page, id) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            to_id("idp_group_id", &request.idp_group_id),
        )
            .all()?;
        let found = idp_group::list_members(&self.0, &caller, id, &page).await?;
        let found = found.map(convert::from_pushed_member);
        let (members, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListIdpGroupMembersResponse { members, next_page_token }))
    }

    async fn list_organization_groups(
        &self,
        call: Call<ListOrganizationGroupsRequest>,
    ) -> Reply<ListOrganizationGroupsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let found = organization_group::list(&self.0, &caller, &page).await?;
        let found = found.map(convert::from_organization_group);
        let (organization_groups, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListOrganizationGroupsResponse { organization_groups, next_page_token }))
    }

    async fn preview_organization_group(
        &self,
        call: Call<PreviewOrganizationGroupRequest>,
    ) -> Reply<PreviewOrganizationGroupResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        // one that is not mapped is not found, whatever its form
        let named = match request.change {
            Some(Change::Add(_)) => name::check_group_name("group_name", &request.group_name),
            _ => Ok(()),
        };
        let (page, organization, (), proposal) = (
            PageRequest::new(request.page_size, &request.page_token, false),
            convert::to_organization_ref("organization_ref", request.organization_ref),
            named,
            required("change", request.change).and_then(to_proposal),
        )
            .all()?;
        let name = &request.group_name;
        let preview = organization_group::preview(&self.0, &caller, &organization, name, proposal).await?;
        let effects = preview.page(&self.0, request.include_staying, &page).await?;
        let effects = effects.map(convert::from_effect);
        Ok(Response::new(from_preview(&preview, effects.items, effects.next_page_token)))
    }

    async fn release_idp_group(&self, call: Call<ReleaseIdpGroupRequest>) -> Reply<ReleaseIdpGroupResponse> {
        let (caller, request) = accept(call)?;
        let (organization, ()) = (
            convert::to_organization_ref("organization_ref", request.organization_ref),
            name::check_group_name("group_name", &request.group_name),
        )
            .all()?;
        let made = group_release::release(&self.0, &caller, &organization, &request.group_name).await?;
        let (release, revision) = (Some(convert::from_release(made)), revision::made().unwrap_or_default());
        Ok(Response::new(ReleaseIdpGroupResponse { release, revision }))
    }

    async fn unrelease_idp_group(
        &self,
        call: Call<UnreleaseIdpGroupRequest>,
    ) -> Reply<UnreleaseIdpGroupResponse> {
        let (caller, request) = accept(call)?;
        let organization = convert::to_organization_ref("organization_ref", request.organization_ref)?;
        group_release::unrelease(&self.0, &caller, &organization, &request.group_name).await?;
        Ok(Response::new(UnreleaseIdpGroupResponse { revision: revision::made().unwrap_or_default() }))
    }

    async fn list_idp_group_releases(
        &self,
        call: Call<ListIdpGroupReleasesRequest>,
    ) -> Reply<ListIdpGroupReleasesResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let to_ref = |given| convert::to_organization_ref("organization_ref", Some(given));
        let (page, organization) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            request.organization_ref.map(to_ref).transpose(),
        )
            .all()?;
        let found = group_release::list(&self.0, &caller, organization.as_ref(), &page).await?;
        let found = found.map(convert::from_release);
        let (releases, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListIdpGroupReleasesResponse { releases, next_page_token }))
    }
}

/// UNSPECIFIED gives MEMBER, as in the RPCs of the change.
fn to_proposal(change: Change) -> Result<Proposal, Violations> {
    Ok(match change {
        Change::Add(add) => Proposal::Add(convert::to_role("add.role", add.role)?),
        Change::Update(update) => {
            let role = convert::to_role("update.role", update.role)?;
            Proposal::Update(role.map_or(RoleChange::Clear, RoleChange::Set))
        }
        Change::Remove(_) => Proposal::Remove,
    })
}

fn from_preview(
    preview: &Preview,
    effects: Vec<crate::proto::roster::v1::MembershipEffect>,
    next_page_token: String,
) -> PreviewOrganizationGroupResponse {
    let counts = preview.counts();
    PreviewOrganizationGroupResponse {
        added_count: counts.added,
        changed_count: counts.changed,
        removed_count: counts.removed,
        staying_count: counts.staying,
        effects,
        next_page_token,
    }
}
