//! What an IdP does, without the SCIM gateway: use cases under a SCIM token.

use std::collections::BTreeSet;

use roster::{
    domain::{
        actor::Caller,
        id::{IdpGroupId, OrganizationId, ScimTokenId},
        idp_group::{GroupAttributes, MemberChange},
        page::PageRequest,
        scim_token::ClientProfile,
        user::{Person as Pushed, ProvisionedUser, User, UserPush},
    },
    services::{self, idp_group, membership, provisioning, scim_token},
};

use super::{Harness, system};

impl Harness {
    /// A SCIM token that never ends.
    pub(crate) async fn scim_token(&self) -> (ScimTokenId, String) {
        let made = scim_token::create(&self.services, &system(), None, ClientProfile::default()).await;
        let (token, secret) = made.unwrap();
        (token.id, secret.reveal().to_owned())
    }

    async fn scim_caller(&self) -> Caller {
        self.idp.get_or_init(|| super::idp(&self.services)).await.clone()
    }

    /// The IdP pushes a new user.
    pub(crate) async fn push_user(&self, email: &str) -> ProvisionedUser {
        let pushed =
            provisioning::user::create(&self.services, &self.scim_caller().await, &push(email, true)).await;
        pushed.unwrap()
    }

    /// As [`push_user`](Self::push_user), if it may be.
    pub(crate) async fn try_push_user(&self, email: &str) -> Result<User, services::Error> {
        let pushed =
            provisioning::user::create(&self.services, &self.scim_caller().await, &push(email, true)).await;
        Ok(pushed?.user)
    }

    /// The IdP pushes a new user whose e-mail is not the name.
    pub(crate) async fn push_made(&self, name: &str, email: &str) -> User {
        let push = named(name, email, true);
        provisioning::user::create(&self.services, &self.scim_caller().await, &push).await.unwrap().user
    }

    /// The IdP gives a user this name and e-mail.
    pub(crate) async fn push_named(&self, user: &User, name: &str, email: &str) {
        let decide = move |_: &ProvisionedUser| Ok::<_, services::Error>(named(name, email, true));
        provisioning::user::update(&self.services, &self.scim_caller().await, user.scim_id, decide)
            .await
            .unwrap();
    }

    /// The IdP switches a user on or off, and leaves all else.
    pub(crate) async fn push_active_named(&self, user: &User, active: bool) {
        let decide = move |old: &ProvisionedUser| {
            Ok::<_, services::Error>(UserPush { person: old.user.person.clone(), active })
        };
        provisioning::user::update(&self.services, &self.scim_caller().await, user.scim_id, decide)
            .await
            .unwrap();
    }

    /// The names of an organization's members.
    pub(crate) async fn members_of(&self, organization: OrganizationId) -> BTreeSet<String> {
        let page = PageRequest::new(250, "", false).unwrap();
        let listed = membership::list_of_organization(&self.services, &system(), organization, &page).await;
        listed.unwrap().items.into_iter().map(|member| member.user.username).collect()
    }

    /// The IdP switches a user on or off.
    pub(crate) async fn push_active(&self, user: &User, active: bool) {
        let email = user.person.email.clone().unwrap();
        let decide = move |_: &ProvisionedUser| Ok::<_, services::Error>(push(&email, active));
        let caller = self.scim_caller().await;
        provisioning::user::update(&self.services, &caller, user.scim_id, decide).await.unwrap();
    }

    /// The IdP deletes a user.
    pub(crate) async fn push_deleted(&self, user: &User) {
        let check = |_: &User| Ok::<_, services::Error>(());
        let caller = self.scim_caller().await;
        provisioning::user::delete(&self.services, &caller, user.scim_id, check).await.unwrap();
    }

    /// The IdP pushes a group with these members.
    pub(crate) async fn push_group(&self, name: &str, members: &[&User]) -> IdpGroupId {
        let members = members.iter().map(|user| user.scim_id.to_string()).collect();
        let attributes = GroupAttributes {
            display_name: name.to_owned(),
            document: "{}".to_owned(),
            search: "{}".to_owned(),
            ..GroupAttributes::default()
        };
        let members = [MemberChange::Add(members)];
        let made = idp_group::create(&self.services, &self.scim_caller().await, &attributes, &members).await;
        made.unwrap().group.id
    }

    /// The IdP gives a group another name.
    pub(crate) async fn rename_group(&self, group: IdpGroupId, name: &str) {
        let decide = move |old: &roster::domain::idp_group::IdpGroup| {
            Ok::<_, services::Error>(Some(GroupAttributes {
                display_name: name.to_owned(),
                ..old.push.clone()
            }))
        };
        idp_group::update(&self.services, &self.scim_caller().await, group, &[], decide).await.unwrap();
    }

    /// The IdP deletes a group.
    pub(crate) async fn delete_group(&self, group: IdpGroupId) {
        let check = |_: &_| Ok::<_, services::Error>(());
        idp_group::delete(&self.services, &self.scim_caller().await, group, check).await.unwrap();
    }

    /// The IdP empties a group.
    pub(crate) async fn empty_group(&self, group: IdpGroupId) {
        let nobody = [MemberChange::Replace(Vec::new())];
        let same = |_: &_| Ok::<_, services::Error>(None);
        idp_group::update(&self.services, &self.scim_caller().await, group, &nobody, same).await.unwrap();
    }
}

fn named(name: &str, email: &str, active: bool) -> UserPush {
    let UserPush { person, active } = push(email, active);
    UserPush { person: Pushed { user_name: name.to_owned(), ..person }, active }
}

fn push(email: &str, active: bool) -> UserPush {
    let person = Pushed {
        user_name: email.to_owned(),
        email: Some(email.to_owned()),
        document: "{}".to_owned(),
        search: "{}".to_owned(),
        ..Pushed::default()
    };
    UserPush { person, active }
}
