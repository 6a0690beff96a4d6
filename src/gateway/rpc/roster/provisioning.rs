//! Gateway floor: `roster.v1.ProvisioningService`.

use tonic::Response;

use crate::{
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{roster as convert, to_id_if_given},
    },
    proto::roster::v1::{
        GetReadinessRequest, GetReadinessResponse, PauseProvisioningRequest, PauseProvisioningResponse,
        ResumeProvisioningRequest, ResumeProvisioningResponse, provisioning_service_server as server,
    },
    services::{
        Services,
        provisioning::{pause, readiness},
    },
};

const TOKEN: &str = "scim_token_id";

/// How provisioning goes, and whether it may.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct ProvisioningService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::ProvisioningService for ProvisioningService {
    async fn get_readiness(&self, call: Call<GetReadinessRequest>) -> Reply<GetReadinessResponse> {
        let (caller, _) = accept(call)?;
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
        let scope = to_id_if_given(TOKEN, &request.scim_token_id)?;
        let made = pause::pause(&self.0, &caller, scope, &request.reason).await?;
        Ok(Response::new(PauseProvisioningResponse { pause: Some(convert::from_pause(made)) }))
    }

    async fn resume_provisioning(
        &self,
        call: Call<ResumeProvisioningRequest>,
    ) -> Reply<ResumeProvisioningResponse> {
        let (caller, request) = accept(call)?;
        let scope = to_id_if_given(TOKEN, &request.scim_token_id)?;
        pause::resume(&self.0, &caller, scope).await?;
        Ok(Response::new(ResumeProvisioningResponse {}))
    }
}
