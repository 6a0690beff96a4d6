//! What others count, asked for when somebody reads.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use crate::{
    gateway::scim,
    services::{Services, figures::Read},
};

/// Names and values of labels.
pub(super) type Labels<'a, const N: usize> = [(&'static str, &'a str); N];

/// Writes one metric with all of its samples.
pub(super) fn write<'a, const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help, kind): (&str, &str, MetricType),
    samples: impl IntoIterator<Item = (Labels<'a, N>, f64)>,
) -> fmt::Result {
    let help = format!("{help}.");
    let mut metric = encoder.encode_descriptor(name, &help, None, kind)?;
    for (labels, value) in samples {
        let sample = if N == 0 { None } else { Some(metric.encode_family(&labels)?) };
        match (kind, sample) {
            (MetricType::Counter, Some(sample)) => ConstCounter::new(value).encode(sample)?,
            (_, Some(sample)) => ConstGauge::new(value).encode(sample)?,
            (MetricType::Counter, None) => return ConstCounter::new(value).encode(metric),
            (_, None) => return ConstGauge::new(value).encode(metric),
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a metric is a float; it is exact up to 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// What the use cases and the database tell.
#[derive(Debug)]
pub(super) struct OfServices(pub(super) Services);

impl Collector for OfServices {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let read = self.0.figures();
        changes(&mut encoder, &read)?;
        refusals(&mut encoder, &read)?;
        waiting(&mut encoder, &read)?;
        log(&mut encoder, &read)?;
        pools(&mut encoder, &read)
    }
}

/// One label with each of its values.
fn by<'a>(
    label: &'static str,
    counts: impl IntoIterator<Item = (&'static str, u64)> + 'a,
) -> impl Iterator<Item = (Labels<'a, 1>, f64)> {
    counts.into_iter().map(move |(value, count)| ([(label, value)], float(count)))
}

fn changes(encoder: &mut DescriptorEncoder<'_>, read: &Read) -> fmt::Result {
    let help = "Changes of effective roles that were committed";
    let changes = by("change", read.membership_changes);
    write(encoder, ("membership_changes", help, MetricType::Counter), changes)?;
    let help = "Users, groups and members of groups that identity providers changed";
    let changes = by("change", read.provisioning_changes.clone());
    write(encoder, ("provisioning_changes", help, MetricType::Counter), changes)?;
    let help = "Removals of many members of one organization at once";
    write(encoder, ("large_removals", help, MetricType::Counter), by("outcome", read.large_removals))
}

fn refusals(encoder: &mut DescriptorEncoder<'_>, read: &Read) -> fmt::Result {
    let help = "Requests that were refused for coming too often";
    write(encoder, ("rate_limited", help, MetricType::Counter), by("limit", read.rate_limited))
}

fn waiting(encoder: &mut DescriptorEncoder<'_>, read: &Read) -> fmt::Result {
    let readers = ("watch_readers", "Streams that watch memberships", MetricType::Gauge);
    write(encoder, readers, [([], float(read.watch_readers))])?;
    let help = "Transactions that wait for their turn, or for a connection";
    let transactions = [([], float(read.transactions_waiting))];
    write(encoder, ("database_transactions_waiting", help, MetricType::Gauge), transactions)
}

fn log(encoder: &mut DescriptorEncoder<'_>, read: &Read) -> fmt::Result {
    let help = "Requests that wait to be written to the provisioning log";
    let requests = [([], float(read.log_waiting))];
    write(encoder, ("provisioning_log_waiting", help, MetricType::Gauge), requests)?;
    let lag = ("provisioning_log_lag_seconds", "For how long the first of them waits", MetricType::Gauge);
    write(encoder, lag, [([], read.log_lag.as_secs_f64())])?;
    let help = "Requests that the provisioning log does not have";
    write(encoder, ("provisioning_log_lost", help, MetricType::Counter), [([], float(read.log_lost))])?;
    let help = "Requests that it does not have since this instance only read";
    write(encoder, ("provisioning_log_skipped", help, MetricType::Counter), [([], float(read.log_skipped))])
}

fn pools(encoder: &mut DescriptorEncoder<'_>, read: &Read) -> fmt::Result {
    let help = "1 while this instance only reads: its database is a standby";
    let read_only = ("database_read_only", help, MetricType::Gauge);
    write(encoder, read_only, [([], float(read.read_only.into()))])?;
    let samples = read.pools.iter().flat_map(|pool| {
        [("idle", pool.idle), ("open", pool.open), ("max", pool.most)]
            .map(|(state, count)| ([("pool", pool.name), ("state", state)], f64::from(count)))
    });
    let help = "Connections to the database, by pool";
    write(encoder, ("database_connections", help, MetricType::Gauge), samples)?;
    let deadlocks: u64 = read.pools.iter().map(|pool| pool.deadlocks).sum();
    let help = "Transactions that met another one that waited for them, and were tried again";
    write(encoder, ("database_deadlocks", help, MetricType::Counter), [([], float(deadlocks))])
}

/// What SCIM tells.
#[derive(Debug)]
pub(super) struct OfScim(pub(super) scim::Figures);

impl Collector for OfScim {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let read = self.0.read();
        let operations = read.operations.iter().map(|((method, resource, outcome), count)| {
            let labels = [("method", *method), ("resource", resource), ("outcome", outcome.name())];
            (labels, float(*count))
        });
        let help = "Operations of SCIM, those within bulk requests as well";
        write(&mut encoder, ("scim_operations", help, MetricType::Counter), operations)?;
        let statuses: Vec<_> = read.errors.keys().map(|(status, _)| status.to_string()).collect();
        let errors = read.errors.iter().zip(&statuses).map(|(((_, scim_type), count), status)| {
            ([("status", status.as_str()), ("scim_type", scim_type.unwrap_or_default())], float(*count))
        });
        let help = "Operations of SCIM that were not done, by status and scimType";
        write(&mut encoder, ("scim_errors", help, MetricType::Counter), errors)?;
        let help = "Refused SCIM requests that would have deactivated an active user";
        let refused: ([(&str, &str); 0], f64) = ([], float(read.refused_deactivations));
        write(&mut encoder, ("scim_refused_deactivations", help, MetricType::Counter), [refused])
    }
}

/// What runs.
#[derive(Debug)]
pub(super) struct Build;

impl Collector for Build {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let labels = [("version", env!("CARGO_PKG_VERSION"))];
        write(&mut encoder, ("build_info", "1, of the version that runs", MetricType::Gauge), [(labels, 1.0)])
    }
}
