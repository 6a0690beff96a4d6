//! From the configuration to what the floors are told (cli floor).

use std::{path::Path, time::Duration};

use crate::{
    cli::failure::Failure,
    config::{self, AtLeast, Config, Creators as Allowed, Loaded, LogFormat, Problem},
    domain::{jit::email_key, provisioning::RemovalRule, role::OrganizationRole},
    gateway::scim,
    server::{
        application,
        cors::Cors,
        forwarded::Proxies,
        listen::Limits,
        telemetry::Format,
        tls::{Files, Tls},
        traces,
    },
    services::{
        jit,
        membership::watch::Terms,
        provisioning::{self, log::LogSettings},
        quota::{Creators, Quotas},
        rate_limit::{Rate, RateLimits, Rates},
    },
    storage::{self, Pools, Store},
};

/// The time that load balancers have to look elsewhere.
const USUAL_GRACE: Duration = Duration::from_secs(5);

/// What is read from the configuration at the start.
#[derive(Debug)]
pub(in crate::cli) struct Settings {
    cors: Cors,
    extensions: scim::Extensions,
    test_declaration: Option<scim::Declaration>,
    pub(super) jit: jit::Configuration,
    proxies: Proxies,
    pub(super) tls: Option<Tls>,
}

impl Settings {
    /// Reads every file that the configuration names.
    pub(in crate::cli) fn of(loaded: &Loaded) -> Result<Self, Problem> {
        let (extensions, test_declaration) = declared(loaded)?;
        let (cors, jit, proxies, tls) = (cors(loaded)?, jit(loaded)?, proxies(loaded)?, tls(loaded)?);
        Ok(Self { cors, extensions, test_declaration, jit, proxies, tls })
    }
}

impl Settings {
    /// What the gateways are told, if clients reach the server under `url` unless they are told another one.
    pub(super) fn told(self, config: &Config, url: String) -> (Option<Tls>, application::Settings) {
        let test_declaration = self.test_declaration;
        let scim = scim::Settings { test_declaration, ..scim(config, self.extensions, url) };
        let (cors, proxies, max_message) = (self.cors, self.proxies, config.limits.message.0);
        (
            self.tls,
            application::Settings {
                scim,
                max_message,
                cors,
                proxies,
                metrics: None,
                traces: false,
                readers: None,
            },
        )
    }
}

pub(super) fn proxies(loaded: &Loaded) -> Result<Proxies, Problem> {
    let trusted = loaded.config.proxy.trusted.iter().map(String::as_str);
    let told = |reason: String| loaded.problem("proxy.trusted", masked(reason, &loaded.config.proxy.trusted));
    Proxies::new(trusted).map_err(told)
}

