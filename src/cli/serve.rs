//! `roster serve`: opens the database, binds the port, and serves until a signal (cli floor).

mod dev;

use std::{io::Write as _, net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::ServeConfig,
    domain::clock::SystemClock,
    gateway::scim,
    server::{
        application::{Settings, application},
        cors::Cors,
        listen::{self, Limits},
        ready::Readiness,
        shutdown::{Signals, on_signal},
        telemetry,
    },
    services::Services,
    storage::Store,
};

/// Serves until SIGTERM or ctrl-C.
pub(super) async fn run(config: ServeConfig) -> anyhow::Result<()> {
    ensure!(
        !config.dev || config.listen.ip().is_loopback(),
        "--dev is for this machine alone: {} is not a loopback address",
        config.listen.ip()
    );
    telemetry::init()?;
    let signals = Signals::listen()?;
    let cors = Cors::new(config.cors_origins.iter().map(String::as_str), false).context("--cors-origin")?;
    let extensions = config.scim_extensions.as_deref().map(read_extensions).transpose()?.unwrap_or_default();
    let store = Store::open(&config.database.database).await.context("cannot open the database")?;
    let services = Services::new(store, Arc::new(SystemClock));
    let listener = TcpListener::bind(config.listen);
    let listener = listener.await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let scim = scim::Settings {
        public_url: config.public_url.clone().unwrap_or_else(|| url(address)),
        group_answer_members: config.group_answer_members,
        extensions,
        test_resources: config.scim_test_resources,
    };
    let settings = Settings { scim, cors };
    let (readiness, stop) = (Readiness::default(), CancellationToken::new());
    readiness.mark_ready();
    let app = application(&services, &settings, &readiness).await?;
    tokio::spawn(on_signal(signals, readiness.clone(), stop.clone()));
    announce(&services, &config, address).await?;
    listen::serve(listener, app, Limits::default(), stop).await;
    Ok(services.close().await?)
}

/// The extension schemas in a file; whatever is wrong is told with the file's name.
fn read_extensions(file: &Path) -> anyhow::Result<scim::Extensions> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    scim::Extensions::from_json(&text).with_context(|| format!("SCIM extensions in {}", file.display()))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Tells on stdout where the server is; with `--dev` also what to paste next.
async fn announce(services: &Services, config: &ServeConfig, address: SocketAddr) -> anyhow::Result<()> {
    let mut lines = format!("listening on {}\n", url(address));
    if config.dev {
        lines.push_str(&dev::lines(services, &url(address)).await?);
    }
    // whoever started the server may not be listening any more, which is no reason to stop
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
    Ok(())
}
