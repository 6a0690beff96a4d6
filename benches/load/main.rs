//! How fast the server is, always beside a baseline in the same run: `cargo bench`, or `cargo bench -- reads check` for
//! some of it. `docs/performance.md` tells what each table means, and which figures are to be reached.
//!
//! Each server, ours and the baseline, is a process of its own on the loopback; the driver is this one.

mod baseline;
mod check;
mod creates;
mod driver;
mod mapping;
mod members;
mod process;
mod reads;
mod report;
mod seed;

use anyhow::Result;

use self::{report::Table, seed::Kind};

/// The tables, by the names that choose them.
const TABLES: [&str; 5] = ["reads", "creates", "members", "check", "mapping"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [first, rest @ ..] = arguments.as_slice()
        && first == baseline::ARGUMENT
    {
        return runtime.block_on(baseline::run(rest));
    }
    runtime.block_on(measure(&arguments))
}

async fn measure(arguments: &[String]) -> Result<()> {
    let wanted =
        |name: &&str| !arguments.iter().any(|word| TABLES.contains(&word.as_str())) || named(arguments, name);
    let kinds = [Kind::Sqlite, Kind::Postgres].into_iter();
    let kinds = kinds.filter(|kind| {
        !arguments.iter().any(|word| Kind::parse(word).is_some()) || named(arguments, kind.name())
    });
    for kind in kinds {
        if !kind.is_there() {
            println!(
                "{}: left out, since ROSTER_TEST_POSTGRES names no cluster (scripts/bench starts one)\n",
                kind.name()
            );
            continue;
        }
        for name in TABLES.iter().filter(|name| wanted(name)) {
            println!("{}\n", table(name, kind, users(arguments)).await?);
        }
    }
    Ok(())
}

fn named(arguments: &[String], name: &str) -> bool {
    arguments.iter().any(|word| word == name)
}

/// How many users there are: 10,000, or what `users=N` says.
fn users(arguments: &[String]) -> usize {
    arguments.iter().find_map(|word| word.strip_prefix("users=")?.parse().ok()).unwrap_or(10_000)
}

async fn table(name: &str, kind: Kind, users: usize) -> Result<Table> {
    match name {
        "reads" => reads::run(kind, users).await,
        "creates" => creates::run(kind, users).await,
        "members" => members::run(kind).await,
        "check" => check::run(kind, users).await,
        _ => mapping::run(kind).await,
    }
}
