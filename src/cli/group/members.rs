//! `roster group members` (cli floor).

use clap::Args;

use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        named::Named,
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        IdpGroupMember, ListIdpGroupMembersRequest, ListIdpGroupMembersResponse, ListIdpGroupsRequest,
        idp_group_service_client::IdpGroupServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The group
    #[arg(value_name = "NAME|ID")]
    group: Named,

    #[command(flatten)]
    page: PageArguments,

    /// The latest accounts first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListIdpGroupMembersResponse {
    const HEADINGS: &'static [&'static str] =
        &["user id", "name", "SCIM userName", "state", "added by", "at", "request"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.members.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(member: &IdpGroupMember) -> Vec<String> {
    let state = if member.deactivated { "deactivated" } else { "active" };
    vec![
        member.user_id.clone(),
        member.username.clone(),
        word::or_none(&member.scim_user_name),
        state.to_owned(),
        word::actor(member.actor.as_ref()),
        word::time(member.create_time.as_ref()),
        word::or_none(&member.request_id),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ListIdpGroupMembersRequest {
        idp_group_id: group_id(session, &arguments.group).await?,
        page_size: arguments.page.size(),
        page_token: String::new(),
        reverse: arguments.reverse,
        min_revision: 0,
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListIdpGroupMembersRequest { page_token, ..request.clone() };
        Ok(client.list_idp_group_members(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}

/// The id of the group: where a name was typed, of the only group that has it, without regard to case.
async fn group_id(session: &Session, group: &Named) -> anyhow::Result<String> {
    let Named::Name(name) = group else { return Ok(group.text().to_owned()) };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let mut request = ListIdpGroupsRequest { page_size: 250, name_query: name.clone(), ..Default::default() };
    loop {
        let page = client.list_idp_groups(request.clone()).await?.into_inner();
        let mut groups = page.idp_groups.into_iter();
        if let Some(found) = groups.find(|group| group.display_name.eq_ignore_ascii_case(name)) {
            return Ok(found.id);
        }
        if page.next_page_token.is_empty() {
            let missing =
                Failure::new(Exit::NotFound, format!("no identity provider has pushed a group {name}"));
            return Err(missing.with_hint("`roster group list` shows those that were pushed").into());
        }
        request.page_token = page.next_page_token;
    }
}
