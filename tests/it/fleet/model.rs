//! What is there to write to, and the facts that must be there at the end.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use roster::{
    domain::role::RoleSource,
    storage::{
        Store,
        membership::{Scope, grants},
    },
};
use serde_json::{Value, json};

use super::{
    WRITERS,
    writer::{Client, create_user, values},
};

/// People who are in everybody's groups and organizations.
const SHARED: usize = 9;

/// What all writers share.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) users: Vec<String>,
    /// One for each IdP.
    pub(super) groups: Vec<String>,
    pub(super) organizations: Vec<String>,
}

impl Place {
    pub(super) async fn new(client: &Client) -> Self {
        let (mut users, mut groups, mut organizations) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..SHARED {
            users.push(create_user(client, &format!("shared-{n}")).await);
        }
        for n in 0..WRITERS {
            let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
            let group = json!({ "schemas": schemas, "displayName": Self::group_name(n) });
            groups.push(text(&client.scim(Method::POST, "/Groups", &group).await.body["id"]));
            let method = "buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization";
            let made = client.call(method, &json!({ "name": format!("org-{n}") })).await.body;
            organizations.push(text(&made["organization"]["id"]));
        }
        Self { users, groups, organizations }
    }

    pub(super) fn group_name(n: usize) -> String {
        format!("group {n}")
    }

    /// The facts as an instance tells them; who has a role by hand is told by the database.
    pub(super) async fn facts(&self, client: &Client, store: &Store) -> Facts {
        let mut facts = self.told(client).await;
        let granted = grants(store.reader(), Scope::default()).await.unwrap();
        let by_hand = granted.iter().filter(|grant| grant.effective.source == RoleSource::Direct);
        let keys = by_hand.map(|grant| (grant.key.0.to_string(), grant.key.1.to_string()));
        // not the admin, who made the organizations
        facts.direct = keys.filter(|(_, user)| self.users.contains(user)).collect();
        facts
    }

    /// The facts as an instance tells them, but for roles by hand.
    pub(super) async fn told(&self, client: &Client) -> Facts {
        let mut facts = Facts { users: own_users(client).await, ..Facts::default() };
        for group in &self.groups {
            let found = client.scim(Method::GET, &format!("/Groups/{group}"), &Value::Null).await.body;
            facts.members.insert(group.clone(), values(&found));
        }
        let method = "roster.v1.IdpGroupService/ListOrganizationGroups";
        let mapped = client.call(method, &json!({ "pageSize": 250 })).await.body;
        for mapping in list(&mapped["organizationGroups"]) {
            let key = (text(&mapping["organizationId"]), text(&mapping["groupName"]));
            facts.mappings.insert(key, text(&mapping["role"]));
        }
        facts
    }
}

/// What writers were told is done, while they go on.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    pub(super) steps: usize,
    pub(super) facts: Facts,
}

/// What writers were told is done. Each writer has names, a group and people of its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Ids by name, and whether they are active.
    pub(super) users: BTreeMap<String, (String, bool)>,
    /// By group.
    pub(super) members: BTreeMap<String, BTreeSet<String>>,
    /// Roles by organization and name of the group.
    pub(super) mappings: BTreeMap<(String, String), String>,
    /// Organizations and users.
    pub(super) direct: BTreeSet<(String, String)>,
}

impl Facts {
    /// Holds what is acknowledged against what an instance tells between two writes: of what was not answered it may
    /// tell more.
    pub(super) fn are_in(&self, told: &Self) {
        for (name, (id, active)) in &self.users {
            let found = told.users.get(name).unwrap_or_else(|| panic!("{name} is lost"));
            assert!(found.0 == *id && (*active || !found.1), "{name}: {id} {active}, but {found:?}");
        }
        for (group, members) in &self.members {
            let lost: Vec<_> = members.difference(&told.members[group]).collect();
            assert!(lost.is_empty(), "{group} lost {lost:?}");
        }
        for (key, role) in &self.mappings {
            assert_eq!(told.mappings.get(key), Some(role), "{key:?}");
        }
    }
}

/// The users that writers make: ids by name, and whether they are active.
async fn own_users(client: &Client) -> BTreeMap<String, (String, bool)> {
    let mut users = BTreeMap::new();
    loop {
        let start = users.len() + 1;
        let path = format!("/Users?filter=userName%20sw%20%22own-%22&startIndex={start}&count=200");
        let page = client.scim(Method::GET, &path, &Value::Null).await.body;
        let row = |user: &Value| (text(&user["userName"]), (text(&user["id"]), user["active"] == true));
        users.extend(list(&page["Resources"]).map(row));
        if page["totalResults"] == users.len() {
            return users;
        }
        assert!(users.len() >= start, "a page without anybody: {page}");
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}
