//! `roster provisioning readiness` (cli floor).

use clap::Args;

use crate::{
    cli::{exit::Exit, session::Session, show::plain, word},
    proto::roster::v1::{
        GetReadinessRequest, GetReadinessResponse, ProvisioningPause, ProvisioningWarning,
        provisioning_service_client::ProvisioningServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

/// The answer is printed, and is the exit code as well.
pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<Exit> {
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let answer = client.get_readiness(GetReadinessRequest::default()).await?.into_inner();
    session.show(&answer, text)?;
    Ok(if answer.ready { Exit::Done } else { Exit::No })
}

fn text(answer: &GetReadinessResponse) -> String {
    if answer.ready {
        return "ready: there is nothing to warn of".to_owned();
    }
    let warnings = answer.warnings.iter().map(warning);
    warnings.chain(answer.pauses.iter().map(pause)).collect::<Vec<_>>().join("\n\n")
}

fn warning(warning: &ProvisioningWarning) -> String {
    let kind = word::of(warning.kind().as_str_name(), "PROVISIONING_WARNING_KIND_");
    let mut lines = vec![
        format!("{kind}: {}", plain(&warning.sentence)),
        format!("  {}", plain(&warning.consequence)),
        format!("  {}", plain(&warning.remedy)),
    ];
    lines.extend(warning.subjects.iter().map(|subject| format!("  - {}", plain(subject))));
    lines.join("\n")
}

/// Of whom, by whom, and why.
pub(super) fn pause(pause: &ProvisioningPause) -> String {
    let whose = if pause.scim_token_id.is_empty() { "all SCIM tokens" } else { &pause.scim_token_id };
    let (time, actor) = (word::time(pause.create_time.as_ref()), word::actor(pause.actor.as_ref()));
    format!("paused: {whose}, since {time}, by {actor}: {}", plain(&pause.reason))
}
