//! One member more, and one less, in small and in large groups.

use anyhow::Result;
use serde_json::json;

use crate::{
    check::{map, organization},
    driver::{Load, by_turns, drive_http},
    process::Server,
    report::{Figures, Table},
    seed::{Kind, Seeded, scim_id},
};

const LARGE: usize = 100_000;
const SMALL: usize = 10;
/// What is done by turns, to the users after those who are members.
const LOAD: Load = Load { connections: 1, requests: 200 };

pub(crate) async fn run(kind: Kind) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    seeded.users(LARGE + LOAD.requests).await?;
    let small = seeded.group("Small", 0..SMALL).await?;
    let small_mapped = seeded.group("Small and mapped", 0..SMALL).await?;
    let large = seeded.group("Large", 0..LARGE).await?;
    let mapped = seeded.group("Mapped", 0..LARGE).await?;
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    for (place, group) in [("acme", "Mapped"), ("little", "Small and mapped")] {
        map(&server, &seeded.api, organization(&server, &seeded.api, place).await?, group).await?;
    }
    let mut table = Table::new(format!("PATCH of one member, 1 client ({})", kind.name()));
    let few = format!("a group of {SMALL}");
    let few_mapped = format!("{few} that is mapped");
    let groups = [
        (&few, &small, "a group of 100,000", &large),
        (&few, &small, "… that is mapped to an organization", &mapped),
        (&few_mapped, &small_mapped, "a group of 100,000 that is mapped", &mapped),
    ];
    for (few, small, many, group) in groups {
        let both = async |group: &String| add_and_remove(&server, &seeded.scim, (group, LARGE), LOAD).await;
        let turns = by_turns(async |_| both(small).await, async |_| both(group).await).await?;
        for (verb, (small, large)) in ["add", "remove"].into_iter().zip(turns) {
            let (few, many) = (format!("{verb}, in {few}"), format!("{verb}, in {many}"));
            table.growth((&few, small), (&many, large));
        }
    }
    Ok(table)
}

/// Adds the users from a number on to a group, one a request, and removes them again.
pub(crate) async fn add_and_remove(
    server: &Server,
    token: &str,
    (group, first): (&str, usize),
    load: Load,
) -> Result<[Figures; 2]> {
    let path = format!("/scim/v2/Groups/{group}?attributes=displayName");
    let each = async |body: fn(&str) -> String| {
        let path = path.clone();
        let request = move |number: usize| ("PATCH", path.clone(), body(&scim_id(first + number)));
        drive_http(server, load, token, request).await
    };
    Ok([each(add).await?, each(remove).await?])
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
