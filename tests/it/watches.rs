//! Streams of memberships: how they begin, live and end, by gRPC, gRPC-Web and Connect, on both databases, and beside
//! another instance on the same one.

mod fleet;
mod slow;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use roster::{
    domain::{
        actor::Caller,
        clock::{Clock, ManualClock, SystemClock},
        id::{OrganizationId, TokenId},
        organization::Organization,
        role::{OrganizationRole, ServerRole},
        user::{User, UserType},
    },
    proto::roster::v1::{
        OrganizationRef, WatchMembershipsRequest, organization_ref, watch_memberships_response::Event,
    },
    services::{
        Services, job,
        membership::watch::Terms,
        organization::{self, NewOrganization, member},
        token, user,
    },
    storage::membership,
};
use tonic::Code;

use crate::{
    app::App,
    storage::{Database, on_both_databases},
    support::{
        manual_clock,
        streams::{PROTOCOLS, Stream},
        system,
    },
};

on_both_databases! {
    a_snapshot_is_followed_by_changes;
    nothing_to_tell_is_told_by_heartbeats;
    a_stream_ends_with_its_token_and_its_user;
    a_stream_ends_with_the_right_to_it;
    a_stream_ends_when_its_token_does;
    old_events_are_forgotten_and_nothing_is_skipped_silently;
    a_job_is_done_by_one_instance;
}

/// How long what must come may take.
const SOON: Duration = Duration::from_secs(10);

/// A user who may watch, and how they sign in.
struct Watcher {
    user: User,
    token_id: TokenId,
    secret: String,
}

/// An application with one organization.
struct Place {
    app: App,
    acme: Organization,
}

impl Place {
    async fn new(database: Database, clock: Arc<dyn Clock>, terms: Terms) -> Self {
        let services = Services::new(database.store.clone(), clock).with_watching(terms);
        Self::of(App::of(database, services).await).await
    }

    async fn of(app: App) -> Self {
        let new = NewOrganization { name: "acme".to_owned(), ..NewOrganization::default() };
        let acme =
            organization::create(&app.services, &app.admin_caller().await, &[new]).await.unwrap().remove(0);
        Self { app, acme }
    }

    async fn usual(database: Database) -> Self {
        Self::new(database, Arc::new(SystemClock), Terms::default()).await
    }

    async fn user(&self, name: &str, server_role: ServerRole) -> User {
        let new = user::NewUser {
            username: name.to_owned(),
            email: None,
            user_type: UserType::Personal,
            server_role,
        };
        user::create(&self.app.services, &system(), &new).await.unwrap()
    }

    /// A member of the organization.
    async fn watcher(&self, name: &str) -> Watcher {
        let user = self.user(name, ServerRole::Member).await;
        self.give(&user, OrganizationRole::Member).await;
        self.sign_in(user, None).await
    }

    async fn sign_in(&self, user: User, lifetime: Option<Duration>) -> Watcher {
        let services = &self.app.services;
        let expire_time = lifetime.map(|lifetime| services.now().plus(lifetime));
        let new = token::NewToken { note: "watch".to_owned(), expire_time, user_id: Some(user.id) };
        let (made, secret) = token::create(services, &system(), &new).await.unwrap();
        Watcher { user, token_id: made.id, secret: secret.reveal().to_owned() }
    }

    async fn give(&self, user: &User, role: OrganizationRole) {
        give(&self.app.services, self.acme.id, user, role).await;
    }

    /// Streams by each protocol, each of which has begun.
    async fn watch(&self, secret: &str, wish: &WatchMembershipsRequest) -> Vec<Stream> {
        watch(&self.app.url, secret, wish).await
    }
}

async fn give(services: &Services, organization_id: OrganizationId, user: &User, role: OrganizationRole) {
    let direct = member::DirectRole { organization_id, user_id: user.id, role };
    member::add(services, &system(), direct).await.unwrap();
}

async fn watch(url: &str, secret: &str, wish: &WatchMembershipsRequest) -> Vec<Stream> {
    let mut streams = Vec::new();
    for protocol in PROTOCOLS {
        let mut stream = Stream::open(protocol, url, secret, wish).await.unwrap();
        stream.next().await.unwrap();
        streams.push(stream);
    }
    streams
}

