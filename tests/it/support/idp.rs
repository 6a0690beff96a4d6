//! What an IdP does, without the SCIM gateway: use cases under a SCIM token.

use roster::{
    domain::{
        actor::Caller,
        id::{IdpGroupId, ScimTokenId},
        idp_group::{GroupAttributes, MemberChange},
        scim_token::ClientProfile,
        user::{Person as Pushed, ProvisionedUser, User, UserPush},
    },
    services::{self, idp_group, provisioning, scim_token},
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
        super::idp(&self.services).await
    }

    /// The IdP pushes a new user.
    pub(crate) async fn push_user(&self, email: &str) -> ProvisionedUser {
        let pushed =
            provisioning::user::create(&self.services, &self.scim_caller().await, &push(email, true)).await;
        pushed.unwrap()
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

    /// The IdP empties a group.
    pub(crate) async fn empty_group(&self, group: IdpGroupId) {
        let nobody = [MemberChange::Replace(Vec::new())];
        let same = |_: &_| Ok::<_, services::Error>(None);
        idp_group::update(&self.services, &self.scim_caller().await, group, &nobody, same).await.unwrap();
    }
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
