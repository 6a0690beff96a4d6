//! Gateway floor: `roster.v1.JitService`.

use tonic::Response;

use crate::{
    domain::{jit::email_key, page::PageRequest, role::OrganizationRole},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{required, roster as convert},
        status::{All, Violations},
    },
    proto::roster::v1::{
        AddAdminEmailRequest, AddAdminEmailResponse, ListAdminEmailsRequest, ListAdminEmailsResponse,
        ListJitOrganizationsRequest, ListJitOrganizationsResponse, PreviewAdminEmailRequest,
        PreviewAdminEmailResponse, PreviewJitOrganizationRequest, PreviewJitOrganizationResponse,
        RemoveAdminEmailRequest, RemoveAdminEmailResponse, RemoveJitOrganizationRequest,
        RemoveJitOrganizationResponse, SetJitOrganizationRequest, SetJitOrganizationResponse,
        jit_service_server as server, preview_admin_email_request, preview_jit_organization_request::Change,
    },
    services::{
        Services,
        jit::{self, Proposal, admin},
        revision,
    },
};

const ORGANIZATION: &str = "organization_ref";

/// What people get without anyone's doing.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct JitService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::JitService for JitService {
    async fn list_jit_organizations(
        &self,
        call: Call<ListJitOrganizationsRequest>,
    ) -> Reply<ListJitOrganizationsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let found = jit::list_organizations(&self.0, &caller).await?;
        let jit_organizations = found.into_iter().map(convert::from_jit_organization).collect();
        Ok(Response::new(ListJitOrganizationsResponse { jit_organizations }))
    }

    async fn set_jit_organization(
        &self,
        call: Call<SetJitOrganizationRequest>,
    ) -> Reply<SetJitOrganizationResponse> {
        let (caller, request) = accept(call)?;
        let (organization, role) = (
            convert::to_organization_ref(ORGANIZATION, request.organization_ref),
            to_jit_role("role", request.role),
        )
            .all()?;
        let set = jit::set_organization(&self.0, &caller, &organization, role).await?;
        let jit_organization = Some(convert::from_jit_organization(set));
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(SetJitOrganizationResponse { jit_organization, revision }))
    }

    async fn remove_jit_organization(
        &self,
        call: Call<RemoveJitOrganizationRequest>,
    ) -> Reply<RemoveJitOrganizationResponse> {
        let (caller, request) = accept(call)?;
        let organization = convert::to_organization_ref(ORGANIZATION, request.organization_ref)?;
        jit::remove_organization(&self.0, &caller, &organization).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(RemoveJitOrganizationResponse { revision }))
    }

    async fn preview_jit_organization(
        &self,
        call: Call<PreviewJitOrganizationRequest>,
    ) -> Reply<PreviewJitOrganizationResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let (page, organization, proposal) = (
            PageRequest::new(request.page_size, &request.page_token, false),
            convert::to_organization_ref(ORGANIZATION, request.organization_ref),
            required("change", request.change).and_then(to_proposal),
        )
            .all()?;
        let preview = jit::preview(&self.0, &caller, &organization, proposal).await?;
        let effects = preview.page(&self.0, request.include_staying, &page).await?;
        let (effects, counts) = (effects.map(convert::from_effect), preview.counts());
        Ok(Response::new(PreviewJitOrganizationResponse {
            added_count: counts.added,
            changed_count: counts.changed,
            removed_count: counts.removed,
            staying_count: counts.staying,
            effects: effects.items,
            next_page_token: effects.next_page_token,
        }))
    }

    async fn list_admin_emails(&self, call: Call<ListAdminEmailsRequest>) -> Reply<ListAdminEmailsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let found = jit::list_emails(&self.0, &caller).await?;
        let admin_emails = found.into_iter().map(convert::from_admin_email).collect();
        Ok(Response::new(ListAdminEmailsResponse { admin_emails }))
    }

    async fn add_admin_email(&self, call: Call<AddAdminEmailRequest>) -> Reply<AddAdminEmailResponse> {
        let (caller, request) = accept(call)?;
        let added = jit::add_email(&self.0, &caller, &request.email).await?;
        let admin_email = Some(convert::from_admin_email(added));
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(AddAdminEmailResponse { admin_email, revision }))
    }

    async fn remove_admin_email(
        &self,
        call: Call<RemoveAdminEmailRequest>,
    ) -> Reply<RemoveAdminEmailResponse> {
        let (caller, request) = accept(call)?;
        jit::remove_email(&self.0, &caller, &request.email).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(RemoveAdminEmailResponse { revision }))
    }

    async fn preview_admin_email(
        &self,
        call: Call<PreviewAdminEmailRequest>,
    ) -> Reply<PreviewAdminEmailResponse> {
        use preview_admin_email_request::Change;
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let (_, change) = (email_key(&request.email), required("change", request.change)).all()?;
        let proposal = match change {
            Change::Add(_) => admin::Proposal::Add,
            Change::Remove(_) => admin::Proposal::Remove,
        };
        let effects = admin::preview(&self.0, &caller, &request.email, proposal).await?;
        let effects = effects.into_iter().map(convert::from_admin_effect).collect();
        Ok(Response::new(PreviewAdminEmailResponse { effects }))
    }
}

/// UNSPECIFIED gives MEMBER.
fn to_jit_role(field: &str, number: i32) -> Result<OrganizationRole, Violations> {
    Ok(convert::to_role(field, number)?.unwrap_or(OrganizationRole::Member))
}

fn to_proposal(change: Change) -> Result<Proposal, Violations> {
    Ok(match change {
        Change::Set(set) => Proposal::Set(to_jit_role("set.role", set.role)?),
        Change::Remove(_) => Proposal::Remove,
    })
}
