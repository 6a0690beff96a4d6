//! The requests, as data: one a line of `requests.txt`.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::world::World;
use crate::{driver::Connection, process::Server, seed::scim_id};

/// One request.
pub(super) struct Request {
    method: &'static str,
    path: &'static str,
    body: &'static str,
    /// A name for a part of the answer, and where it is.
    taken: Option<(&'static str, &'static str)>,
}

impl Request {
    fn parse(line: &'static str) -> Option<Self> {
        let (line, taken) = match line.split_once(" -> ") {
            Some((line, taken)) => (line, taken.split_once('=')),
            None => (line, None),
        };
        let (method, rest) = line.split_once(' ')?;
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(Self { method, path, body, taken })
    }

    pub(super) fn name(&self) -> String {
        format!("{} {} {}", self.method, self.path, self.body).trim_end().to_owned()
    }

    fn is_rpc(&self) -> bool {
        !self.path.starts_with("/scim/")
    }
}

pub(super) fn all() -> impl Iterator<Item = Request> {
    let lines = include_str!("requests.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(Request::parse)
}

/// A client, and what it knows.
pub(super) struct Requests<'a> {
    server: &'a Server,
    world: &'a World,
    names: HashMap<&'static str, String>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(server: &'a Server, world: &'a World) -> Self {
        let names = HashMap::from([
            ("user", scim_id(4_711)),
            ("other", scim_id(4_712)),
            ("everyone", world.everyone.clone()),
            ("team", world.team.clone()),
            ("acme", world.acme.clone()),
        ]);
        Self { server, world, names }
    }

    /// A connection of its own for each request: some take longer than the server lets a connection be idle.
    async fn connect(&self, request: &Request) -> Result<Connection> {
        let (address, seeded) = (&self.server.address, &self.world.seeded);
        if request.is_rpc() {
            return Ok(Connection::open(address, &seeded.api).await?.speaking("application/json"));
        }
        Connection::open(address, &seeded.scim).await
    }

    pub(super) async fn send(&mut self, request: &Request) -> Result<()> {
        let (path, body) = (self.filled(request.path)?, self.filled(request.body)?);
        let answer = self.connect(request).await?.send(request.method, &path, body).await?;
        let Some((name, pointer)) = request.taken else { return Ok(()) };
        let answer: Value = serde_json::from_slice(&answer)?;
        let value = answer.pointer(pointer).and_then(Value::as_str);
        let value = value.with_context(|| format!("{}: no {pointer} in {answer}", request.name()))?;
        self.names.insert(name, value.to_owned());
        Ok(())
    }

    /// The text with what the names stand for.
    fn filled(&self, text: &str) -> Result<String> {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(part.len());
            let (name, rest) = part.split_at_checked(end).unwrap_or((part, ""));
            let Some(value) = self.names.get(name) else { bail!("{text}: ${name} is not known") };
            filled.push_str(value);
            filled.push_str(rest);
        }
        Ok(filled)
    }
}
