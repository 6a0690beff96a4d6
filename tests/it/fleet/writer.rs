//! Those who write: IdPs and admins. Each has facts of its own in what all of them share.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    instance::Instance,
    model::{Acknowledged, Facts, Place},
    soon,
};

/// How an instance is called.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) url: String,
    /// An API token of a server admin.
    pub(super) admin: String,
    idp: String,
    http: reqwest::Client,
    up: watch::Receiver<bool>,
    /// What all writers were told is done.
    acknowledged: watch::Sender<Acknowledged>,
}

/// What came back.
pub(super) struct Answer {
    status: u16,
    pub(super) body: Value,
    /// Whether it was sent before, and nobody knows what became of that.
    again: bool,
}

impl Answer {
    /// What was asked for is done; one of these says that it had been before.
    fn done(self, already: &[u16]) -> Value {
        let done = self.status < 300 || (self.again && already.contains(&self.status));
        assert!(done, "{} {} {}", self.status, self.again, self.body);
        self.body
    }
}

impl Client {
    pub(super) fn new(
        instance: &Instance,
        (admin, idp): &(String, String),
        acknowledged: &watch::Sender<Acknowledged>,
    ) -> Self {
        let (url, up) = (instance.url.clone(), instance.up.subscribe());
        let (admin, idp, acknowledged) = (admin.clone(), idp.clone(), acknowledged.clone());
        Self { url, admin, idp, http: reqwest::Client::new(), up, acknowledged }
    }

    /// One that calls while others still wait for the instance.
    pub(super) fn ahead(&self) -> Self {
        Self { up: watch::channel(true).1, ..self.clone() }
    }

    /// Takes over what was acknowledged, or what is no fact any more.
    fn has<T>(&self, done: impl FnOnce(&mut Facts) -> T) {
        self.acknowledged.send_modify(|acknowledged| drop(done(&mut acknowledged.facts)));
    }

    /// Waits until the instance runs.
    pub(super) async fn is_up(&self) {
        soon("the instance", self.up.clone().wait_for(|up| *up)).await.unwrap();
    }

