//! Flags that set keys (config floor).

use std::path::PathBuf;

use clap::Args;

/// A value that was typed.
#[derive(Clone)]
pub(super) struct Flag {
    /// The flag.
    pub(super) name: String,
    /// The key.
    pub(super) path: String,
    pub(super) text: String,
}

impl Flag {
    fn new(name: &str, path: &str, text: &str) -> Self {
        Self { name: name.to_owned(), path: path.to_owned(), text: text.to_owned() }
    }
}

/// Flags of every command that reads the configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct CommonFlags {
    /// Configuration file (TOML); else the one of `ROSTER_CONFIG`, or /etc/roster/roster.toml if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Sets any key of the configuration, such as `log.level=debug`; may be repeated. `roster config default` lists all
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,

    /// Database URL: `sqlite:PATH`, `sqlite::memory:`, or `postgres://USER:PASSWORD@HOST/DATABASE`
    /// [env: `ROSTER_DATABASE_URL`] [default: sqlite:roster.db]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

impl CommonFlags {
    pub(super) fn typed(&self) -> Vec<Flag> {
        let database = self.database.iter().map(|url| Flag::new("--database", "database.url", url));
        let set = self.set.iter().map(|(path, text)| Flag::new(&format!("--set {path}"), path, text));
        set.chain(database).collect()
    }
}

/// Flags of `serve`.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeFlags {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it in place of the argument's own help")]
    pub common: CommonFlags,

    /// Address and port to listen on; port 0 takes a free one [env: `ROSTER_LISTEN`] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,

    /// URL under which clients reach this server, as SCIM writes it into `meta.location`
    /// [env: `ROSTER_PUBLIC_URL`] [default: the address listened on]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,

    /// Origin whose pages may call the RPCs from a browser, for example `https://buf.build`; may be repeated
    /// [env: `ROSTER_CORS_ORIGINS`, separated by commas]
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    pub cors_origins: Vec<String>,

    /// A PATCH of a group is answered with the group up to this many members, and with 204 above
    /// [env: `ROSTER_GROUP_ANSWER_MEMBERS`] [default: 100]
    #[arg(long, value_name = "NUMBER")]
    pub group_answer_members: Option<String>,

    /// JSON file with further extension schemas of User for SCIM: a schema document as /Schemas shows one, or a list
    /// [env: `ROSTER_SCIM_EXTENSIONS`]
    #[arg(long, value_name = "FILE")]
    pub scim_extensions: Option<String>,

    /// For the first hour: makes the server admin `admin` if there is none, and prints a token for a day with
    /// lines to paste. Only on a loopback address
    #[arg(long)]
    pub dev: bool,

    /// Refuse a database whose schema is not the one of this release, in place of bringing it up to date: where `roster
    /// migrate run` does that
    #[arg(long)]
    pub no_migrate: bool,
}

impl ServeFlags {
    pub(super) fn typed(&self) -> Vec<Flag> {
        let origins = (!self.cors_origins.is_empty()).then(|| self.cors_origins.join(","));
        let typed = [
            ("--listen", "server.listen", &self.listen),
            ("--public-url", "server.public_url", &self.public_url),
            ("--cors-origin", "cors.origins", &origins),
            ("--group-answer-members", "scim.group_answer_members", &self.group_answer_members),
            ("--scim-extensions", "scim.extensions", &self.scim_extensions),
        ];
        let flag = |(name, path, text): (&str, &str, &Option<String>)| {
            text.as_deref().map(|text| Flag::new(name, path, text))
        };
        typed.into_iter().filter_map(flag).collect()
    }
}

/// `KEY=VALUE`
fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE, such as log.level=debug")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
