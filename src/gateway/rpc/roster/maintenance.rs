//! Gateway floor: `roster.v1.MaintenanceService`.

use tonic::Response;

use crate::{
    domain::maintenance::check_message,
    gateway::rpc::{Call, Reply, auth::accept, convert::roster as convert, status::Violations},
    proto::roster::v1::{
        BeginMaintenanceRequest, BeginMaintenanceResponse, EndMaintenanceRequest, EndMaintenanceResponse,
        GetMaintenanceRequest, GetMaintenanceResponse, maintenance_service_server as server,
    },
    services::{Services, maintenance, revision},
};

/// The mode in which the server only reads.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct MaintenanceService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::MaintenanceService for MaintenanceService {
    async fn get_maintenance(&self, call: Call<GetMaintenanceRequest>) -> Reply<GetMaintenanceResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let found = maintenance::get(&self.0, &caller).await?;
        Ok(Response::new(GetMaintenanceResponse { maintenance: found.map(convert::from_maintenance) }))
    }

    async fn begin_maintenance(
        &self,
        call: Call<BeginMaintenanceRequest>,
    ) -> Reply<BeginMaintenanceResponse> {
        let (caller, request) = accept(call)?;
        check_message(&request.message).map_err(Violations::from)?;
        let begun = maintenance::begin(&self.0, &caller, &request.message).await?;
        let revision = revision::made().unwrap_or_default();
        let maintenance = Some(convert::from_maintenance(begun));
        Ok(Response::new(BeginMaintenanceResponse { maintenance, revision }))
    }

    async fn end_maintenance(&self, call: Call<EndMaintenanceRequest>) -> Reply<EndMaintenanceResponse> {
        let (caller, _) = accept(call)?;
        maintenance::end(&self.0, &caller).await?;
        Ok(Response::new(EndMaintenanceResponse { revision: revision::made().unwrap_or_default() }))
    }
}
