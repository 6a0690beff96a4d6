//! What a process remembers of the database never outlives a change: made here it counts at once, made elsewhere
//! within a second.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use roster::{
    domain::{
        clock::SystemClock,
        id::{OrganizationId, UserId},
        role::{OrganizationRole, ServerRole},
        user::UserType,
    },
    services::{
        Services,
        membership::{self, Question},
        organization::{self, NewOrganization, member::DirectRole},
        token::{self, NewToken},
        user::{self, NewUser, Ref},
    },
    storage::Store,
};

use crate::{
    storage::{Database, on_both_databases},
    support::{signed_in, system},
};

on_both_databases! {
    a_token_deleted_here_is_refused_at_once;
    a_token_deleted_elsewhere_is_refused_within_a_second;
    a_role_changed_here_counts_at_once;
    a_role_changed_elsewhere_counts_within_a_second;
}

/// Longer than it takes until answers are remembered.
const A_WHILE: Duration = Duration::from_millis(300);

/// Two processes on one database, of which the first remembers.
struct Two {
    here: Services,
    elsewhere: Services,
    user: UserId,
    organization: OrganizationId,
}

impl Two {
    async fn new(db: &Database) -> Self {
        let here = Services::new(db.store.clone(), Arc::new(SystemClock));
        let elsewhere = Services::new(Store::open(&db.url).await.unwrap(), Arc::new(SystemClock));
        tokio::spawn(here.clone().look_for_changes());
        let new = NewUser {
            username: "ann".to_owned(),
            email: None,
            user_type: UserType::Personal,
            server_role: ServerRole::Member,
        };
        let user = user::create(&here, &system(), &new).await.unwrap().id;
        let new = NewUser { username: "owner".to_owned(), ..new };
        let owner = user::create(&here, &system(), &new).await.unwrap();
        let owner = signed_in(&here, owner.id).await;
        let new = NewOrganization { name: "acme".to_owned(), ..NewOrganization::default() };
        let organization = organization::create(&here, &owner, &[new]).await.unwrap()[0].id;
        let role =
            DirectRole { organization_id: organization, user_id: user, role: OrganizationRole::Member };
        organization::member::add(&here, &system(), role).await.unwrap();
        Self { here, elsewhere, user, organization }
    }

    async fn role(&self) -> Option<OrganizationRole> {
        let question =
            Question { user: Ref::Id(self.user), organization: Ref::Name("acme".to_owned()), least: None };
        membership::ask(&self.here, &system(), &[question]).await.unwrap().decisions[0].role
    }

    async fn make_admin(&self, services: &Services) {
        let role = OrganizationRole::Admin;
        let role = DirectRole { organization_id: self.organization, user_id: self.user, role };
        organization::member::update(services, &system(), role).await.unwrap();
    }
}

/// Asks again and again for a while, so that the answer is remembered.
async fn often<F: Future<Output = bool>>(ask: impl Fn() -> F) {
    let started = Instant::now();
    while started.elapsed() < A_WHILE {
        assert!(ask().await);
        tokio::task::yield_now().await;
    }
}

/// Asks until the answer is yes, which it is within a second.
async fn soon<F: Future<Output = bool>>(ask: impl Fn() -> F) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < Duration::from_secs(1), "the old answer lived on");
        tokio::task::yield_now().await;
    }
}

async fn new_token(two: &Two) -> (roster::domain::token::Token, String) {
    let new = NewToken { user_id: Some(two.user), ..NewToken::default() };
    let (token, secret) = token::create(&two.here, &system(), &new).await.unwrap();
    (token, secret.reveal().to_owned())
}

async fn a_token_deleted_here_is_refused_at_once(db: Database) {
    let two = Two::new(&db).await;
    let (token, secret) = new_token(&two).await;
    let gets_in = || async { token::authenticate(&two.here, &secret).await.is_ok() };
    often(gets_in).await;
    token::delete(&two.here, &system(), token.id).await.unwrap();
    assert!(!gets_in().await);
}

async fn a_token_deleted_elsewhere_is_refused_within_a_second(db: Database) {
    let two = Two::new(&db).await;
    let (token, secret) = new_token(&two).await;
    let gets_in = || async { token::authenticate(&two.here, &secret).await.is_ok() };
    often(gets_in).await;
    token::delete(&two.elsewhere, &system(), token.id).await.unwrap();
    soon(|| async { !gets_in().await }).await;
}

async fn a_role_changed_here_counts_at_once(db: Database) {
    let two = Two::new(&db).await;
    often(|| async { two.role().await == Some(OrganizationRole::Member) }).await;
    two.make_admin(&two.here).await;
    assert_eq!(two.role().await, Some(OrganizationRole::Admin));
}

async fn a_role_changed_elsewhere_counts_within_a_second(db: Database) {
    let two = Two::new(&db).await;
    often(|| async { two.role().await == Some(OrganizationRole::Member) }).await;
    two.make_admin(&two.elsewhere).await;
    soon(|| async { two.role().await == Some(OrganizationRole::Admin) }).await;
}
