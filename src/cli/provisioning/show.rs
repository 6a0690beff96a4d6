//! `roster provisioning show` (cli floor).

use clap::Args;
use tonic::{Code, Status};

use super::list;
use crate::{
    cli::{
        session::Session,
        show::{plain, table},
        word,
    },
    proto::roster::v1::{
        GetProvisioningRequestRequest, GetProvisioningRequestResponse, ListProvisioningRequestsRequest,
        ProvisioningBody, ProvisioningOperation, ProvisioningRequest,
        provisioning_service_client::ProvisioningServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the request: in the log, or its X-Request-Id, which `membership explain`, `audit list` and the server's log have
    #[arg(value_name = "ID")]
    request: String,

    /// Print it as a curl command and nothing else; `$ROSTER` and `$SCIM_TOKEN` in it are yours to set
    #[arg(long)]
    curl: bool,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let answer = match get(session, &arguments.request).await {
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
            // what answers, logs, audit and `membership explain` have is the id of the request itself
            match logged_as(session, &arguments.request).await? {
                Some(id) => get(session, &id).await?,
                None => return Err(status.into()),
            }
        }
        answer => answer?,
    };
    session.show(&answer, |answer| if arguments.curl { answer.curl.clone() } else { text(answer) })
}

async fn get(session: &Session, id: &str) -> Result<GetProvisioningRequestResponse, Status> {
    let request = GetProvisioningRequestRequest { provisioning_request_id: id.to_owned(), min_revision: 0 };
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    Ok(client.get_provisioning_request(request).await?.into_inner())
}

/// The id in the log of the request with this `X-Request-Id`.
async fn logged_as(session: &Session, request_id: &str) -> Result<Option<String>, Status> {
    let request = ListProvisioningRequestsRequest {
        request_id: request_id.to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let found = client.list_provisioning_requests(request).await?.into_inner();
    Ok(found.requests.into_iter().next().map(|request| request.id))
}

fn text(answer: &GetProvisioningRequestResponse) -> String {
    let request = answer.request.clone().unwrap_or_default();
    let parts = [
        Some(about(&request)),
        operations(&request.operations),
        body("sent", answer.request_body.as_ref()),
        body("answered", answer.response_body.as_ref()),
        Some(format!("as curl:\n{}", answer.curl)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// A line for each thing that there is to tell.
fn about(request: &ProvisioningRequest) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let effect = request.effect.as_ref().map_or("", |effect| effect.summary.as_str());
    let rewrites: Vec<_> =
        request.rewrites.iter().map(|used| format!("{} at {}", used.rule, used.place)).collect();
    let removals = request.large_removals.iter().map(|removal| {
        format!("{} of {} in {}", removal.removed_count, removal.member_count, removal.organization_name)
    });
    let lines = [
        ("request", format!("{} {}{query}", request.method, request.path)),
        ("time", word::time(request.time.as_ref())),
        ("status", list::status(request.status)),
        ("scimType", request.scim_type.clone()),
        ("detail", request.detail.clone()),
        ("resource", list::resource(request.resource.as_ref())),
        ("effect", effect.to_owned()),
        ("rewritten", rewrites.join(", ")),
        ("left out", request.ignored_attributes.join(", ")),
        ("unknown members", request.unknown_members.join(", ")),
        ("large removals", removals.collect::<Vec<_>>().join(", ")),
        ("held as", request.held_large_removal_id.clone()),
        ("deactivation", if request.deactivation_refused { "refused" } else { "" }.to_owned()),
        ("client", request.client.clone()),
        ("address", request.address.clone()),
        ("token", format!("{} {}", request.scim_token_id, request.scim_token_description)),
        ("request id", request.request_id.clone()),
        ("client's id", request.client_request_id.clone()),
    ];
    let told = lines.iter().filter(|(_, text)| !text.trim().is_empty() && text != word::NONE);
    told.map(|(name, text)| format!("{:<16}{}", format!("{name}:"), plain(text.trim())))
        .collect::<Vec<_>>()
        .join("\n")
}

fn operations(operations: &[ProvisioningOperation]) -> Option<String> {
    let row = |operation: &ProvisioningOperation| {
        let effect = operation.effect.as_ref().map_or("", |effect| effect.summary.as_str());
        let outcome = if operation.detail.is_empty() { effect } else { &operation.detail };
        vec![
            list::status(operation.status),
            operation.method.clone(),
            operation.path.clone(),
            list::resource(operation.resource.as_ref()),
            word::or_none(outcome),
        ]
    };
    let headings = ["status", "method", "path", "resource", "what came of it"];
    let table = || table(&headings, operations.iter().map(row).collect());
    (!operations.is_empty()).then(|| format!("operations:\n{}", table()))
}

fn body(what: &str, body: Option<&ProvisioningBody>) -> Option<String> {
    let body = body?;
    let rest = if body.truncated { " (the beginning)" } else { "" };
    Some(format!("{what}{rest}:\n{}", plain(&body.text)))
}
