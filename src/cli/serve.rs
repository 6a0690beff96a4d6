//! `roster serve`: opens the database, binds the port, and serves until a signal (cli floor).

pub(super) mod checks;
mod dev;
mod monitoring;
mod reload;
pub(super) mod settings;

use std::{io::Write as _, sync::Arc};

use anyhow::{Context as _, ensure};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use self::{monitoring::Monitoring, reload::Reload, settings::Settings};
use crate::{
    cli::doctor::{certificate, exposed},
    config::{Config, Loaded, ServeFlags, Sources},
    domain::clock::SystemClock,
    server::{
        application::{Application, application},
        listen, notify,
        ready::Readiness,
        shutdown::{Signals, on_signal, unless_stopped},
        telemetry::Logs,
        tls::Tls,
        traces::Traces,
    },
    services::{Services, jit},
};

/// Serves until SIGTERM or ctrl-C, which end a start that waits as well.
pub(super) async fn run(flags: ServeFlags) -> anyhow::Result<()> {
    let sources = Sources::of_serve(&flags);
    let loaded = sources.load_with(checks::problems)?;
    let settings = Settings::of(&loaded)?;
    let listen = loaded.config.server.listen;
    ensure!(
        !flags.dev || listen.ip().is_loopback(),
        "--dev is for this machine alone: {} is not a loopback address",
        listen.ip()
    );
    let traces = settings::traces(&loaded.config).as_ref().map(Traces::start).transpose();
    let traces = traces.context("cannot send traces")?;
    let logs = Logs::start(&loaded.config.log.level, settings::format(&loaded.config), traces.as_ref())?;
    warn(&loaded);
    let (mut signals, hangups) = (Signals::listen()?, signal(SignalKind::hangup())?);
    let started = start(&loaded.config, settings, &flags);
    let Ok(started) = unless_stopped(&mut signals, Box::pin(started)).await? else { return Ok(()) };
    let Started { services, listener, tls, app, readiness, stop } = started;
    let grace = settings::grace(&loaded.config, |name| std::env::var_os(name).is_some());
    tokio::spawn(on_signal(signals, grace, readiness.clone(), stop.clone()));
    let (limits, current_limits) = watch::channel(settings::limits(&loaded.config));
    if let Some(tls) = &tls {
        tokio::spawn(tls.clone().watch(loaded.config.tls.check_every));
    }
    let rate_limits = services.rate_limits().clone();
    tokio::spawn(Reload { sources, loaded, logs, limits, rate_limits, tls: tls.clone() }.at(hangups));
    notify::ready();
    tokio::spawn(notify::keep_alive());
    listen::serve_within(listener, tls, app, current_limits, stop).await;
    close(services, traces).await
}

/// What serves, once it has started.
struct Started {
    services: Services,
    listener: TcpListener,
    tls: Option<Tls>,
    app: Application,
    readiness: Readiness,
    stop: CancellationToken,
}

/// All that may wait before the server listens, and what it prints then.
async fn start(config: &Config, settings: Settings, flags: &ServeFlags) -> anyhow::Result<Started> {
    let services = open(config, &settings, flags).await?;
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let (tls, mut told) = settings.told(config, url.clone());
    let (readiness, stop) = (Readiness::default(), CancellationToken::new());
    readiness.mark_ready();
    let monitoring = Monitoring::begin(config, flags.dev, &services, &mut told).await?;
    let app = application(&services, &told, &readiness).await?;
    let monitored = monitoring.serve(&services, &readiness, &stop)?;
    announce(&services, flags.dev, &url, monitored.as_deref()).await?;
    Ok(Started { services, listener, tls, app, readiness, stop })
}

/// Logs what the configuration opens to more people than it should.
fn warn(loaded: &Loaded) {
    for finding in exposed::look(loaded).iter().chain(&certificate::of_key(&loaded.config)) {
        let (code, why, fix) = (finding.code, finding.why, &finding.fix);
        tracing::warn!(code, why, %fix, "{}", finding.what);
    }
}

/// The use cases over the configured database, with its schema up to date. On a standby nothing is written: what the
/// section jit says is applied by the instances on its primary.
async fn open(config: &Config, settings: &Settings, flags: &ServeFlags) -> anyhow::Result<Services> {
    let store = settings::open_with(config, !flags.no_migrate).await?;
    let services = Services::new(store, Arc::new(SystemClock));
    let services =
        services.with_provisioning(settings::provisioning(config)).with_quotas(settings::quotas(config));
    let services = services.with_watching(settings::watching(config)).with_jit(settings.jit.clone());
    if services.only_reads().await? {
        ensure!(
            !flags.dev,
            "--dev makes an admin and a token, and the database is a standby, which only reads"
        );
    } else {
        jit::configure(&services).await.context("cannot apply the section jit of the configuration")?;
    }
    settings::limit(services.rate_limits(), config);
    Ok(services)
}

/// Closes the database, and sends the last traces, which may be of that.
async fn close(services: Services, traces: Option<Traces>) -> anyhow::Result<()> {
    let closed = services.close().await;
    if let Some(traces) = traces {
        traces.stop().await;
    }
    Ok(closed?)
}

/// Tells on stdout where the server is; with `--dev` also what to paste next.
async fn announce(services: &Services, dev: bool, url: &str, metrics: Option<&str>) -> anyhow::Result<()> {
    let mut lines = format!("listening on {url}\n");
    lines.extend(metrics.map(|url| format!("metrics at {url}\n")));
    if dev {
        lines.push_str(&dev::lines(services, url).await?);
    }
    // whoever started the server may not be listening any more, which is no reason to stop
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
    Ok(())
}
