//! Errors as people read them: one sentence, the reason, and what to do (cli floor).

use std::io;

use serde_json::json;
use tonic::{Code, Status};

use super::{exit::Exit, show::Format};
use crate::{
    proto::google_rpc::ErrorInfo,
    services::{self, Kind},
};

/// What a command fails with, when it is more than a chain of errors.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) sentence: String,
    /// The word for machines, where the server gave one.
    pub(super) reason: Option<String>,
    pub(super) hint: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentence: sentence.into(), reason: None, hint: None }
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What a use case refuses that runs here and not on a server.
    pub(super) fn of_service(error: &services::Error) -> Self {
        let exit = match error.kind {
            Kind::Invalid | Kind::Immutable => Exit::Usage,
            Kind::Unauthenticated => Exit::Unauthenticated,
            Kind::PermissionDenied => Exit::PermissionDenied,
            Kind::NotFound => Exit::NotFound,
            Kind::AlreadyExists | Kind::VersionMismatch => Exit::Conflict,
            Kind::Precondition | Kind::OutOfRange => Exit::Precondition,
            Kind::TooMuch => Exit::TooMuch,
            Kind::Unavailable => Exit::Unavailable,
            Kind::Internal => Exit::Failed,
        };
        // what a use case refuses says it all; of a failure the causes tell more
        let sentence = if error.is_failure() { services::chain(error) } else { error.message.clone() };
        Self { reason: Some(error.reason.word().to_owned()), ..Self::new(exit, sentence) }
    }

    /// The answer of a server that refuses or fails.
    fn of_status(status: &Status) -> Self {
        let reason = ErrorInfo::of(status.details()).map(|info| info.reason);
        let sentence = match status.message() {
            "" => format!("the server answered {:?}", status.code()),
            message => message.to_owned(),
        };
        Self { exit: status.code().into(), sentence, reason, hint: hint(status) }
    }

    /// Anything: with all that lies behind it, in one line.
    fn of(error: &anyhow::Error) -> Self {
        if let Some(status) = error.downcast_ref::<Status>() {
            return Self::of_status(status);
        }
        let own = error.downcast_ref::<Self>();
        Self {
            exit: own.map_or(Exit::Failed, |own| own.exit),
            sentence: format!("{error:#}"),
            reason: own.and_then(|own| own.reason.clone()),
            hint: own.and_then(|own| own.hint.clone()),
        }
    }
}

fn hint(status: &Status) -> Option<String> {
    let hint = match status.code() {
        Code::Unauthenticated => {
            "the token may be expired, revoked, or of another server; `roster token create` makes a new one, and \
             `roster bootstrap --force` on the server's machine lets an admin in again"
        }
        Code::PermissionDenied => "`roster user current` tells whose token this is",
        Code::NotFound => {
            "what the token's owner may not see is not found either; the list commands show what there is"
        }
        Code::Unavailable | Code::DeadlineExceeded => {
            "try again; `roster doctor` on the server's machine tells more"
        }
        Code::ResourceExhausted => "try again later, or ask for less at once",
        Code::Unimplemented => "the server may be older than this program: compare `roster --version`",
        Code::Internal | Code::Unknown | Code::DataLoss => return logged(status),
        _ => return None,
    };
    Some(hint.to_owned())
}

fn logged(status: &Status) -> Option<String> {
    let id = status.metadata().get("x-request-id")?.to_str().ok()?;
    Some(format!("the server's log has the cause under the request id {id}"))
}

/// Tells on stderr what `error` is, and how the process ends with it.
pub(super) fn report(error: &anyhow::Error, format: Format) -> Exit {
    if is_closed_pipe(error) {
        // whoever read the output has enough, as `head` does
        return Exit::Done;
    }
    let failure = Failure::of(error);
    match format {
        Format::Table => eprintln!("{}", text(&failure)),
        Format::Json => eprintln!("{}", object(&failure)),
    }
    failure.exit
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut chain = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    chain.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn text(failure: &Failure) -> String {
    let reason = failure.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let hint = failure.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("roster: {}{reason}{hint}", failure.sentence)
}

fn object(failure: &Failure) -> serde_json::Value {
    json!({
        "exitCode": failure.exit as u8,
        "message": failure.sentence,
        "reason": failure.reason,
        "hint": failure.hint,
    })
}