pub(super) fn tls_files(loaded: &Loaded) -> Result<Option<Files>, Problem> {
    let configured = &loaded.config.tls;
    match (configured.certificate.clone(), configured.key.clone()) {
        (Some(certificate), Some(key)) => Ok(Some(Files { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(loaded.problem("tls.certificate", "needs its key in tls.key")),
        (None, Some(_)) => Err(loaded.problem("tls.key", "needs its certificate in tls.certificate")),
    }
}

fn tls(loaded: &Loaded) -> Result<Option<Tls>, Problem> {
    let Some(files) = tls_files(loaded)? else { return Ok(None) };
    Tls::read(files.clone()).map(Some).map_err(|error| {
        let path = if error.is_of_key(&files) { "tls.key" } else { "tls.certificate" };
        loaded.problem(path, error.to_string())
    })
}

pub(super) fn cors(loaded: &Loaded) -> Result<Cors, Problem> {
    let origins = loaded.config.cors.origins.iter().map(String::as_str);
    let told = |reason: String| loaded.problem("cors.origins", masked(reason, &loaded.config.cors.origins));
    Cors::new(origins, false).map_err(|error| told(error.to_string()))
}

/// The same, with what is secret in any of the items that it may repeat left out.
fn masked(reason: String, items: &[String]) -> String {
    items.iter().fold(reason, |reason, item| reason.replace(item.as_str(), &config::masked(item)))
}

/// What people get without anyone's doing.
pub(super) fn jit(loaded: &Loaded) -> Result<jit::Configuration, Problem> {
    let jit = &loaded.config.jit;
    let organizations = jit.organizations.iter().map(|text| joined(text));
    let organizations = organizations.collect::<Result<_, String>>();
    let organizations = organizations.map_err(|reason| loaded.problem("jit.organizations", reason))?;
    for email in &jit.admin_emails {
        let checked = email_key(email).map_err(|_| format!("`{email}` is not an e-mail address"));
        checked.map_err(|reason| loaded.problem("jit.admin_emails", reason))?;
    }
    Ok(jit::Configuration { organizations, admin_emails: jit.admin_emails.clone() })
}

/// An organization that everyone joins, as `NAME=ROLE`.
fn joined(text: &str) -> Result<(String, OrganizationRole), String> {
    let wrong = || format!("`{text}` is not NAME=ROLE with the role member, machine or admin");
    let (name, role) = text.split_once('=').ok_or_else(wrong)?;
    let roles = [OrganizationRole::Member, OrganizationRole::Machine, OrganizationRole::Admin];
    let role = roles.into_iter().find(|known| known.name() == role).ok_or_else(wrong)?;
    if name.is_empty() { Err(wrong()) } else { Ok((name.to_owned(), role)) }
}

/// How streams of memberships are served.
pub(super) const fn watching(config: &Config) -> Terms {
    let watch = &config.watch;
    Terms { heartbeat: watch.heartbeat, patience: watch.reader_timeout, keep_events: watch.keep_events }
}

/// The schemas and the resource type that files declare; an error names the file.
fn declared(loaded: &Loaded) -> Result<(scim::Extensions, Option<scim::Declaration>), Problem> {
    let told = &loaded.config.scim;
    let extensions = told.extensions.as_deref().map(read_extensions).transpose();
    let extensions = extensions.map_err(|reason| loaded.problem("scim.extensions", reason))?;
    let declaration = told.test_resources_file.as_deref().map(read_declaration).transpose();
    let declaration = declaration.map_err(|reason| loaded.problem("scim.test_resources_file", reason))?;
    Ok((extensions.unwrap_or_default(), declaration))
}

fn read_extensions(file: &Path) -> Result<scim::Extensions, String> {
    let name = file.display();
    scim::Extensions::from_json(&read(file)?).map_err(|error| format!("SCIM extensions in {name}: {error}"))
}

fn read_declaration(file: &Path) -> Result<scim::Declaration, String> {
    let name = file.display();
    scim::Declaration::from_json(&read(file)?).map_err(|error| format!("resource type in {name}: {error}"))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// How long requests are still taken after SIGTERM: `started_by` tells whether a variable is set that systemd or Kubernetes sets.
pub(super) fn grace(config: &Config, started_by: impl Fn(&str) -> bool) -> Duration {
    let is_minded = ["NOTIFY_SOCKET", "INVOCATION_ID", "KUBERNETES_SERVICE_HOST"].into_iter().any(started_by);
    config.drain.grace.0.unwrap_or(if is_minded { USUAL_GRACE } else { Duration::ZERO })
}

/// What connections may take.
pub(super) fn limits(config: &Config) -> Limits {
    let (limits, timeouts) = (&config.limits, &config.timeouts);
    Limits {
        head: timeouts.head,
        body: timeouts.body,
        body_rate: limits.body_rate.0,
        idle: timeouts.idle,
        write: timeouts.write,
        ping: timeouts.ping,
        drain: timeouts.drain,
        connections: usize::try_from(limits.connections.0).unwrap_or(usize::MAX),
        streams: limits.streams.0,
        head_bytes: u32::try_from(limits.head.0).unwrap_or(u32::MAX),
    }
}

/// What SCIM is told, if clients reach the server under `url` unless they are told another one.
fn scim(config: &Config, extensions: scim::Extensions, url: String) -> scim::Settings {
    let public_url = config.server.public_url.as_ref().map_or(url, |public| public.0.clone());
    let group_answer_members = config.scim.group_answer_members.0.into();
    scim::Settings {
        public_url,
        group_answer_members,
        extensions,
        max_body: config.limits.scim_body.0,
        patience: config.timeouts.request,
        test_resources: config.scim.test_resources,
        test_declaration: None,
        figures: scim::Figures::default(),
    }
}

/// The rules for provisioning.
pub(super) fn provisioning(config: &Config) -> provisioning::Settings {
    let told = &config.provisioning;
    let log = LogSettings {
        retention: told.log_retention,
        max_bytes: u64::try_from(told.log_max_bytes.0).unwrap_or(u64::MAX),
        body_bytes: told.log_body_bytes.0,
    };
    let removal = RemovalRule {
        percent: told.large_removal_percent.0,
        members: told.large_removal_members.0.into(),
        hold: told.hold_large_removals,
    };
    provisioning::Settings { log, removal }
}

/// How many of a thing there may be.
pub(super) fn quotas(config: &Config) -> Quotas {
    let told = &config.quotas;
    Quotas {
        creators: match told.create_organizations {
            Allowed::Everyone => Creators::Everyone,
            Allowed::Admins => Creators::Admins,
        },
        organizations_per_user: told.organizations_per_user.0.into(),
        tokens_per_user: told.tokens_per_user.0.into(),
        groups_per_organization: told.groups_per_organization.0.into(),
        organizations_per_group: told.organizations_per_group.0.into(),
    }
}

/// How often somebody may ask.
pub(super) fn rates(config: &Config) -> Rates {
    let limits = &config.rate_limits;
    let rate = |per_second: AtLeast<0>, burst: AtLeast<1>| Rate { per_second: per_second.0, burst: burst.0 };
    Rates {
        token: Some(rate(limits.token, limits.token_burst)),
        address: Some(rate(limits.address, limits.address_burst)),
        refused: Some(rate(limits.refused, limits.refused_burst)),
        anonymous: Some(rate(limits.anonymous, limits.anonymous_burst)),
    }
}

/// How many streams may be open without a token.
pub(super) fn limit_streams(limits: &RateLimits, config: &Config) {
    let count = |number: AtLeast<1>| usize::try_from(number.0).unwrap_or(usize::MAX);
    let told = &config.limits;
    limits.set_streams(count(told.anonymous_streams), count(told.anonymous_streams_address));
}

/// All of that.
pub(super) fn limit(limits: &RateLimits, config: &Config) {
    limits.set(rates(config));
    limit_streams(limits, config);
}

/// Where traces go, if anywhere.
pub(super) fn traces(config: &Config) -> Option<traces::Settings> {
    let endpoint = config.traces.endpoint.as_ref()?.0.clone();
    Some(traces::Settings { endpoint, sample_percent: config.traces.sample_percent.0 })
}

/// How log lines are written.
pub(super) const fn format(config: &Config) -> Format {
    match config.log.format {
        LogFormat::Auto => Format::Auto,
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    }
}

const fn pools(config: &Config) -> Pools {
    let database = &config.database;
    let (connections, readers) = (database.connections.0, database.readers.0);
    let (acquire_timeout, stall_timeout) = (database.acquire_timeout, database.stall_timeout);
    let start_timeout = database.start_timeout;
    Pools { connections, readers, acquire_timeout, stall_timeout, start_timeout, migrates: true }
}

/// Opens the database, with its schema up to date.
pub(in crate::cli) async fn open_store(config: &Config) -> anyhow::Result<Store> {
    open_with(config, true).await
}

/// The same; without `migrates`, the schema must be up to date.
pub(in crate::cli) async fn open_with(config: &Config, migrates: bool) -> anyhow::Result<Store> {
    let pools = Pools { migrates, ..pools(config) };
    let opened = Store::open_with(config.database.url.reveal(), pools).await;
    Ok(opened.map_err(|error| unopened(config, error))?)
}

/// The database cannot be opened.
pub(in crate::cli) fn unopened(config: &Config, error: storage::Error) -> Failure {
    let failure = Failure::of_service(&error.into());
    let sentence = format!("cannot open the database {}: {}", config.database.url, failure.sentence);
    Failure { sentence, ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[test]
    fn an_organization_that_everyone_joins_has_a_name_and_a_role() {
        assert_eq!(joined("acme=member"), Ok(("acme".to_owned(), OrganizationRole::Member)));
        assert_eq!(joined("acme=admin"), Ok(("acme".to_owned(), OrganizationRole::Admin)));
        for wrong in ["", "acme", "acme=", "=member", "acme=owner", "acme=Member"] {
            assert!(joined(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_defaults_of_the_floors_are_those_of_the_configuration() {
        let loaded = Sources::default().load().unwrap();
        let config = &loaded.config;
        assert_eq!(limits(config), Limits::default());
        assert_eq!(config.limits.message.0, 4 << 20);
        assert_eq!(pools(config), Pools::default());
        assert_eq!(provisioning(config), provisioning::Settings::default());
        assert_eq!(quotas(config), Quotas::default());
        assert_eq!(watching(config), Terms::default());
        assert_eq!(jit(&loaded).unwrap(), jit::Configuration::default());
        let told = scim(config, scim::Extensions::default(), "http://x".to_owned());
        let usual = scim::Settings::new("http://x");
        assert_eq!(told.group_answer_members, usual.group_answer_members);
        assert_eq!(told.test_resources, usual.test_resources);
        assert_eq!((told.max_body, told.patience), (usual.max_body, usual.patience));
    }
}
