//! Exit codes: what scripts may rely on (cli floor). `docs/cli.md` has the same table.

use std::process::ExitCode;

use tonic::Code;

/// Printed below `roster --help`.
pub(super) const HELP: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 no valid token, 4 not allowed, 5 not found, \
                               6 conflict, 7 refused in this state, 8 too much, 9 unavailable, 10 the answer is no, \
                               11 not offered by the server";

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Done = 0,
    /// Failed for another reason than those below.
    Failed = 1,
    /// What was typed makes no sense, to the program or to the server.
    Usage = 2,
    /// There is no token, or the server takes it for none.
    Unauthenticated = 3,
    /// The caller may not.
    PermissionDenied = 4,
    /// What is named is not there, or not for the caller to see.
    NotFound = 5,
    /// It is there already, or somebody else was faster.
    Conflict = 6,
    /// The state of things does not allow it.
    Precondition = 7,
    /// Too many requests, or too much in one.
    TooMuch = 8,
    /// The server or the database cannot be reached now.
    Unavailable = 9,
    /// The question was answered: no.
    No = 10,
    /// The server does not offer the call.
    Unimplemented = 11,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match code {
            Code::Ok => Self::Done,
            Code::InvalidArgument | Code::OutOfRange => Self::Usage,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists | Code::Aborted => Self::Conflict,
            Code::FailedPrecondition => Self::Precondition,
            Code::ResourceExhausted => Self::TooMuch,
            Code::Unavailable | Code::DeadlineExceeded => Self::Unavailable,
            Code::Unimplemented => Self::Unimplemented,
            Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss => Self::Failed,
        }
    }
}
