//! `roster membership check` (cli floor).

use clap::Args;

use super::pair::PairArguments;
use crate::{
    cli::{exit::Exit, role::Role, session::Session, word},
    proto::roster::v1::{
        CheckMembershipRequest, CheckMembershipResponse, OrganizationRole,
        membership_service_client::MembershipServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    pair: PairArguments,

    /// Role that is needed at least
    #[arg(long, value_enum, default_value = "member")]
    minimum_role: Role,
}

/// The answer is printed, and is the exit code as well.
pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<Exit> {
    let request = CheckMembershipRequest {
        user_ref: Some((&arguments.pair.user).into()),
        organization_ref: Some((&arguments.pair.organization).into()),
        minimum_role: OrganizationRole::from(arguments.minimum_role).into(),
    };
    let mut client = session.client(MembershipServiceClient::with_origin);
    let answer = client.check_membership(request).await?.into_inner();
    session.show(&answer, text)?;
    let satisfied = answer.decision.is_some_and(|decision| decision.satisfied);
    Ok(if satisfied { Exit::Done } else { Exit::No })
}

fn text(answer: &CheckMembershipResponse) -> String {
    let decision = answer.decision.clone().unwrap_or_default();
    let answered = word::yes(decision.satisfied);
    if decision.is_member {
        format!("{answered}: {} (revision {})", word::role(decision.role()), answer.revision)
    } else {
        format!("{answered}: not a member (revision {})", answer.revision)
    }
}
