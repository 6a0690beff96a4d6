//! The sections of the configuration (config floor). To add a key, see CONTRIBUTING.md.

mod cors;
mod database;
mod drain;
mod jit;
mod limits;
mod log;
mod metrics;
mod provisioning;
mod proxy;
mod quotas;
mod rate_limits;
mod scim;
mod server;
mod timeouts;
mod tls;
mod traces;
mod watch;

pub use self::{
    cors::Cors, database::Database, drain::Drain, jit::Jit, limits::Limits, log::Log, metrics::Metrics,
    provisioning::Provisioning, proxy::Proxy, quotas::Quotas, rate_limits::RateLimits, scim::Scim,
    server::Server, timeouts::Timeouts, tls::Tls, traces::Traces, watch::Watch,
};
use super::{Key, layers::Layers};

/// A section: a struct with a field for each key, which are read by the types of the fields.
///
/// `key: Type => modifier(…), …` takes the modifiers of [`Key`].
macro_rules! section {
    ($(#[$doc:meta])* $name:ident = $section:literal {
        $($(#[$key_doc:meta])* $key:ident: $type:ty $(=> $($modifier:ident($($argument:expr)?)),+)?;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$key_doc])* pub $key: $type,)* }

        impl $name {
            /// The keys, in the order of the fields.
            pub(in crate::config) const KEYS: &'static [$crate::config::Key] = &[
                $($crate::config::Key::new($section, stringify!($key))$($(.$modifier($($argument)?))+)?,)*
            ];

            /// Reads every key, also after one that is wrong.
            pub(in crate::config) fn read(layers: &mut $crate::config::layers::Layers) -> Option<Self> {
                $(let $key = layers.take(&$crate::config::Key::new($section, stringify!($key)));)*
                Some(Self { $($key: $key?,)* })
            }
        }
    };
}
use section;

macro_rules! sections {
    ($($(#[$doc:meta])* $field:ident: $name:ident,)*) => {
        /// All that is configured.
        #[derive(Clone, Debug)]
        pub struct Config { $($(#[$doc])* pub $field: $name,)* }

        impl Config {
            /// All keys, section by section.
            #[must_use]
            pub fn keys() -> Vec<Key> {
                [$($name::KEYS),*].concat()
            }

            pub(super) fn read(layers: &mut Layers) -> Option<Self> {
                $(let $field = $name::read(layers);)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

sections! {
    /// Where the server is.
    server: Server,
    /// Where the data are.
    database: Database,
    /// What is logged, and how.
    log: Log,
    /// What SCIM does.
    scim: Scim,
    /// What is kept of what identity providers send.
    provisioning: Provisioning,
    /// Which pages may call.
    cors: Cors,
    /// The certificate.
    tls: Tls,
    /// Who stands in front.
    proxy: Proxy,
    /// How much at most.
    limits: Limits,
    /// How many of a thing there may be.
    quotas: Quotas,
    /// How often somebody may ask.
    rate_limits: RateLimits,
    /// How long at most.
    timeouts: Timeouts,
    /// How the server leaves.
    drain: Drain,
    /// How streams of memberships are served.
    watch: Watch,
    /// What people get without anyone's doing.
    jit: Jit,
    /// Who may read what is counted.
    metrics: Metrics,
    /// Where traces go.
    traces: Traces,
}
