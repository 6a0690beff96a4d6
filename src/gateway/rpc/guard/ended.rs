//! How a call ended.

use std::sync::{
    Arc,
    atomic::{AtomicI32, Ordering},
};

use axum::body::Body;
use http::{HeaderMap, Response};
use tonic::Status;

/// Not one of gRPC's codes.
const NOT_YET: i32 = -1;

/// How a call ended, for who puts this into the extensions of its request; clones are one.
#[derive(Clone, Debug)]
pub struct Ended(Arc<AtomicI32>);

impl Default for Ended {
    fn default() -> Self {
        Self(Arc::new(AtomicI32::new(NOT_YET)))
    }
}

impl Ended {
    /// The code of gRPC, once the call has ended.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|code| *code != NOT_YET)
    }

    /// Notes the code, if these are the headers or trailers that have it.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let code = headers.get("grpc-status").and_then(|code| code.to_str().ok()?.parse().ok());
        if let Some(code) = code {
            self.0.store(code, Ordering::Relaxed);
        }
    }

    /// The answer that is `status` and nothing else.
    pub(super) fn by(&self, status: &Status) -> Response<Body> {
        self.0.store(status.code().into(), Ordering::Relaxed);
        status.clone().into_http()
    }
}
