//! Gateway floor: `buf.registry.owner.v1.OrganizationService`. Batches are atomic, and answer in the order of
//! the request.

use tonic::Response;

use crate::{
    domain::{
        id::OrganizationId, name, organization::OrganizationPatch, page::PageRequest,
        user::VerificationStatus,
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::owner::{
            self as convert,
            settings::{from_settings, to_settings_patch},
        },
        status::{All, Violations, at, of_refs, of_values},
    },
    proto::buf::registry::owner::v1::{
        CreateOrganizationsRequest, CreateOrganizationsResponse, DeleteOrganizationsRequest,
        DeleteOrganizationsResponse, GetOrganizationSettingsRequest, GetOrganizationSettingsResponse,
        GetOrganizationsRequest, GetOrganizationsResponse, ListOrganizationsRequest,
        ListOrganizationsResponse, Organization, UpdateOrganizationSettingsRequest,
        UpdateOrganizationSettingsResponse, UpdateOrganizationsRequest, UpdateOrganizationsResponse,
        create_organizations_request, organization_service_server as server, update_organizations_request,
    },
    services::{
        Services,
        organization::{self, NewOrganization},
        user::Ref,
    },
};

const REFS: &str = "organization_refs";

/// Organizations, in the newer form of the published API.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct OrganizationService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::OrganizationService for OrganizationService {
    async fn get_organizations(
        &self,
        call: Call<GetOrganizationsRequest>,
    ) -> Reply<GetOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let refs = convert::to_organization_refs(REFS, request.organization_refs)?;
        let found = organization::get(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        Ok(Response::new(GetOrganizationsResponse { organizations: from_organizations(found) }))
    }

    async fn list_organizations(
        &self,
        call: Call<ListOrganizationsRequest>,
    ) -> Reply<ListOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let (reverse, page, users) = (
            convert::to_reverse("order", request.order),
            PageRequest::new(request.page_size, &request.page_token, false),
            convert::to_user_filter("user_refs", request.user_refs),
        )
            .all()?;
        let page = PageRequest { reverse, ..page };
        let found = organization::list(&self.0, &caller, users.as_deref(), &page).await;
        let found = found.map_err(of_refs("user_refs"))?;
        Ok(Response::new(ListOrganizationsResponse {
            organizations: from_organizations(found.items),
            next_page_token: found.next_page_token,
        }))
    }

    async fn create_organizations(
        &self,
        call: Call<CreateOrganizationsRequest>,
    ) -> Reply<CreateOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let new = convert::to_batch(request.values, to_new)?;
        let made = organization::create(&self.0, &caller, &new).await.map_err(of_values)?;
        Ok(Response::new(CreateOrganizationsResponse { organizations: from_organizations(made) }))
    }

    async fn update_organizations(
        &self,
        call: Call<UpdateOrganizationsRequest>,
    ) -> Reply<UpdateOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let patches = convert::to_batch(request.values, to_patch)?;
        let changed = organization::update(&self.0, &caller, &patches).await.map_err(of_values)?;
        Ok(Response::new(UpdateOrganizationsResponse { organizations: from_organizations(changed) }))
    }

    async fn delete_organizations(
        &self,
        call: Call<DeleteOrganizationsRequest>,
    ) -> Reply<DeleteOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        let refs = convert::to_organization_refs(REFS, request.organization_refs)?;
        organization::delete(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        Ok(Response::new(DeleteOrganizationsResponse {}))
    }

    async fn get_organization_settings(
        &self,
        call: Call<GetOrganizationSettingsRequest>,
    ) -> Reply<GetOrganizationSettingsResponse> {
        let (caller, request) = accept(call)?;
        let refs = convert::to_organization_refs(REFS, request.organization_refs)?;
        let found = organization::get(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        let organization_settings = found.into_iter().map(from_settings).collect();
        Ok(Response::new(GetOrganizationSettingsResponse { organization_settings }))
    }

    async fn update_organization_settings(
        &self,
        call: Call<UpdateOrganizationSettingsRequest>,
    ) -> Reply<UpdateOrganizationSettingsResponse> {
        let (caller, request) = accept(call)?;
        let patches = convert::to_batch(request.values, to_settings_patch)?;
        let changed = organization::update(&self.0, &caller, &patches).await.map_err(of_values)?;
        let organization_settings = changed.into_iter().map(from_settings).collect();
        Ok(Response::new(UpdateOrganizationSettingsResponse { organization_settings }))
    }
}

fn from_organizations(found: Vec<crate::domain::organization::Organization>) -> Vec<Organization> {
    found.into_iter().map(convert::from_organization).collect()
}

fn to_new(path: &str, value: create_organizations_request::Value) -> Result<NewOrganization, Violations> {
    let ((), (), verification, (), ()) = (
        at(path, name::check_name("name", &value.name)),
        convert::check_visibility(&format!("{path}.visibility"), value.visibility),
        convert::to_verification(&format!("{path}.verification_status"), value.verification_status),
        at(path, name::check_description(&value.description)),
        at(path, name::check_url(&value.url)),
    )
        .all()?;
    Ok(NewOrganization {
        name: value.name,
        description: value.description,
        url: value.url,
        // UNVERIFIED is what everyone gets, and asks for no right
        verification: verification.filter(|status| *status != VerificationStatus::Unverified),
    })
}

fn to_patch(
    path: &str,
    value: update_organizations_request::Value,
) -> Result<(Ref<OrganizationId>, OrganizationPatch), Violations> {
    let field = |name| format!("{path}.{name}");
    let (reference, (), verification, (), ()) = (
        convert::to_organization_ref(&field("organization_ref"), value.organization_ref),
        convert::check_visibility(&field("visibility"), value.visibility),
        convert::to_verification(
            &field("verification_status"),
            value.verification_status.unwrap_or_default(),
        ),
        at(path, name::check_description(value.description.as_deref().unwrap_or_default())),
        at(path, name::check_url(value.url.as_deref().unwrap_or_default())),
    )
        .all()?;
    let (description, url) = (value.description, value.url);
    Ok((reference, OrganizationPatch { description, url, verification, repository_base_role: None }))
}
