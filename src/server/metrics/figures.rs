//! What others count, asked for when somebody reads.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use crate::{gateway::scim, services::Services};

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
        let (encoder, read) = (&mut encoder, self.0.figures());
        let counter = |name, help| (name, help, MetricType::Counter);
        let gauge = |name, help| (name, help, MetricType::Gauge);
        let labelled = |label, (value, count): (&'static str, u64)| ([(label, value)], float(count));
        write(
            encoder,
            counter("membership_changes", "Changes of effective roles that were committed"),
            read.membership_changes.map(|change| labelled("change", change)),
        )?;
        write(
            encoder,
            counter(
                "provisioning_changes",
                "Users, groups and members of groups that identity providers changed",
            ),
            read.provisioning_changes.into_iter().map(|change| labelled("change", change)),
        )?;
        write(
            encoder,
            counter("large_removals", "Removals of many members of one organization at once"),
            read.large_removals.map(|removal| labelled("outcome", removal)),
        )?;
        write(
            encoder,
            counter("rate_limited", "Requests that were refused for coming too often"),
            read.rate_limited.map(|limit| labelled("limit", limit)),
        )?;
        for (name, help, value) in [
            ("watch_readers", "Streams that watch memberships", float(read.watch_readers)),
            (
                "database_transactions_waiting",
                "Transactions that wait for their turn, or for a connection",
                float(read.transactions_waiting),
            ),
            (
                "provisioning_log_waiting",
                "Requests that wait to be written to the provisioning log",
                float(read.log_waiting),
            ),
            (
                "provisioning_log_lag_seconds",
                "For how long the first of them waits",
                read.log_lag.as_secs_f64(),
            ),
        ] {
            write(encoder, gauge(name, help), [([], value)])?;
        }
        let lost = counter("provisioning_log_lost", "Requests that the provisioning log does not have");
        write(encoder, lost, [([], float(read.log_lost))])?;
        let pools = read.pools.iter().flat_map(|pool| {
            [("idle", pool.idle), ("open", pool.open), ("max", pool.most)]
                .map(|(state, count)| ([("pool", pool.name), ("state", state)], f64::from(count)))
        });
        write(encoder, gauge("database_connections", "Connections to the database, by pool"), pools)
    }
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
        write(&mut encoder, ("scim_errors", help, MetricType::Counter), errors)
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
