//! The callers, and what they act on.

use prost_reflect::MethodDescriptor;
use reqwest::{RequestBuilder, Response};
use roster::domain::role::{OrganizationRole, ServerRole};
use roster::domain::user::UserType;
use roster::proto::buf::alpha::registry::v1alpha1::{
    AddOrganizationGroupRequest, DeactivateUserRequest, ListTokensRequest,
};
use roster::services::maintenance;
use serde_json::Value;

use crate::support::{Harness, Person, system};

/// How many kinds of callers there are.
pub(super) const CALLERS: usize = 11;

/// The places of the members among the callers, with their roles.
const MEMBERS: [(usize, OrganizationRole); 4] = [
    (6, OrganizationRole::Member),
    (7, OrganizationRole::Machine),
    (8, OrganizationRole::Admin),
    (9, OrganizationRole::Owner),
];

/// The callers, and what they act on, which is made anew after each change.
pub(super) struct World {
    url: String,
    http: reqwest::Client,
    tokens: Vec<Option<String>>,
    people: Vec<Option<Person>>,
    round: u32,
    /// What the names with a dollar in a request stand for.
    names: Vec<(&'static str, String)>,
}

impl World {
    pub(super) async fn new(server: &Harness) -> Self {
        let mut world = Self {
            url: server.app.url.clone(),
            http: reqwest::Client::new(),
            tokens: vec![None; CALLERS],
            people: vec![None; CALLERS],
            round: 0,
            names: Vec::new(),
        };
        for caller in 0..CALLERS {
            world.enter(server, caller).await;
        }
        world.furnish(server).await;
        world
    }

    /// The same, asked of the server at this URL.
    pub(super) fn at(self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self }
    }

    /// A new caller of this kind, and all else anew.
    pub(super) async fn renew(&mut self, server: &Harness, caller: usize) {
        self.enter(server, caller).await;
        self.furnish(server).await;
    }

    async fn enter(&mut self, server: &Harness, caller: usize) {
        self.round += 1;
        let name = format!("caller-{caller}-{}", self.round);
        let (user_type, role) = match caller {
            0 => return,
            1 => {
                self.tokens[caller] = Some(server.scim_token().await.1);
                return;
            }
            4 => (UserType::Machine, ServerRole::Member),
            10 => (UserType::Personal, ServerRole::Admin),
            _ => (UserType::Personal, ServerRole::Member),
        };
        let person = server.account(&name, user_type, role).await;
        if caller == 2 {
            let request = DeactivateUserRequest { id: person.id() };
            server.admin_calls().users().deactivate_user(request).await.unwrap();
        }
        if caller == 5 {
            server.organization(&person, &format!("other-{}", self.round)).await;
        }
        self.tokens[caller] = Some(person.token.clone());
        self.people[caller] = Some(person);
    }

    /// An organization with its members and a mapped group, a user with a token, a pushed group and a SCIM token.
    async fn furnish(&mut self, server: &Harness) {
        // a caller may just have begun it
        maintenance::end(&server.services, &system()).await.unwrap();
        self.round += 1;
        let [name, free, target_name, pushed] =
            ["acme", "free", "target", "pushed"].map(|word| format!("{word}-{}", self.round));
        let owner = self.people[9].clone().unwrap();
        let organization = server.organization(&owner, &name).await;
        for (caller, role) in &MEMBERS[..3] {
            server.member(organization, self.people[*caller].as_ref().unwrap(), *role).await;
        }
        let target = server.person(&target_name).await;
        server.member(organization, &target, OrganizationRole::Member).await;
        let mapped = format!("mapped-{}", self.round);
        let mapping = AddOrganizationGroupRequest {
            organization_id: organization.to_string(),
            group_name: mapped.clone(),
            role_override: 0,
        };
        server.admin_calls().organizations().add_organization_group(mapping).await.unwrap();
        let released = format!("released-{}", self.round);
        server.release(&released, &name).await;
        self.names = vec![
            ("$target_name", target_name),
            ("$target", target.id()),
            ("$organization", organization.to_string()),
            ("$name", name),
            ("$email", format!("{free}@example.com")),
            ("$free", free),
            ("$mapped", mapped),
            ("$released", released),
            ("$other_group", format!("other-{}", self.round)),
            ("$token", token_id(server, &target).await),
            ("$scim_token", server.scim_token().await.0.to_string()),
            ("$stranger", self.people[3].as_ref().unwrap().id()),
            ("$group", server.push_group(&pushed, &[]).await.to_string()),
        ];
    }

