//! The callers, and what they act on.

use roster::domain::role::{OrganizationRole, ServerRole};
use roster::domain::user::UserType;
use roster::proto::buf::alpha::registry::v1alpha1::{AddOrganizationGroupRequest, ListTokensRequest};

use crate::support::{Calls, Harness, Person};

/// How many kinds of callers there are.
pub(super) const CALLERS: usize = 8;

/// The callers, who stay, and what they act on, which is made anew after each change.
pub(super) struct World {
    callers: Vec<Calls>,
    members: Vec<(Person, OrganizationRole)>,
    round: u32,
    pub(super) organization: String,
    pub(super) organization_name: String,
    /// A member of the organization.
    pub(super) target: String,
    pub(super) target_name: String,
    pub(super) target_token: String,
    pub(super) stranger: String,
    pub(super) scim_token: String,
    /// A pushed group.
    pub(super) group: String,
    /// A name that nothing has.
    pub(super) free_name: String,
}

impl World {
    pub(super) async fn new(server: &Harness) -> Self {
        let scim = server.with_token(&server.scim_token().await.1);
        let outsider = server.person("outsider").await;
        let mut members = Vec::new();
        for (name, role) in [
            ("member", OrganizationRole::Member),
            ("writer", OrganizationRole::Machine),
            ("admin", OrganizationRole::Admin),
            ("owner", OrganizationRole::Owner),
        ] {
            members.push((server.person(name).await, role));
        }
        let second_admin = server.account("second-admin", UserType::Personal, ServerRole::Admin).await;
        let mut callers = vec![server.with_authorization(None), scim, server.calls_of(&outsider)];
        callers.extend(members.iter().map(|(person, _)| server.calls_of(person)));
        callers.push(server.calls_of(&second_admin));
        assert_eq!(callers.len(), CALLERS);
        let mut world = Self {
            callers,
            members,
            round: 0,
            organization: String::new(),
            organization_name: String::new(),
            target: String::new(),
            target_name: String::new(),
            target_token: String::new(),
            stranger: outsider.id(),
            scim_token: String::new(),
            group: String::new(),
            free_name: String::new(),
        };
        world.renew(server).await;
        world
    }

    pub(super) fn calls(&self, caller: usize) -> Calls {
        self.callers[caller].clone()
    }

    /// An organization with its members and a mapped group, a user with a token, and a SCIM token.
    pub(super) async fn renew(&mut self, server: &Harness) {
        self.round += 1;
        self.organization_name = format!("acme-{}", self.round);
        self.free_name = format!("free-{}", self.round);
        let (owner, _) = self.members.last().unwrap();
        let organization = server.organization(owner, &self.organization_name).await;
        for (person, role) in &self.members[..3] {
            server.member(organization, person, *role).await;
        }
        self.organization = organization.to_string();
        self.target_name = format!("target-{}", self.round);
        let target = server.person(&self.target_name).await;
        server.member(organization, &target, OrganizationRole::Member).await;
        self.target = target.id();
        self.target_token = token_id(server, &self.target).await;
        self.scim_token = server.scim_token().await.0.to_string();
        self.group = server.push_group(&format!("pushed-{}", self.round), &[]).await.to_string();
        let mapping = AddOrganizationGroupRequest {
            organization_id: self.organization.clone(),
            group_name: "mapped".to_owned(),
            role_override: 0,
        };
        server.admin_calls().organizations().add_organization_group(mapping).await.unwrap();
    }
}

async fn token_id(server: &Harness, user_id: &str) -> String {
    let request = ListTokensRequest { user_id: user_id.to_owned(), ..ListTokensRequest::default() };
    let listed = server.admin_calls().tokens().list_tokens(request).await.unwrap();
    listed.into_inner().tokens[0].id.clone()
}
