//! `roster doctor`: what is wrong, why it matters, and what to do (cli floor).

pub(super) mod certificate;
mod configuration;
pub(super) mod exposed;
mod outside;

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use clap::Args;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    serve::settings::open_store,
    show::{self, Format},
};
use crate::{
    config::{CommonFlags, Config, Loaded},
    domain::{
        actor::Caller,
        clock::{Clock as _, SystemClock},
        count,
    },
    services::{
        Services,
        doctor::{Finding, examine},
        membership::consistency,
    },
};

/// Where each finding is explained.
const DOCUMENT: &str = "docs/troubleshooting.md";

/// What `doctor` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// Mend what can be mended safely: derive memberships anew
    #[arg(long)]
    fix: bool,

    /// PEM file with further certificate authorities to trust, when the server is asked under its public URL
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// The exit code is 10 when something has to be mended.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let (findings, mended) = match configuration::load(&arguments.common) {
        Ok(loaded) => all(&loaded, &arguments).await?,
        Err(finding) => (vec![finding], 0),
    };
    match arguments.format {
        Format::Table => show::print(&text(&findings, mended))?,
        Format::Json => show::print(&object(&findings, mended))?,
    }
    let is_ill = findings.iter().any(|finding| finding.is_error);
    Ok(if is_ill { Exit::No } else { Exit::Done })
}

/// All findings, and how many memberships were mended before.
async fn all(loaded: &Loaded, arguments: &Arguments) -> anyhow::Result<(Vec<Finding>, usize)> {
    let url = loaded.config.database.url.reveal();
    let mut findings = certificate::look(&loaded.config, SystemTime::now());
    findings.extend(exposed::look(loaded));
    findings.extend(outside::look(&loaded.config, arguments.ca_file.as_deref()).await);
    let mut found = database(url).await;
    let mut mended = 0;
    if arguments.fix && found.iter().any(|finding| finding.code == "membership-drift") {
        mended = mend(&loaded.config).await?;
        found = database(url).await;
    }
    findings.extend(found);
    Ok((findings, mended))
}

async fn database(url: &str) -> Vec<Finding> {
    match examine(url, SystemClock.now()).await {
        Ok(findings) => findings,
        Err(error) => {
            let what = Failure::of_service(&error).to_string();
            let why = "the server cannot start, or answers everything with 503";
            let fix = "`roster config check --deep` tells which database is meant; `roster serve` makes one that is not there yet";
            vec![Finding::error("database-unreachable", what, why, fix)]
        }
    }
}

async fn mend(config: &Config) -> anyhow::Result<usize> {
    let services = Services::new(open_store(config).await?, Arc::new(SystemClock));
    let drifts = consistency::mend(&services, &Caller::system("doctor")).await;
    services.close().await?;
    Ok(drifts?.iter().map(|drift| drift.members).sum())
}

fn text(findings: &[Finding], mended: usize) -> String {
    let mut parts: Vec<_> = findings.iter().map(section).collect();
    if mended > 0 {
        parts.insert(
            0,
            format!("mended {}", count::things(u64::try_from(mended).unwrap_or(u64::MAX), "membership")),
        );
    }
    if findings.is_empty() {
        parts.push("all is well".to_owned());
    }
    parts.join("\n\n")
}

fn section(finding: &Finding) -> String {
    let level = if finding.is_error { "error" } else { "warning" };
    format!(
        "{level}: {} [{}]\n  why: {}\n  fix: {}\n  see: {DOCUMENT}#{}",
        show::plain(&finding.what),
        finding.code,
        finding.why,
        finding.fix,
        finding.code
    )
}

fn object(findings: &[Finding], mended: usize) -> String {
    let each = findings.iter().map(|finding| {
        json!({
            "code": finding.code,
            "level": if finding.is_error { "error" } else { "warning" },
            "what": finding.what,
            "why": finding.why,
            "fix": finding.fix,
            "see": format!("{DOCUMENT}#{}", finding.code),
        })
    });
    json!({ "findings": each.collect::<Vec<_>>(), "mended": mended }).to_string()
}
