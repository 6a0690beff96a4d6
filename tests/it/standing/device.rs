//! The device login: a code or a ticket gives nothing after the access by which it was seen is gone, even if it comes back.

use std::{sync::Arc, time::Duration};

use roster::{
    domain::{
        clock::ManualClock,
        device_grant::{DeviceGrant, Poll},
        page::PageRequest,
        role::ServerRole,
        user::{User, UserPatch, UserState, UserType},
    },
    services::{
        Error, Kind, Services,
        device_grant::{self, Decision, Polled, Review, Visitor},
        token, user,
    },
};

use super::Between;
use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person, manual_clock, signed_in, system},
};

/// How access ends; after each but the last two, the user can sign in again in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    TypedTokenDeleted,
    AllTokensDeleted,
    TypedTokenExpired,
    OffAndOn,
    OffAndOnByIdp,
    DeletedAndPushedAgain,
    Deactivated,
    Deleted,
}

const ENDS: [End; 8] = [
    End::TypedTokenDeleted,
    End::AllTokensDeleted,
    End::TypedTokenExpired,
    End::OffAndOn,
    End::OffAndOnByIdp,
    End::DeletedAndPushedAgain,
    End::Deactivated,
    End::Deleted,
];

/// How long the typed token lives: shorter than a code.
const LIFETIME: Duration = Duration::from_mins(5);

struct World {
    server: Harness,
    /// The same use cases without what happens between.
    services: Services,
    clock: Arc<ManualClock>,
    visitor: Visitor,
}

/// A device, as it polls.
struct Device {
    grant: DeviceGrant,
    code: String,
}

impl World {
    async fn new(database: Database, between: &Between) -> Self {
        let clock = manual_clock();
        let services = Services::new(database.store.clone(), clock.clone());
        let server = Harness::between(database, clock.clone(), between.interlude()).await;
        let visitor = Visitor { request_id: "test".to_owned(), address: None, user_agent: None };
        Self { server, services, clock, visitor }
    }

    async fn device(&self) -> Device {
        let client = device_grant::register(&self.services, &self.visitor, "x").await.unwrap();
        let (grant, code) = device_grant::begin(&self.services, &self.visitor, client.id).await.unwrap();
        Device { grant, code: code.reveal().to_owned() }
    }

    async fn review(&self, device: &Device, secret: &str) -> Result<Review, Error> {
        let code = device.grant.user_code.to_string();
        device_grant::review(&self.server.services, &self.visitor, &code, secret).await
    }

    async fn decide(&self, device: &Device, review: &Review, decision: Decision) -> Result<(), Error> {
        let (code, ticket) = (device.grant.user_code.to_string(), review.ticket.reveal());
        let decided =
            device_grant::decide(&self.server.services, &self.visitor, &code, ticket, decision).await;
        decided.map(drop)
    }

    async fn poll(&self, device: &Device) -> Polled {
        self.clock.advance(Duration::from_secs(5));
        let polled =
            device_grant::poll(&self.server.services, &self.visitor, device.grant.client_id, &device.code);
        polled.await.unwrap()
    }

    /// A pushed person with a token of some minutes.
    async fn person(&self, name: &str) -> Person {
        let user = self.server.push_user(&format!("{name}@example.com")).await.user;
        let token = self.server.token_of(user.id, Some(LIFETIME)).await;
        Person { user, token }
    }

    async fn end(&self, end: End, person: &Person) {
        let (services, by, id) = (&self.services, &system(), person.user.id);
        match end {
            End::TypedTokenDeleted => {
                let (_, token) = token::authenticate(services, &person.token).await.unwrap();
                token::delete(services, by, token.id).await.unwrap();
            }
            End::AllTokensDeleted => {
                let page = PageRequest::new(100, "", false).unwrap();
                let all = token::list(services, by, Some(id), &page).await.unwrap();
                for token in all.items {
                    token::delete(services, by, token.id).await.unwrap();
                }
            }
            End::TypedTokenExpired => self.clock.advance(LIFETIME),
            End::OffAndOn => {
                user::deactivate(services, by, id).await.unwrap();
                let patch = UserPatch { state: Some(UserState::Active), ..UserPatch::default() };
                user::update(services, by, &[(user::Ref::Id(id), patch)]).await.unwrap();
            }
            End::OffAndOnByIdp => {
                self.server.push_active(&person.user, false).await;
                self.server.push_active(&person.user, true).await;
            }
            End::DeletedAndPushedAgain => {
                self.server.push_deleted(&person.user).await;
                let email = person.user.person.email.clone().unwrap();
                assert_eq!(self.server.push_user(&email).await.user.id, id, "the account comes back");
            }
            End::Deactivated => user::deactivate(services, by, id).await.unwrap(),
            End::Deleted => {
                user::force_delete(services, by, id).await.unwrap();
            }
        }
    }
}

