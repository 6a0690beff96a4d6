//! A grid of `PATCH` requests: each carried out by the library in memory and by the server, and compared.

use roster::scim::{
    Error, ScimType,
    patch::{Patch, Profile},
    resource::{Projection, project},
    schema::ResourceType,
};
use serde_json::json;

use super::{test_resources::readable, *};

/// How many changes there were, refusals, and answers that left all as it was.
#[derive(Debug, Default)]
struct Told {
    changed: usize,
    refused: usize,
    same: usize,
}

pub(super) struct Grid<'a> {
    client: &'a Client,
    resource_type: &'a ResourceType,
    /// Everything that can be read, for `attributes`.
    asked: String,
    told: Told,
    differences: Vec<String>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(client: &'a Client, resource_type: &'a ResourceType) -> Self {
        let asked = readable(resource_type).join(",");
        Self { client, resource_type, asked, told: Told::default(), differences: Vec::new() }
    }

    /// One resource, one PATCH: by the library and by the server.
    pub(super) async fn compare(&mut self, start: &Value, operations: &Value) {
        let collection = format!("{}?attributes={}", self.resource_type.endpoint, self.asked);
        let made = self.client.post(&collection, start.clone()).await;
        assert_eq!(made.status, 201, "{start}: {}", made.body);
        let path = format!("{}?attributes={}", path_of(&made.body), self.asked);
        let expected = self.by_library(&made.body, operations);
        let answer = self.client.patch(&path, operations.clone()).await;
        let stored = self.client.get(&path).await.body;
        let is_group = self.resource_type.name == "Group";
        let expected = match expected {
            // the server keeps of a member what it is called and no more
            Ok((true, resource)) if is_group && plain(&resource) == plain(&made.body) => {
                Ok((false, resource))
            }
            expected => expected,
        };
        let fault = match &expected {
            Err(error) => {
                self.told.refused += 1;
                let found = (answer.status, answer.body["scimType"].as_str());
                let wanted = (error.status.code(), error.scim_type.map(ScimType::as_str));
                // of several faults another one may be told
                let is_told =
                    found == wanted || (operations[1].is_object() && found.0 == 400 && found.1.is_some());
                (!is_told || stored != made.body).then(|| format!("{error} ({wanted:?})"))
            }
            Ok((false, _)) => {
                self.told.same += 1;
                (answer.status != 200 || answer.body != made.body || stored != made.body)
                    .then(|| "no change".to_owned())
            }
            Ok((true, resource)) => {
                self.told.changed += 1;
                let is_new = stored["meta"]["version"] != made.body["meta"]["version"];
                let is_right = answer.body == stored && is_new && plain(&stored) == plain(resource);
                (!is_right).then(|| resource.to_string())
            }
        };
        if let Some(expected) = fault {
            let found = format!("{} {}", answer.status, answer.body);
            self.differences.push(format!(
                "{operations}\n  of       {}\n  library: {expected}\n  server:  {found}\n  stored:  {stored}",
                made.body
            ));
        }
        self.client.delete(&path_of(&made.body)).await;
    }

    /// Whether the PATCH changes `resource`, and into what.
    fn by_library(&self, resource: &Value, operations: &Value) -> Result<(bool, Value), Error> {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        let patch = Patch::parse(self.resource_type, &body, Profile::Generic)?;
        let mut resource = resource.as_object().unwrap().clone();
        let is_changed = patch.apply(self.resource_type, &mut resource)?;
        let asked = self.asked.split(',').map(str::to_owned).collect();
        let projection = Projection::new(asked, Vec::new())?;
        Ok((is_changed, project(self.resource_type, resource, &projection)))
    }

    pub(super) fn end(self, least: usize) {
        let Told { changed, refused, same } = self.told;
        let count = self.differences.len();
        assert!(
            count == 0,
            "{count} differences:\n{}",
            self.differences.into_iter().take(12).collect::<Vec<_>>().join("\n")
        );
        assert!(
            changed > least && refused > least && same > least / 4,
            "the grid tells nothing: {changed} {refused} {same}"
        );
    }
}

/// A resource as far as both know it: without what changes with every write, and members by their ids.
fn plain(resource: &Value) -> Value {
    let mut plain = resource.clone();
    plain["meta"] = json!(null);
    if let Some(members) = plain["members"].as_array() {
        let mut ids: Vec<_> = members.iter().map(|member| member["value"].clone()).collect();
        ids.sort_by_key(ToString::to_string);
        plain["members"] = ids.into();
    }
    plain
}
