//! Gateway floor: `roster.v1.ProvisioningService`.

use tonic::Response;

use crate::{
    domain::{page::PageRequest, provisioning::check_reason},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{roster as convert, to_id, to_id_if_given},
        status::All,
    },
    proto::roster::v1::{
        GetProvisioningRequestRequest, GetProvisioningRequestResponse, GetReadinessRequest,
        GetReadinessResponse, ListLargeRemovalsRequest, ListLargeRemovalsResponse,
        ListProvisioningRequestsRequest, ListProvisioningRequestsResponse, PauseProvisioningRequest,
        PauseProvisioningResponse, ReleaseLargeRemovalRequest, ReleaseLargeRemovalResponse,
        ResumeProvisioningRequest, ResumeProvisioningResponse, provisioning_service_server as server,
    },
    services::{
        Services,
        provisioning::{log, pause, readiness, removal},
        revision,
    },
};

const TOKEN: &str = "scim_token_id";

/// How provisioning goes, and whether it may.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct ProvisioningService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::ProvisioningService for ProvisioningService {
    async fn get_readiness(&self, call: Call<GetReadinessRequest>) -> Reply<GetReadinessResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let report = readiness::report(&self.0, &caller).await?;
        Ok(Response::new(GetReadinessResponse {
            ready: report.warnings.is_empty(),
            warnings: report.warnings.into_iter().map(convert::from_warning).collect(),
            pauses: report.pauses.into_iter().map(convert::from_pause).collect(),
        }))
    }

    async fn pause_provisioning(
        &self,
        call: Call<PauseProvisioningRequest>,
    ) -> Reply<PauseProvisioningResponse> {
        let (caller, request) = accept(call)?;
        let (scope, ()) =
            (to_id_if_given(TOKEN, &request.scim_token_id), check_reason(&request.reason)).all()?;
        let made = pause::pause(&self.0, &caller, scope, &request.reason).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(PauseProvisioningResponse { pause: Some(convert::from_pause(made)), revision }))
    }

    async fn resume_provisioning(
        &self,
        call: Call<ResumeProvisioningRequest>,
    ) -> Reply<ResumeProvisioningResponse> {
        let (caller, request) = accept(call)?;
        let scope = to_id_if_given(TOKEN, &request.scim_token_id)?;
        pause::resume(&self.0, &caller, scope).await?;
        Ok(Response::new(ResumeProvisioningResponse { revision: revision::made().unwrap_or_default() }))
    }

    async fn list_provisioning_requests(
        &self,
        call: Call<ListProvisioningRequestsRequest>,
    ) -> Reply<ListProvisioningRequestsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        // the latest comes first, unless the reverse is asked for
        let page = PageRequest::new(request.page_size, &request.page_token, !request.reverse);
        let (page, filter) = (page, convert::to_request_filter(request)).all()?;
        let found = log::list(&self.0, &caller, &filter, &page).await?.map(convert::from_logged_request);
        let (requests, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListProvisioningRequestsResponse { requests, next_page_token }))
    }

    async fn get_provisioning_request(
        &self,
        call: Call<GetProvisioningRequestRequest>,
    ) -> Reply<GetProvisioningRequestResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let id = to_id("provisioning_request_id", &request.provisioning_request_id)?;
        let mut found = log::get(&self.0, &caller, id).await?;
        let curl = found.to_curl();
        let (sent, answered) = (found.request_body.take(), found.response_body.take());
        Ok(Response::new(GetProvisioningRequestResponse {
            request: Some(convert::from_logged_request(found)),
            request_body: sent.map(convert::from_logged_body),
            response_body: answered.map(convert::from_logged_body),
            curl,
        }))
    }

    async fn list_large_removals(
        &self,
        call: Call<ListLargeRemovalsRequest>,
    ) -> Reply<ListLargeRemovalsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        // the latest comes first, unless the reverse is asked for
        let page = PageRequest::new(request.page_size, &request.page_token, !request.reverse)?;
        let found = removal::list(&self.0, &caller, &page).await?.map(convert::from_large_removal);
        let (large_removals, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListLargeRemovalsResponse { large_removals, next_page_token }))
    }

    async fn release_large_removal(
        &self,
        call: Call<ReleaseLargeRemovalRequest>,
    ) -> Reply<ReleaseLargeRemovalResponse> {
        let (caller, request) = accept(call)?;
        let id = to_id("large_removal_id", &request.large_removal_id)?;
        let released = removal::release(&self.0, &caller, id).await?;
        let large_removal = Some(convert::from_large_removal(released));
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(ReleaseLargeRemovalResponse { large_removal, revision }))
    }
}
