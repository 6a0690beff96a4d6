//! The URL of a database: what it means, and what it may say (storage floor).

use std::{path::PathBuf, str::FromStr};

use sqlx::postgres::PgConnectOptions;

use super::Error;

/// Parameters of a URL of PostgreSQL that are used.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];
/// What a URL can be.
const FORMS: &str =
    "the database URL must be sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE";
/// How sessions of ours are called in `pg_stat_activity`, unless the URL says otherwise.
pub(super) const APPLICATION: &str = "roster";

/// What a URL means.
#[derive(Debug)]
pub(super) enum Address {
    Memory,
    File(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Address {
    /// Reads `url`. An error names no value, for that can be a password.
    pub(super) fn of(url: &str) -> Result<Self, Error> {
        match url.split_once(':') {
            Some(("sqlite", rest)) => of_sqlite(rest),
            Some(("postgres" | "postgresql", rest)) => match rest.strip_prefix("//") {
                Some(rest) => of_postgres(rest).map(|options| Self::Postgres(Box::new(options))),
                None => Err(Error::BadUrl(FORMS.to_owned())),
            },
            _ => Err(Error::BadUrl(FORMS.to_owned())),
        }
    }
}

/// What follows `sqlite:`. A file is opened for reading and writing and made when it is not there, which is `mode=rwc`.
fn of_sqlite(rest: &str) -> Result<Address, Error> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let other = query.split('&').find(|pair| !matches!(*pair, "" | "mode=rwc"));
    if let Some(pair) = other {
        let name = named(pair.split('=').next().unwrap_or_default());
        return Err(Error::BadUrl(format!(
            "the database URL has the parameter {name}, and a SQLite database takes `mode=rwc` alone, which is how it is \
             opened without it"
        )));
    }
    match path.strip_prefix("//").unwrap_or(path) {
        "" => Err(Error::BadUrl(FORMS.to_owned())),
        ":memory:" => Ok(Address::Memory),
        path if path.starts_with("file:") => {
            Err(Error::BadUrl("the database URL must name the file itself, without `file:`".to_owned()))
        }
        path => Ok(Address::File(path.into())),
    }
}

/// What follows `postgres://`.
fn of_postgres(rest: &str) -> Result<PgConnectOptions, Error> {
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let query = after.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    check_parameters(query)?;
    let (info, host) =
        authority.rsplit_once('@').map_or((None, authority), |(info, host)| (Some(info), host));
    let is_named = query.split('&').any(|pair| pair.starts_with("host=") || pair.starts_with("hostaddr="));
    let (host, port) = host_of(host)?;
    let info = info.map(|info| format!("{info}@")).unwrap_or_default();
    let options = match host {
        Host::Usual(host) => parse(&format!("{info}{host}{port}{after}"))?,
        // what is named in the query counts
        _ if is_named => parse(&format!("{info}localhost{port}{after}"))?,
        Host::Address(host) => parse(&format!("{info}localhost{port}{after}"))?.host(host),
        Host::None => {
            let default = parse("/")?.get_host().to_owned();
            parse(&format!("{info}localhost{port}{after}"))?.host(&default)
        }
    };
    Ok(ours(options))
}

/// The host of a URL.
enum Host<'a> {
    /// A name, an address of IPv4, or a socket whose slashes are encoded.
    Usual(&'a str),
    /// An address of IPv6, without its brackets: with them it would be looked up as a name.
    Address(&'a str),
    None,
}

/// The host, and the port with its colon.
fn host_of(text: &str) -> Result<(Host<'_>, &str), Error> {
    if let Some(rest) = text.strip_prefix('[') {
        let inside = rest.split_once(']').filter(|(_, port)| port.is_empty() || port.starts_with(':'));
        let (host, port) = inside.ok_or_else(|| unreadable("the address in brackets does not end"))?;
        return Ok((Host::Address(host), port));
    }
    if text.contains(',') {
        return Err(unreadable("it names several hosts, and Roster takes one"));
    }
    let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    Ok((if host.is_empty() { Host::None } else { Host::Usual(host) }, port))
}

fn parse(rest: &str) -> Result<PgConnectOptions, Error> {
    PgConnectOptions::from_str(&format!("postgres://{rest}")).map_err(|error| match error {
        sqlx::Error::Configuration(cause) => unreadable(&cause.to_string()),
        other => unreadable(&other.to_string()),
    })
}

/// Without start-up parameters that a pooler such as PgBouncer refuses; it takes names.
fn ours(options: PgConnectOptions) -> PgConnectOptions {
    let options = options.extra_float_digits(None);
    match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(APPLICATION),
    }
}

/// A parameter that nobody reads would be believed to do something, as `sslmod=require` would.
fn check_parameters(query: &str) -> Result<(), Error> {
    let names = query.split('&').filter(|pair| !pair.is_empty());
    let names = names.map(|pair| pair.split('=').next().unwrap_or_default());
    let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
    let unknown: Vec<_> = names.filter(|name| !is_known(name)).map(named).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    // a password with a `?` in it: what follows is a part of it, and must be shown to nobody
    if query.contains('@') {
        return Err(unreadable("a `?`, a `#` or a `/` in the password must be percent-encoded"));
    }
    let (unknown, known) = (unknown.join(", "), PARAMETERS.join(", "));
    Err(unreadable(&format!("there is no parameter {unknown}; there are {known}")))
}

/// The name of a parameter as it may be told: one that is encoded can have anything in it.
fn named(name: &str) -> &str {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-[].".contains(c));
    if is_plain { name } else { "…" }
}

fn unreadable(why: &str) -> Error {
    Error::BadUrl(format!("the database URL cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str) -> PgConnectOptions {
        match Address::of(url) {
            Ok(Address::Postgres(options)) => *options,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn every_form_of_a_host_is_read() {
        for (url, host, port) in [
            ("postgres://u:p@db.example.com:6000/d", "db.example.com", 6000),
            ("postgresql://u@10.0.0.1/d", "10.0.0.1", 5432),
            ("postgres://u:p@[::1]:5433/d", "::1", 5433),
            ("postgres://u:p@[2001:db8::7]/d?sslmode=require", "2001:db8::7", 5432),
            ("postgres://[::1]/d", "::1", 5432),
            ("postgres://u@[fe80::1%eth0]:1/d", "fe80::1%eth0", 1),
            ("postgres://u@/d?hostaddr=::1", "::1", 5432),
            ("postgres://u@/d?host=db&port=7", "db", 7),
            ("postgres://u@[::2]/d?host=db", "db", 5432),
        ] {
            let read = options(url);
            assert_eq!((read.get_host(), read.get_port()), (host, port), "{url}");
            assert_eq!(read.get_database(), Some("d"), "{url}");
            assert_eq!(read.get_application_name(), Some("roster"), "{url}");
        }
        for url in [
            "postgres://u:p@/d?host=/run/postgresql",
            "postgres:///d?host=/run/postgresql&user=u",
            "postgres://u@:5432/d?host=/run/postgresql",
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres://u@localhost/d?host=/run/postgresql",
        ] {
            let read = options(url);
            assert_eq!(read.get_socket().map(|path| path.to_str()), Some(Some("/run/postgresql")), "{url}");
            assert_eq!((read.get_username(), read.get_database()), ("u", Some("d")), "{url}");
        }
        assert_eq!(options("postgres://u@/d").get_username(), "u");
        assert_eq!(options("postgres://u@h/d?application_name=x").get_application_name(), Some("x"));
    }

    #[test]
    fn a_file_is_a_path_and_may_say_how_it_is_opened() {
        for (url, path) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite://a.db", "a.db"),
            ("sqlite:///var/a.db", "/var/a.db"),
            ("sqlite://a.db?mode=rwc", "a.db"),
            ("sqlite:a.db?", "a.db"),
        ] {
            assert!(
                matches!(Address::of(url), Ok(Address::File(file)) if file.to_str() == Some(path)),
                "{url}"
            );
        }
        for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite::memory:?mode=rwc"] {
            assert!(matches!(Address::of(url), Ok(Address::Memory)), "{url}");
        }
    }

    #[test]
    fn what_is_not_read_is_refused_and_not_told() {
        for (url, told) in [
            ("mysql://u:s3cret@h/d", "must be sqlite:PATH"),
            ("postgres:u", "must be sqlite:PATH"),
            ("sqlite:", "must be sqlite:PATH"),
            ("sqlite://", "must be sqlite:PATH"),
            ("sqlite:file:a.db", "without `file:`"),
            ("sqlite:a.db?mode=ro", "parameter mode"),
            ("sqlite:a.db?mode=memory", "parameter mode"),
            ("sqlite://a.db?mode=rwc&cache=shared", "parameter cache"),
            ("postgres://u:s3cret@h/d?sslmod=require", "no parameter sslmod;"),
            ("postgres://u@h/d?SSLMODE=require", "no parameter SSLMODE;"),
            ("postgres://u@h/d?sslpassword=s3cret&pass%77ord=s3cret", "no parameter sslpassword, …;"),
            ("postgres://u@h/d?connect_timeout", "no parameter connect_timeout;"),
            ("postgres://u@h/d?sslmode=sometimes", "cannot be read"),
            ("postgres://u:s3cret@a,b/d", "several hosts"),
            ("postgres://u@[::1/d", "in brackets"),
            ("postgres://u:s3cret@h:port/d", "cannot be read"),
        ] {
            let refused = Address::of(url).unwrap_err().to_string();
            assert!(refused.contains(told) && !refused.contains("s3cret"), "{url}: {refused}");
        }
    }
}
