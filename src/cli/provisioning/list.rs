//! `roster provisioning list` (cli floor).

use clap::Args;

use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
        when::When,
        word,
    },
    domain::count,
    proto::roster::v1::{
        ListProvisioningRequestsRequest, ListProvisioningRequestsResponse, ProvisioningRequest,
        ProvisioningResource, provisioning_service_client::ProvisioningServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only requests that were not done
    #[arg(long)]
    failed: bool,

    /// Only requests about this user: its SCIM id or its userName
    #[arg(long, value_name = "ID|NAME", default_value = "", hide_default_value = true)]
    user: String,

    /// Only requests about this group: its id or its name
    #[arg(long, value_name = "ID|NAME", default_value = "", hide_default_value = true)]
    group: String,

    /// Only requests about a resource with this externalId
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    external_id: String,

    /// Only requests with this method of HTTP
    #[arg(long, value_name = "METHOD", default_value = "", hide_default_value = true)]
    method: String,

    /// Only answers with this status of HTTP; 0 is no answer
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u32).range(0..=599))]
    status: Option<u32>,

    /// Only requests with this SCIM token
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    scim_token: String,

    /// Only the request with this X-Request-Id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    request: String,

    /// Only requests from then on: a span such as 24h ago, or a time such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,

    /// Only requests before then
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,

    /// The earliest first
    #[arg(long)]
    reverse: bool,

    #[command(flatten)]
    page: PageArguments,
}

impl Page for ListProvisioningRequestsResponse {
    const HEADINGS: &'static [&'static str] =
        &["time", "status", "method", "path", "resource", "what came of it", "id"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.requests.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(request: &ProvisioningRequest) -> Vec<String> {
    vec![
        word::time(request.time.as_ref()),
        status(request.status),
        request.method.clone(),
        request.path.clone(),
        resource(request.resource.as_ref()),
        outcome(request),
        request.id.clone(),
    ]
}

/// The status; that there was none when nothing was answered.
pub(super) fn status(status: u32) -> String {
    if status == 0 { "none".to_owned() } else { status.to_string() }
}

/// The kind, and the name or else the id.
pub(super) fn resource(resource: Option<&ProvisioningResource>) -> String {
    let Some(resource) = resource else { return word::NONE.to_owned() };
    let kind = word::of(resource.kind().as_str_name(), "PROVISIONING_RESOURCE_KIND_");
    let name = if resource.name.is_empty() { &resource.id } else { &resource.name };
    format!("{kind} {name}").trim_end().to_owned()
}

/// What changed, or why nothing did; and whether the log has a gap before.
fn outcome(request: &ProvisioningRequest) -> String {
    let effect = request.effect.as_ref().map_or("", |effect| effect.summary.as_str());
    let parts = [&request.scim_type, &request.detail].map(String::as_str);
    let refusal = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let outcome = word::or_none(if refusal.is_empty() { effect } else { &refusal });
    match request.lost_before {
        0 => outcome,
        lost => {
            format!("{outcome} ({} before it {} missing)", count::things(lost, "request"), count::are(lost))
        }
    }
}

impl Arguments {
    /// What is asked for, without the place in the list.
    fn filter(&self) -> anyhow::Result<ListProvisioningRequestsRequest> {
        Ok(ListProvisioningRequestsRequest {
            page_size: self.page.size(),
            page_token: String::new(),
            reverse: self.reverse,
            failed_only: self.failed,
            user: self.user.clone(),
            group: self.group.clone(),
            external_id: self.external_id.clone(),
            method: self.method.to_ascii_uppercase(),
            status: self.status,
            scim_token_id: self.scim_token.clone(),
            request_id: self.request.clone(),
            start_time: self.since.map(When::ago).transpose()?,
            end_time: self.until.map(When::ago).transpose()?,
            min_revision: 0,
        })
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let filter = arguments.filter()?;
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListProvisioningRequestsRequest { page_token, ..filter.clone() };
        Ok(client.list_provisioning_requests(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
