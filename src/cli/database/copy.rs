//! `roster database copy` (cli floor).

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::{failure::Failure, show},
    config,
    domain::count,
    services,
    storage::transfer::{self, Progress},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// URL of the database to read; stop the servers on it first
    #[arg(long, value_name = "URL")]
    from: String,

    /// URL of the database to fill, which is empty or holds a part of the same copy
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}")?;
    let bar = ProgressBar::new(0).with_style(style);
    let tell = |progress: Progress<'_>| {
        let doing = if progress.checking { "comparing" } else { "copying" };
        bar.set_message(format!("{doing} {}", progress.table));
        bar.set_length(progress.of);
        bar.set_position(progress.rows);
    };
    let source = without_password(&arguments.from);
    let moved = transfer::copy(&arguments.from, &arguments.to, &source, &tell).await;
    bar.finish_and_clear();
    let moved = moved.map_err(|error| Failure::of_service(&services::Error::from(error)))?;
    if moved.resumed > 0 {
        show::print(&format!("{} there already", count::of(moved.resumed, "row was", "rows were")))?;
    }
    let rows = moved.tables.iter().map(|(table, rows)| vec![table.clone(), rows.to_string()]);
    show::print(&show::table(&["table", "rows"], rows.collect()))?;
    show::print("\nboth databases have the same rows")
}

/// As the target remembers where its rows come from.
fn without_password(url: &str) -> String {
    let url = config::masked(url);
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let place = place.split_once('?').map_or(place, |(place, _)| place);
    format!("{scheme}://{place}")
}
