//! `roster membership explain` (cli floor).

use clap::Args;

use super::{grant, pair::PairArguments};
use crate::{
    cli::{session::Session, show, word},
    proto::roster::v1::{
        ExplainMembershipRequest, ExplainMembershipResponse, JoinableGroup, MembershipGrant,
        OrganizationRole, membership_service_client::MembershipServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    pair: PairArguments,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ExplainMembershipRequest {
        user_ref: Some((&arguments.pair.user).into()),
        organization_ref: Some((&arguments.pair.organization).into()),
    };
    let mut client = session.client(MembershipServiceClient::with_origin);
    let answer = client.explain_membership(request).await?.into_inner();
    let (user, organization) = (arguments.pair.user.text(), arguments.pair.organization.text());
    session.show(&answer, |answer| text(answer, user, organization))
}

fn text(answer: &ExplainMembershipResponse, user: &str, organization: &str) -> String {
    let verdict = match (answer.role(), answer.deactivated) {
        (_, true) => format!("{user} is deactivated, and so no member of {organization}"),
        (OrganizationRole::Unspecified, false) => format!("{user} is no member of {organization}"),
        (role, false) => format!("{user} is {} of {organization}", word::role(role)),
    };
    let parts = [
        Some(verdict),
        grants("by these grants, of which the highest counts:", &answer.grants),
        grants("with activation these grants take effect:", &answer.withheld_grants),
        joinable(&answer.joinable_groups),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn grants(heading: &str, grants: &[MembershipGrant]) -> Option<String> {
    let table = || show::table(grant::HEADINGS, grants.iter().map(grant::row).collect());
    (!grants.is_empty()).then(|| format!("{heading}\n{}", table()))
}

fn joinable(groups: &[JoinableGroup]) -> Option<String> {
    let row = |group: &JoinableGroup| {
        vec![group.group_name.clone(), word::role(group.role()), word::or_none(&group.idp_group_id)]
    };
    let table = || show::table(&["group", "role", "group id"], groups.iter().map(row).collect());
    (!groups.is_empty()).then(|| format!("these groups would make a member:\n{}", table()))
}