fn is_refused<T>(done: Result<T, Error>) -> bool {
    matches!(done, Err(error) if error.kind == Kind::Unauthenticated)
}

async fn nothing_is_left_of_a_login_when_access_ends(database: Database) {
    let world = World::new(database, &Between::default()).await;
    for (round, end) in ENDS.into_iter().enumerate() {
        let ann = world.person(&format!("ann{round}")).await;
        let (approved, looked) = (world.device().await, world.device().await);
        let review = world.review(&approved, &ann.token).await.unwrap();
        world.decide(&approved, &review, Decision::Approve).await.unwrap();
        let review = world.review(&looked, &ann.token).await.unwrap();
        world.end(end, &ann).await;
        for decision in [Decision::Approve, Decision::Deny] {
            let decided = world.decide(&looked, &review, decision).await;
            assert!(is_refused(decided), "{end:?} {decision:?}");
        }
        for _ in 0..2 {
            assert_eq!(
                world.poll(&approved).await,
                Polled::Refused(Poll::Denied),
                "{end:?}: and that is final"
            );
        }
        assert_eq!(world.poll(&looked).await, Polled::Refused(Poll::Pending), "{end:?}");
        if !matches!(end, End::Deactivated | End::Deleted) {
            // with a token of now the same code can be looked at, and approved
            let token = world.server.token_of(ann.user.id, None).await;
            let review = world.review(&looked, &token).await.unwrap();
            world.decide(&looked, &review, Decision::Approve).await.unwrap();
            assert!(matches!(world.poll(&looked).await, Polled::Granted(..)), "{end:?}");
            assert_eq!(world.poll(&approved).await, Polled::Refused(Poll::Denied), "{end:?}");
        }
    }
}

/// The same, with the end between the look at the request and its transaction.
async fn a_login_in_flight_gives_nothing_when_access_ends(database: Database) {
    let between = Between::default();
    let store = database.store.clone();
    let world = World::new(database, &between).await;
    for step in 0..3 {
        let ann = world.server.account(&format!("ann{step}"), UserType::Personal, ServerRole::Member).await;
        let device = world.device().await;
        let mut review = None;
        if step > 0 {
            review = Some(world.review(&device, &ann.token).await.unwrap());
        }
        if step > 1 {
            world.decide(&device, review.as_ref().unwrap(), Decision::Approve).await.unwrap();
        }
        let (services, id) = (world.services.clone(), ann.user.id);
        let afterwards = between.put(&store, move || async move {
            user::deactivate(&services, &system(), id).await.unwrap();
        });
        match step {
            0 => assert!(is_refused(world.review(&device, &ann.token).await)),
            1 => {
                assert!(is_refused(world.decide(&device, review.as_ref().unwrap(), Decision::Approve).await));
            }
            _ => assert_eq!(world.poll(&device).await, Polled::Refused(Poll::Denied)),
        }
        assert!(afterwards.nothing_came(&store).await, "{step}");
    }
}

/// Whoever has two tokens and loses the one that was not typed keeps the login.
async fn another_token_does_not_matter(database: Database) {
    let world = World::new(database, &Between::default()).await;
    let ann: User = world.server.person("ann").await.user;
    let typed = world.server.token_of(ann.id, None).await;
    let device = world.device().await;
    let review = world.review(&device, &typed).await.unwrap();
    let other = signed_in(&world.services, ann.id).await;
    let page = PageRequest::new(100, "", false).unwrap();
    let (_, kept) = token::authenticate(&world.services, &typed).await.unwrap();
    for token in token::list(&world.services, &other, None, &page).await.unwrap().items {
        if token.id != kept.id {
            token::delete(&world.services, &system(), token.id).await.unwrap();
        }
    }
    world.decide(&device, &review, Decision::Approve).await.unwrap();
    assert!(matches!(world.poll(&device).await, Polled::Granted(..)));
}

on_both_databases! {
    nothing_is_left_of_a_login_when_access_ends;
    a_login_in_flight_gives_nothing_when_access_ends;
    another_token_does_not_matter;
}
