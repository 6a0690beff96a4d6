//! Gateway floor: `buf.alpha.audit.v1alpha1.AuditService`.

use tonic::Response;

use crate::{
    domain::{audit::recorded::AuditQuery, page::PageRequest},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{audit as convert, to_timestamp},
        status::{All, Violations, invalid},
    },
    proto::buf::alpha::audit::v1alpha1::{
        ListAuditedEventsRequest, ListAuditedEventsResponse, audit_service_server as server,
    },
    services::{Services, audit},
};

/// The audit log.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct AuditService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::AuditService for AuditService {
    async fn list_audited_events(
        &self,
        call: Call<ListAuditedEventsRequest>,
    ) -> Reply<ListAuditedEventsResponse> {
        let (caller, request) = accept(call)?;
        let found = audit::list(&self.0, &caller, &to_query(&request)?).await?;
        let found = found.map(convert::from_recorded);
        let events = found.items.into_iter().flatten().collect();
        Ok(Response::new(ListAuditedEventsResponse { events, next_page_token: found.next_page_token }))
    }
}

fn to_query(request: &ListAuditedEventsRequest) -> Result<AuditQuery, Violations> {
    let page = match request.page_size {
        0 => Err(invalid("page_size", "must be from 1 to 250")),
        size => Ok(PageRequest::by_key(size, &request.page_token, false)?),
    };
    let (page, start, end) = (
        page,
        request.start.map(|time| to_timestamp("start", time)).transpose(),
        request.end.map(|time| to_timestamp("end", time)).transpose(),
    )
        .all()?;
    Ok(AuditQuery { start, end, actions: convert::ACTIONS.to_vec(), page })
}
