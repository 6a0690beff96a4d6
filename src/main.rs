//! The `roster` binary: everything is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match roster::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // one line, with what lies behind it
            eprintln!("roster: {error:#}");
            ExitCode::FAILURE
        }
    }
}
