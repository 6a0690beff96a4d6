//! Who decides about a call by its head, before anything of its body is read.

use std::fmt;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt, ready};
use http::request::Parts;
use tonic::Status;

/// A call that may go on.
#[derive(Debug)]
pub struct Admission {
    /// Its head, with what was found out about the caller in the extensions.
    pub head: Parts,
    /// The largest message that it may have, in bytes, if that is less than usual.
    pub max_message: Option<usize>,
}

type Decide = dyn Fn(Parts) -> BoxFuture<'static, Result<Admission, Status>> + Send + Sync;

/// Decides about each call of Connect; the default lets all go on.
#[derive(Clone)]
pub struct Gate(Arc<Decide>);

impl Gate {
    /// What `decide` says; a status that it refuses with is told in the form of the call, with its metadata.
    #[must_use]
    pub fn new(
        decide: impl Fn(Parts) -> BoxFuture<'static, Result<Admission, Status>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(decide))
    }

    pub(super) async fn admit(&self, head: Parts) -> Result<Admission, Status> {
        self.0(head).await
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(|head| ready(Ok(Admission { head, max_message: None })).boxed())
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}
