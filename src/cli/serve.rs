//! `roster serve`: opens the database, binds the port, and serves until a signal (cli floor).

mod dev;
mod reload;
pub(super) mod settings;

use std::{io::Write as _, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, ensure};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use self::{reload::Reload, settings::Settings};
use crate::{
    config::{ServeFlags, Sources},
    domain::clock::SystemClock,
    server::{
        application::{self, application},
        listen, notify,
        ready::Readiness,
        shutdown::{Signals, on_signal},
        telemetry::Logs,
    },
    services::Services,
};

/// Serves until SIGTERM or ctrl-C.
pub(super) async fn run(flags: ServeFlags) -> anyhow::Result<()> {
    let sources = Sources::of_serve(&flags);
    let loaded = sources.load()?;
    let Settings { cors, extensions } = Settings::of(&loaded)?;
    let config = &loaded.config;
    let listen = config.server.listen;
    ensure!(
        !flags.dev || listen.ip().is_loopback(),
        "--dev is for this machine alone: {} is not a loopback address",
        listen.ip()
    );
    let logs = Logs::start(&config.log.level, settings::format(config))?;
    let (signals, hangups) = (Signals::listen()?, signal(SignalKind::hangup())?);
    let services = Services::new(settings::open_store(config).await?, Arc::new(SystemClock));
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let scim = settings::scim(config, extensions, url(address));
    let (readiness, stop) = (Readiness::default(), CancellationToken::new());
    readiness.mark_ready();
    let app = application(&services, &application::Settings { scim, cors }, &readiness).await?;
    tokio::spawn(on_signal(signals, readiness, stop.clone()));
    let (limits, current_limits) = watch::channel(settings::limits(config));
    tokio::spawn(Reload { sources, loaded, logs, limits }.at(hangups));
    announce(&services, flags.dev, address).await?;
    notify::ready();
    tokio::spawn(notify::keep_alive());
    listen::serve_within(listener, app, current_limits, stop).await;
    Ok(services.close().await?)
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Tells on stdout where the server is; with `--dev` also what to paste next.
async fn announce(services: &Services, dev: bool, address: SocketAddr) -> anyhow::Result<()> {
    let mut lines = format!("listening on {}\n", url(address));
    if dev {
        lines.push_str(&dev::lines(services, &url(address)).await?);
    }
    // whoever started the server may not be listening any more, which is no reason to stop
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
    Ok(())
}
