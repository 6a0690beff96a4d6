//! `roster audit list` (cli floor).

use clap::Args;

use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
        when::When,
        word,
    },
    proto::buf::alpha::audit::v1alpha1::{
        Event, ListAuditedEventsRequest, ListAuditedEventsResponse, audit_service_client::AuditServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only events from then on: a span such as 24h ago, or a time such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,

    /// Only events before then
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,

    #[command(flatten)]
    page: PageArguments,
}

impl Page for ListAuditedEventsResponse {
    const HEADINGS: &'static [&'static str] = &["time", "event", "actor", "resource", "request"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.events.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(event: &Event) -> Vec<String> {
    let actor = event.actor.clone().unwrap_or_default();
    let resource = event.resource.clone().unwrap_or_default();
    let request = event.metadata.as_ref().map_or("", |metadata| metadata.trace_id.as_str());
    vec![
        word::time(event.event_time.as_ref()),
        word::of(event.r#type().as_str_name(), "EVENT_TYPE_"),
        named(&word::of(actor.r#type().as_str_name(), "ACTOR_TYPE_"), &actor.name, &actor.id),
        named(&word::of(resource.r#type().as_str_name(), "RESOURCE_TYPE_"), &resource.name, &resource.id),
        word::or_none(request),
    ]
}

/// The kind with the name, or with the id of what has none.
fn named(kind: &str, name: &str, id: &str) -> String {
    let name = if name.is_empty() { id } else { name };
    format!("{kind} {name}").trim_end().to_owned()
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (page_size, page) = (arguments.page.size(), &arguments.page);
    let start = arguments.since.map(When::ago).transpose()?;
    let end = arguments.until.map(When::ago).transpose()?;
    let mut client = session.client(AuditServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListAuditedEventsRequest { page_size, page_token, start, end };
        Ok(client.list_audited_events(request).await?.into_inner())
    };
    session.list(page, fetch).await
}
