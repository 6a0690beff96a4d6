//! The `roster` binary: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Requests allocate much and for a short time, on all threads at once; this costs half of what the system's does.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    roster::cli::run().await
}
