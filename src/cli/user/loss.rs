//! What a user has, who would lose it (cli floor).

use crate::{
    cli::{named::Named, session::Session, show, word},
    domain::count,
    proto::{
        buf::alpha::registry::v1alpha1::{ListTokensRequest, token_service_client::TokenServiceClient},
        roster::v1::{
            ListMembershipsRequest, list_memberships_request::Scope,
            membership_service_client::MembershipServiceClient,
        },
    },
};

/// So many memberships are shown, and tokens counted.
const SHOWN: u32 = 50;

/// The memberships and API tokens of a user, as far as a table should be long.
pub(super) async fn of_user(session: &Session, user: &Named) -> anyhow::Result<String> {
    let request = ListMembershipsRequest {
        scope: Some(Scope::UserRef(user.into())),
        page_size: SHOWN,
        ..ListMembershipsRequest::default()
    };
    let mut client = session.client(MembershipServiceClient::with_origin);
    let memberships = client.list_memberships(request).await?.into_inner();
    let user_id = session.user_id(user).await?;
    let request = ListTokensRequest { page_size: SHOWN, user_id, ..ListTokensRequest::default() };
    let tokens = session.client(TokenServiceClient::with_origin).list_tokens(request).await?.into_inner();
    let name = user.text();
    let held = counted(memberships.memberships.len(), &memberships.next_page_token, "membership");
    let lost = format!(
        "{name} loses {held} and {}",
        counted(tokens.tokens.len(), &tokens.next_page_token, "API token")
    );
    if memberships.memberships.is_empty() {
        return Ok(show::plain(&lost));
    }
    let row = |one: &crate::proto::roster::v1::Membership| {
        vec![one.organization_name.clone(), word::role(one.role()), word::source(one.source())]
    };
    let rows = memberships.memberships.iter().map(row).collect();
    Ok(format!("{}:\n{}", show::plain(&lost), show::table(&["organization", "role", "source"], rows)))
}

/// `2 tokens`; of a list that goes on, that there are more.
fn counted(count: usize, next_page: &str, thing: &str) -> String {
    let counted = count::things(u64::try_from(count).unwrap_or(u64::MAX), thing);
    if next_page.is_empty() { counted } else { format!("more than {counted}") }
}