    /// A request of the IdP.
    pub(super) async fn scim(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, &format!("/scim/v2{path}"), &self.idp, body).await
    }

    /// A call of the admin, by Connect.
    pub(super) async fn call(&self, method: &str, body: &Value) -> Answer {
        self.send(Method::POST, &format!("/{method}"), &self.admin, body).await
    }

    /// Sends until there is an answer: again when the connection broke, or the server said to try again.
    async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        let sent = async {
            let mut again = false;
            loop {
                self.is_up().await;
                let request =
                    self.http.request(method.clone(), format!("{}{path}", self.url)).bearer_auth(token);
                let request = if body.is_null() { request } else { request.json(body) };
                match answer(request).await {
                    Ok((status, body)) if status != 503 => return Answer { status, body, again },
                    _ => again = true,
                }
            }
        };
        soon(path, sent).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, Value)> {
    let answer = request.send().await?;
    let (status, text) = (answer.status().as_u16(), answer.text().await?);
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

/// All that the IdP and the admin with number `n` do, side by side.
pub(super) async fn work(client: Client, place: Place, n: usize, steps: impl Iterator<Item = usize> + Clone) {
    let did_a_step = || client.acknowledged.send_modify(|acknowledged| acknowledged.steps += 1);
    let push_all = async {
        for step in steps.clone() {
            push(&client, &place, n, step).await;
            did_a_step();
        }
    };
    let set_all = async {
        for step in steps.clone() {
            administer(&client, &place, n, step).await;
            did_a_step();
        }
    };
    tokio::join!(push_all, set_all);
}

/// The IdP makes a user, takes people into its group and out of it, and switches users off. What a request takes away is
/// no fact from when it is sent.
async fn push(client: &Client, place: &Place, n: usize, step: usize) {
    let group = &place.groups[n];
    let name = format!("own-{n}-{}", step / 4);
    let shared = &place.users[(step * 5 + n) % place.users.len()];
    let own = || client.acknowledged.borrow().facts.users[&name].0.clone();
    match step % 4 {
        0 => {
            let id = create_user(client, &name).await;
            client.has(|facts| facts.users.insert(name, (id, true)));
        }
        1 => {
            let added = [own(), shared.clone()];
            change_members(client, group, "add", &added).await;
            client.has(|facts| facts.members.entry(group.clone()).or_default().extend(added));
        }
        2 => {
            let gone = client.acknowledged.borrow().facts.members[group].first().unwrap().clone();
            client.has(|facts| assert!(facts.members.get_mut(group).unwrap().remove(&gone)));
            change_members(client, group, "remove", &[gone]).await;
        }
        _ => {
            let (id, off) = (own(), json!({ "op": "replace", "path": "active", "value": false }));
            client.scim(Method::PATCH, &format!("/Users/{id}"), &patch(&off)).await.done(&[]);
            client.has(|facts| facts.users.insert(name, (id, false)));
        }
    }
}

/// Makes a user; its id. One that was made before, without a word of it, is found.
pub(super) async fn create_user(client: &Client, name: &str) -> String {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    let user = json!({ "schemas": schemas, "userName": name, "active": true });
    let made = client.scim(Method::POST, "/Users", &user).await.done(&[409]);
    if let Some(id) = made["id"].as_str() {
        return id.to_owned();
    }
    let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
    let found = client.scim(Method::GET, &path, &Value::Null).await.done(&[]);
    found["Resources"][0]["id"].as_str().unwrap().to_owned()
}

async fn change_members(client: &Client, group: &str, operation: &str, members: &[String]) {
    let value: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let change = patch(&json!({ "op": operation, "path": "members", "value": value }));
    client.scim(Method::PATCH, &format!("/Groups/{group}"), &change).await.done(&[]);
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}

/// The admin maps a group, gives it another role, takes it away; and gives people roles, and takes them.
async fn administer(client: &Client, place: &Place, n: usize, step: usize) {
    let organization = place.organizations[step / 4 % place.organizations.len()].clone();
    let (group, user) = (Place::group_name(n), place.users[(step / 4 * 3 + n) % place.users.len()].clone());
    let call = async |method: &str, body: Value, already: &[u16]| {
        let method = format!("buf.alpha.registry.v1alpha1.OrganizationService/{method}");
        client.call(&method, &body).await.done(already);
    };
    let mapping =
        |role: &str| json!({ "organizationId": organization, "groupName": group, "roleOverride": role });
    let person =
        |role: &str| json!({ "organizationId": organization, "userId": user, "organizationRole": role });
    let mapped = (organization.clone(), group.clone());
    let is_mapped = client.acknowledged.borrow().facts.mappings.contains_key(&mapped);
    let (machine, admin) = ("ORGANIZATION_ROLE_MACHINE", "ORGANIZATION_ROLE_ADMIN");
    match step % 8 {
        0 | 4 if !is_mapped => {
            call("AddOrganizationGroup", mapping(machine), &[]).await;
            client.has(|facts| facts.mappings.insert(mapped, machine.to_owned()));
        }
        1 | 5 => {
            call("AddOrganizationMember", person(admin), &[409]).await;
            client.has(|facts| facts.direct.insert((organization, user)));
        }
        0 | 2 | 4 | 6 => {
            client.has(|facts| facts.mappings.remove(&mapped));
            call("UpdateOrganizationGroup", mapping(admin), &[]).await;
            client.has(|facts| facts.mappings.insert(mapped, admin.to_owned()));
        }
        3 => {
            client.has(|facts| facts.mappings.remove(&mapped));
            call("RemoveOrganizationGroup", mapping(admin), &[404]).await;
        }
        _ => {
            client.has(|facts| facts.direct.remove(&(organization.clone(), user.clone())));
            call("RemoveOrganizationMember", person(admin), &[400, 404]).await;
        }
    }
}

/// Members as they are told.
pub(super) fn values(group: &Value) -> BTreeSet<String> {
    let members = group["members"].as_array().into_iter().flatten();
    members.map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}
