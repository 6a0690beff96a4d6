//! How fast the server is, always beside a baseline in the same run: `cargo bench`, or `cargo bench -- reads check` for
//! some of it. `docs/performance.md` tells what each table means, and which figures are to be reached.
//!
//! Each server, ours and the baseline, is a process of its own on the loopback; the driver is this one.

mod arguments;
mod baseline;
mod check;
mod creates;
mod db;
mod driver;
mod fill;
mod growth;
mod mapping;
mod members;
mod plans;
mod process;
mod reads;
mod report;
mod seed;
mod sync;

use anyhow::Result;

use self::{arguments::Arguments, seed::Kind};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [first, rest @ ..] = arguments.as_slice()
        && first == baseline::ARGUMENT
    {
        return runtime.block_on(baseline::run(rest));
    }
    runtime.block_on(measure(&Arguments::new(arguments)))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    for kind in arguments.kinds() {
        if !kind.is_there() {
            println!(
                "{}: left out, since ROSTER_TEST_POSTGRES names no cluster (scripts/bench starts one)\n",
                kind.name()
            );
            continue;
        }
        for name in arguments.tables() {
            println!("{}\n", table(name, kind, arguments).await?);
        }
    }
    Ok(())
}

async fn table(name: &str, kind: Kind, arguments: &Arguments) -> Result<String> {
    let users = arguments.users(10_000);
    Ok(match name {
        "reads" => reads::run(kind, users).await?.to_string(),
        "creates" => creates::run(kind, users).await?.to_string(),
        "members" => members::run(kind).await?.to_string(),
        "check" => check::run(kind, users).await?.to_string(),
        "plans" => plans::run(kind, arguments.users(1_000_000)).await?,
        "sync" => sync::run(kind, &arguments.clients(), arguments.sync()).await?.to_string(),
        "growth" => growth::run(kind, arguments.users(100_000)).await?.to_string(),
        _ => mapping::run(kind).await?.to_string(),
    })
}
