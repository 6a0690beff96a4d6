//! Configuration: what `serve` needs to know, from flags and the environment (config floor).

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

/// Where the database is, for every command that opens it.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// Database URL: sqlite:PATH, <sqlite::memory:>, or <postgres://USER:PASSWORD@HOST/DATABASE>
    #[arg(
        long,
        env = "ROSTER_DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite:roster.db",
        hide_env_values = true
    )]
    pub database: String,
}

/// What `serve` needs to know.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "ROSTER_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it in place of the argument's own help")]
    pub database: DatabaseConfig,

    /// URL under which clients reach this server, as SCIM writes it into `meta.location`; the address
    /// listened on when it is not given
    #[arg(long, env = "ROSTER_PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,

    /// Origin whose pages may call the RPCs from a browser, for example <https://buf.build>; may be repeated,
    /// in the environment separated by commas
    #[arg(long = "cors-origin", env = "ROSTER_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// A PATCH of a group is answered with the group up to this many members, and with 204 above
    #[arg(long, env = "ROSTER_GROUP_ANSWER_MEMBERS", value_name = "NUMBER", default_value_t = 100)]
    pub group_answer_members: u64,

    /// JSON file with further extension schemas of User for SCIM: a schema document as /Schemas shows one, or a list
    #[arg(long, env = "ROSTER_SCIM_EXTENSIONS", value_name = "FILE")]
    pub scim_extensions: Option<PathBuf>,

    /// Also serve the SCIM type /TestResources, which has an attribute of every kind: for conformance suites alone
    #[arg(long, env = "ROSTER_SCIM_TEST_RESOURCES")]
    pub scim_test_resources: bool,

    /// For the first hour: makes the server admin `admin` if there is none, and prints a token for a day with
    /// lines to paste. Only on a loopback address
    #[arg(long)]
    pub dev: bool,
}

/// An http or https URL with a host and without a query, without the slash at its end.
fn parse_public_url(text: &str) -> Result<String, String> {
    let url: http::Uri = text.parse().map_err(|error| format!("{error}"))?;
    let http = matches!(url.scheme_str(), Some("http" | "https"));
    if !http || url.host().is_none_or(str::is_empty) || url.query().is_some() {
        return Err("must be an http or https URL with a host and without a query".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_a_scheme_and_a_host_and_loses_its_last_slash() {
        assert_eq!(
            parse_public_url("https://roster.example.com/"),
            Ok("https://roster.example.com".to_owned())
        );
        assert_eq!(parse_public_url("http://x:8080/base"), Ok("http://x:8080/base".to_owned()));
        for wrong in ["", "roster.example.com", "ftp://x", "https://", "https://x/?a=b"] {
            assert!(parse_public_url(wrong).is_err(), "{wrong}");
        }
    }
}