fn of_acme() -> WatchMembershipsRequest {
    let name = organization_ref::Value::Name("acme".to_owned());
    WatchMembershipsRequest {
        organization_ref: Some(OrganizationRef { value: Some(name) }),
        ..WatchMembershipsRequest::default()
    }
}

/// All streams end so, in time.
async fn all_end(streams: Vec<Stream>, code: Code, reason: &str) {
    for mut stream in streams {
        let ending = tokio::time::timeout(SOON, stream.ending()).await.expect("an end in time");
        assert_eq!(ending, (code, reason.to_owned()));
    }
}

async fn a_snapshot_is_followed_by_changes(database: Database) {
    let place = Place::usual(database).await;
    let ann = place.user("ann", ServerRole::Member).await;
    let wish = WatchMembershipsRequest { snapshot: true, ..of_acme() };
    let mut streams = Vec::new();
    for protocol in PROTOCOLS {
        let mut stream = Stream::open(protocol, &place.app.url, &place.app.admin_token, &wish).await.unwrap();
        let first = stream.next().await.unwrap();
        let Some(Event::Snapshot(snapshot)) = first.event else { panic!("{protocol:?}: {first:?}") };
        assert!(snapshot.complete && snapshot.members.len() == 1 && first.revision > 0, "{protocol:?}");
        streams.push(stream);
    }
    place.give(&ann, OrganizationRole::Admin).await;
    for stream in &mut streams {
        let (change, revision) = stream.change().await.unwrap();
        assert_eq!(change.user_id, ann.id.to_string());
        assert_eq!(revision, membership::revision(place.app.store().reader()).await.unwrap());
    }
}

async fn nothing_to_tell_is_told_by_heartbeats(database: Database) {
    let terms = Terms { heartbeat: Duration::from_millis(100), ..Terms::default() };
    let place = Place::new(database, Arc::new(SystemClock), terms).await;
    for protocol in PROTOCOLS {
        let mut stream =
            Stream::open(protocol, &place.app.url, &place.app.admin_token, &of_acme()).await.unwrap();
        let began = Instant::now();
        for _ in 0..4 {
            let message = stream.next().await.unwrap();
            assert!(
                matches!(message.event, Some(Event::Heartbeat(_))) && message.revision > 0,
                "{message:?}"
            );
        }
        // the first comes at once
        assert!(began.elapsed() >= Duration::from_millis(200), "{protocol:?}: they come in their time");
    }
}

async fn a_stream_ends_with_its_token_and_its_user(database: Database) {
    let place = Place::usual(database).await;
    let services = &place.app.services;
    let (ann, bob) = (place.watcher("ann").await, place.watcher("bob").await);
    let (of_ann, of_bob) =
        (place.watch(&ann.secret, &of_acme()).await, place.watch(&bob.secret, &of_acme()).await);
    token::delete(services, &system(), ann.token_id).await.unwrap();
    all_end(of_ann, Code::Unauthenticated, "TOKEN_INVALID").await;
    user::deactivate(services, &system(), bob.user.id).await.unwrap();
    all_end(of_bob, Code::Unauthenticated, "TOKEN_INVALID").await;
}

async fn a_stream_ends_with_the_right_to_it(database: Database) {
    let place = Place::usual(database).await;
    let services = &place.app.services;
    let ann = place.watcher("ann").await;
    let boss = place.user("boss", ServerRole::Admin).await;
    let boss = place.sign_in(boss, None).await;
    let of_ann = place.watch(&ann.secret, &of_acme()).await;
    let of_all = place.watch(&boss.secret, &WatchMembershipsRequest::default()).await;
    let of_boss = place.watch(&boss.secret, &of_acme()).await;
    member::remove(services, &system(), place.acme.id, ann.user.id).await.unwrap();
    all_end(of_ann, Code::NotFound, "NOT_FOUND").await;
    user::update_server_role(services, &system(), boss.user.id, ServerRole::Member).await.unwrap();
    all_end(of_all, Code::PermissionDenied, "SERVER_ADMIN_REQUIRED").await;
    all_end(of_boss, Code::NotFound, "NOT_FOUND").await;
    let of_admin = place.watch(&place.app.admin_token, &of_acme()).await;
    organization::delete(services, &system(), &[user::Ref::Id(place.acme.id)]).await.unwrap();
    all_end(of_admin, Code::NotFound, "NOT_FOUND").await;
}

