//! What is counted of one method: its requests by how they ended, and how long they took.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
    time::Instant,
};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use tonic::Code;

use crate::gateway::connect::code_name;

/// Names and values, as they are written.
type Labels = Vec<(&'static str, Cow<'static, str>)>;

/// From a decision out of memory to the first synchronization of a large group, in seconds.
const BUCKETS: [f64; 13] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// All series.
#[derive(Clone, Debug)]
pub(super) struct Families {
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Families {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations: fn() -> Histogram = || Histogram::new(BUCKETS);
        let families =
            Self { requests: Family::default(), durations: Family::new_with_constructor(durations) };
        registry.register("requests", "Requests answered", families.requests.clone());
        let help = "From the head of a request to the end of its answer; without streams";
        registry.register_with_unit("request_duration", help, Unit::Seconds, families.durations.clone());
        families
    }
}

/// What is counted of one method of one gateway.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) gateway: &'static str,
    pub(super) method: String,
    /// A stream lasts as long as its reader likes, so its time says nothing.
    is_timed: bool,
    duration: OnceLock<Histogram>,
    /// By the code, which is of HTTP or of gRPC.
    codes: RwLock<HashMap<Ending, Counter>>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::server) enum Ending {
    /// By a status of HTTP.
    Status(u16),
    /// By a code of gRPC.
    Code(i32),
    /// Nobody waited for the answer.
    Canceled,
}

impl Series {
    pub(super) fn new(gateway: &'static str, method: String, is_timed: bool) -> Self {
        Self { gateway, method, is_timed, duration: OnceLock::new(), codes: RwLock::default() }
    }

    fn labels(&self) -> Labels {
        vec![("gateway", self.gateway.into()), ("method", self.method.clone().into())]
    }

    pub(super) fn count(&self, families: &Families, ending: Ending, started: Instant) {
        if self.is_timed {
            let duration = || families.durations.get_or_create_owned(&self.labels());
            self.duration.get_or_init(duration).observe(started.elapsed().as_secs_f64());
        }
        let known = self.codes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(&ending) {
            counter.inc();
            return;
        }
        drop(known);
        let mut labels = self.labels();
        labels.push(("code", ending.name()));
        let counter = families.requests.get_or_create_owned(&labels);
        counter.inc();
        self.codes.write().unwrap_or_else(PoisonError::into_inner).insert(ending, counter);
    }
}

/// gRPC, "HTTP to gRPC Status Code Mapping".
pub(super) fn of_status(status: u16) -> Ending {
    let code = match status {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    };
    Ending::Code(code.into())
}

impl Ending {
    /// Whether the server is to blame, or what it needs.
    pub(in crate::server) fn is_failure(self) -> bool {
        match self {
            Self::Status(status) => status >= 500,
            Self::Code(code) => matches!(
                Code::from(code),
                Code::Unknown
                    | Code::DeadlineExceeded
                    | Code::Unimplemented
                    | Code::Internal
                    | Code::Unavailable
                    | Code::DataLoss
            ),
            Self::Canceled => false,
        }
    }

    /// The word for it.
    pub(in crate::server) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Status(status) => status.to_string().into(),
            Self::Code(code) => code_name(Code::from(code)).into(),
            Self::Canceled => code_name(Code::Cancelled).into(),
        }
    }
}