    /// A new caller of this kind, and an organization where the caller owns it; all else stays.
    pub(super) async fn replace(&mut self, server: &Harness, caller: usize) {
        self.enter(server, caller).await;
        if MEMBERS.iter().any(|(member, _)| *member == caller) {
            self.furnish(server).await;
        }
    }

    /// The person behind this caller.
    pub(super) fn person(&self, caller: usize) -> &Person {
        self.people[caller].as_ref().unwrap()
    }

    /// This caller signs in by this token from now on.
    pub(super) fn sign_in(&mut self, caller: usize, token: String) {
        self.tokens[caller] = Some(token);
    }

    /// A request of the table, with what its names stand for.
    pub(super) fn filled(&self, request: &str) -> String {
        self.names.iter().fold(request.to_owned(), |text, (name, value)| {
            text.replace(&format!("\"{name}\""), &format!("\"{value}\""))
        })
    }

    /// Where `method` is called.
    pub(super) fn url_of(&self, method: &MethodDescriptor) -> String {
        format!("{}/{}/{}", self.url, method.parent_service().full_name(), method.name())
    }

    /// The token of this caller.
    pub(super) fn token(&self, caller: usize) -> &str {
        self.tokens[caller].as_deref().unwrap()
    }

    /// The code of the error that this caller gets from `method`, by Connect; empty when there is none.
    pub(super) async fn call(&self, method: &MethodDescriptor, request: &str, caller: usize) -> String {
        let request = self.filled(request);
        let call = self.http.post(self.url_of(method));
        let call = match &self.tokens[caller] {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        if method.is_server_streaming() { first(call, &request).await } else { unary(call, request).await }
    }
}

async fn unary(call: RequestBuilder, request: String) -> String {
    let response = call.header("content-type", "application/json").body(request).send().await.unwrap();
    let succeeded = response.status().is_success();
    let answer: Value = response.json().await.unwrap();
    if succeeded { String::new() } else { answer["code"].as_str().unwrap().to_owned() }
}

/// The code with which a stream ends, if its first message is its last.
async fn first(call: RequestBuilder, request: &str) -> String {
    let mut body = vec![0];
    body.extend(u32::try_from(request.len()).unwrap().to_be_bytes());
    body.extend(request.as_bytes());
    let call = call.header("content-type", "application/connect+json").body(body);
    let (flags, message) = envelope(call.send().await.unwrap()).await;
    let code = message["error"]["code"].as_str().unwrap_or_default().to_owned();
    assert_eq!(flags == 2, !code.is_empty(), "{message}");
    code
}

pub(super) async fn envelope(mut response: Response) -> (u8, Value) {
    let mut read = Vec::new();
    loop {
        read.extend(response.chunk().await.unwrap().expect("a whole envelope"));
        if let Some((head, rest)) = read.split_first_chunk::<5>() {
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            if let Some(message) = rest.get(..length) {
                return (head[0], serde_json::from_slice(message).unwrap());
            }
        }
    }
}

async fn token_id(server: &Harness, owner: &Person) -> String {
    let request = ListTokensRequest { user_id: owner.id(), ..ListTokensRequest::default() };
    let listed = server.admin_calls().tokens().list_tokens(request).await.unwrap();
    listed.into_inner().tokens[0].id.clone()
}
