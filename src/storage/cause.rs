//! Why a database cannot be reached, in the words of who runs it (storage floor).

use sqlx::postgres::PgConnectOptions;

use super::Error;

/// The database at this place cannot be reached.
pub(super) fn unreachable_at(place: &str, error: &sqlx::Error) -> Error {
    Error::Unreachable(format!("the database at {place} cannot be reached: {}", cause(error)))
}

/// Where a database is, without its user and its password.
pub(super) fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None if options.get_host().contains(':') => {
            format!("[{}]:{}", options.get_host(), options.get_port())
        }
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// What lies behind an error, without where in the source of PostgreSQL it was found.
pub(super) fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(told) => match told.code().as_deref() {
            Some("5" | "261" | "517") => "another process has locked the file".to_owned(),
            _ => told.message().to_owned(),
        },
        sqlx::Error::Io(error) => without_number(&error.to_string()),
        sqlx::Error::Tls(error) => of_tls(&chain(&**error)),
        sqlx::Error::Protocol(what) => {
            format!("the connection was closed, or this is no PostgreSQL ({what})")
        }
        sqlx::Error::PoolTimedOut => "it does not answer".to_owned(),
        other => other.to_string(),
    }
}

fn of_tls(what: &str) -> String {
    if what.contains("UnknownIssuer") || what.contains("invalid peer certificate") {
        return format!(
            "the certificate is not trusted; `sslrootcert` names the file of its certificate authority ({what})"
        );
    }
    format!("TLS fails: {what}")
}

/// `connection refused` for `Connection refused (os error 111)`.
fn without_number(text: &str) -> String {
    let text = text.split(" (os error ").next().unwrap_or(text);
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