async fn a_stream_ends_when_its_token_does(database: Database) {
    let clock: Arc<ManualClock> = manual_clock();
    let place = Place::new(database, clock.clone(), Terms::default()).await;
    let ann = place.watcher("ann").await;
    let short = place.sign_in(ann.user.clone(), Some(Duration::from_mins(1))).await;
    let (of_short, of_long) =
        (place.watch(&short.secret, &of_acme()).await, place.watch(&ann.secret, &of_acme()).await);
    clock.advance(Duration::from_secs(61));
    all_end(of_short, Code::Unauthenticated, "TOKEN_INVALID").await;
    let bob = place.user("bob", ServerRole::Member).await;
    place.give(&bob, OrganizationRole::Member).await;
    for mut stream in of_long {
        assert_eq!(stream.change().await.unwrap().0.user_id, bob.id.to_string(), "the other token lives");
    }
}

async fn old_events_are_forgotten_and_nothing_is_skipped_silently(database: Database) {
    let clock = manual_clock();
    let terms = Terms { keep_events: Duration::from_hours(1), ..Terms::default() };
    let place = Place::new(database, clock.clone(), terms).await;
    let (services, store) = (&place.app.services, place.app.store().clone());
    let revision = async || membership::revision(store.reader()).await.unwrap();
    let start = revision().await;
    let ann = place.user("ann", ServerRole::Member).await;
    place.give(&ann, OrganizationRole::Member).await;
    let old = revision().await;
    clock.advance(Duration::from_mins(50));
    let bob = place.user("bob", ServerRole::Member).await;
    place.give(&bob, OrganizationRole::Member).await;
    clock.advance(Duration::from_secs(1_000));
    assert!(job::run_due(services).await.unwrap().contains(&job::Job::ForgetEvents));
    assert_eq!(membership::horizon(store.reader()).await.unwrap(), old);
    for protocol in PROTOCOLS {
        let resume = |after| WatchMembershipsRequest { after_revision: Some(after), ..of_acme() };
        let open = async |after| {
            Stream::open(protocol, &place.app.url, &place.app.admin_token, &resume(after)).await
        };
        let refused = match open(start).await {
            Ok(mut stream) => stream.ending().await,
            Err(ending) => ending,
        };
        assert_eq!(refused, (Code::OutOfRange, "REVISION_FORGOTTEN".to_owned()));
        assert_eq!(open(old).await.unwrap().change().await.unwrap().0.user_id, bob.id.to_string());
    }
    // the last event stays, however old it is: it tells the revision
    let last = revision().await;
    clock.advance(Duration::from_secs(100_000));
    job::run_due(services).await.unwrap();
    assert_eq!((revision().await, membership::horizon(store.reader()).await.unwrap()), (last, old));
}

async fn a_job_is_done_by_one_instance(database: Database) {
    let clock = manual_clock();
    let instance = async || {
        let store = roster::storage::Store::open(&database.url).await.unwrap();
        Services::new(store, clock.clone())
    };
    let all = [instance().await, instance().await, instance().await];
    for _ in 0..3 {
        let (a, b, c) = tokio::join!(job::run_due(&all[0]), job::run_due(&all[1]), job::run_due(&all[2]));
        let done: Vec<_> = [a, b, c].into_iter().flat_map(Result::unwrap).collect();
        let times = |job| done.iter().filter(|done| **done == job).count();
        assert_eq!([job::Job::ForgetEvents, job::Job::PruneRequests].map(times), [1, 1]);
        assert!(job::run_due(&all[0]).await.unwrap().is_empty(), "not before it is due again");
        clock.advance(Duration::from_hours(1));
    }
}
