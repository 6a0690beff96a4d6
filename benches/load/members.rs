//! One member more, and one less, in small and in large groups.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    check::map,
    driver::{Load, drive_http},
    process::Server,
    report::{Figures, Table},
    seed::{Kind, Seeded},
};

const LARGE: usize = 100_000;
const SMALL: usize = 10;
const LOAD: Load = Load { connections: 1, requests: 500 };

pub(crate) async fn run(kind: Kind) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    let users = seeded.users(LARGE + LOAD.requests).await?;
    let (members, others) = users.split_at_checked(LARGE).context("too few users")?;
    let few = members.get(..SMALL).context("too few users")?;
    let small = seeded.group("Small", few).await?.id.to_string();
    let large = seeded.group("Large", members).await?.id.to_string();
    let mapped = seeded.group("Mapped", members).await?.id.to_string();
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    map(&server, &seeded.api, "acme", "Mapped").await?;
    let others: Vec<String> = others.iter().map(|user| user.scim_id.to_string()).collect();
    let mut table = Table::new(format!("PATCH of one member, 1 client ({})", kind.name()));
    for (verb, body) in [("add", add as fn(&str) -> String), ("remove", remove)] {
        let small = patch(&server, &seeded.scim, &small, &others, body).await?;
        for (name, group) in
            [("a group of 100,000", &large), ("… that is mapped to an organization", &mapped)]
        {
            let large = patch(&server, &seeded.scim, group, &others, body).await?;
            table.growth(
                (&format!("{verb}, in a group of {SMALL}"), small),
                (&format!("{verb}, in {name}"), large),
            );
        }
    }
    Ok(table)
}

async fn patch(
    server: &Server,
    token: &str,
    group: &str,
    users: &[String],
    body: fn(&str) -> String,
) -> Result<Figures> {
    let (path, users) = (format!("/scim/v2/Groups/{group}?attributes=displayName"), users.to_vec());
    let request =
        move |number: usize| ("PATCH", path.clone(), body(users.get(number).map_or("", String::as_str)));
    drive_http(server, LOAD, token, request).await
}

fn add(user: &str) -> String {
    operation(&json!({ "op": "add", "path": "members", "value": [{ "value": user }] }))
}

fn remove(user: &str) -> String {
    operation(&json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") }))
}

fn operation(operation: &serde_json::Value) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
        .to_string()
}
