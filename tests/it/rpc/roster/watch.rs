//! The stream of changes.

use roster::{
    domain::role::OrganizationRole as Given,
    proto::roster::v1::{
        MembershipChange, MembershipChangeKind as Kind, OrganizationRole as Role, WatchMembershipsRequest,
        WatchMembershipsResponse, watch_memberships_response::Event,
    },
};
use tonic::{Code, Streaming};

use super::{organization_named, user_named};
use crate::support::{Calls, Harness, field_of, reason_of};

type Stream = Streaming<WatchMembershipsResponse>;

async fn watch(calls: &Calls, request: WatchMembershipsRequest) -> Stream {
    calls.memberships().watch_memberships(request).await.unwrap().into_inner()
}

fn of_acme() -> WatchMembershipsRequest {
    WatchMembershipsRequest { organization_ref: Some(organization_named("acme")), ..Default::default() }
}

async fn next(stream: &mut Stream) -> (Event, u64) {
    let message = stream.message().await.unwrap().unwrap();
    (message.event.unwrap(), message.revision)
}

/// The next change, and its revision.
async fn change(stream: &mut Stream) -> (MembershipChange, u64) {
    loop {
        match next(stream).await {
            (Event::Change(change), revision) => return (change, revision),
            (Event::Heartbeat(_), _) => {}
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn changes_follow_a_snapshot_and_a_resumption() {
    let server = Harness::start().await;
    let (owner, bob) = (server.person("owner").await, server.person("bob").await);
    let acme = server.organization(&owner, "acme").await;
    server.organization(&bob, "other").await;
    let calls = server.calls_of(&owner);
    let mut stream = watch(&calls, WatchMembershipsRequest { snapshot: true, ..of_acme() }).await;
    let (Event::Snapshot(snapshot), start) = next(&mut stream).await else { panic!("no snapshot") };
    assert!(snapshot.complete && start > 0);
    let members: Vec<_> =
        snapshot.members.iter().map(|member| (member.user_id.clone(), member.role())).collect();
    assert_eq!(members, [(owner.id(), Role::Owner)]);

    server.member(acme, &bob, Given::Member).await;
    let (added, first) = change(&mut stream).await;
    assert_eq!(
        (added.kind(), added.old_role(), added.new_role()),
        (Kind::Added, Role::Unspecified, Role::Member)
    );
    assert_eq!((&added.user_id, added.request_id.as_str()), (&bob.id(), "test"));
    drop(stream);

    let role = roster::services::organization::member::DirectRole {
        organization_id: acme,
        user_id: bob.user.id,
        role: Given::Admin,
    };
    let system = crate::support::system();
    roster::services::organization::member::update(&server.services, &system, role).await.unwrap();
    let remove = roster::services::organization::member::remove(&server.services, &system, acme, bob.user.id);
    remove.await.unwrap();
    let mut again = watch(&calls, WatchMembershipsRequest { after_revision: Some(first), ..of_acme() }).await;
    let (raised, second) = change(&mut again).await;
    let (removed, third) = change(&mut again).await;
    assert!(first < second && second < third);
    assert_eq!(
        (raised.kind(), raised.old_role(), raised.new_role()),
        (Kind::Changed, Role::Member, Role::Admin)
    );
    assert_eq!((removed.kind(), removed.new_role()), (Kind::Removed, Role::Unspecified));
}

#[tokio::test]
async fn one_user_alone_is_watched() {
    let server = Harness::start().await;
    let (owner, ann, bob) =
        (server.person("owner").await, server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&owner, "acme").await;
    let request = WatchMembershipsRequest { user_ref: Some(user_named("bob")), ..Default::default() };
    let mut stream = watch(&server.admin_calls(), request).await;
    assert!(matches!(next(&mut stream).await.0, Event::Heartbeat(_)));
    server.member(acme, &ann, Given::Member).await;
    server.member(acme, &bob, Given::Member).await;
    assert_eq!(change(&mut stream).await.0.user_id, bob.id());
}

#[tokio::test]
async fn what_cannot_be_watched_is_told() {
    let server = Harness::start().await;
    let mut calls = server.admin_calls().memberships();
    let ahead = WatchMembershipsRequest { after_revision: Some(1_000), ..Default::default() };
    let status = calls.watch_memberships(ahead.clone()).await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::FailedPrecondition, "REVISION_UNKNOWN"));
    let both = WatchMembershipsRequest { snapshot: true, ..ahead };
    let status = calls.watch_memberships(both).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "after_revision"));
}

#[tokio::test]
async fn a_stream_ends_with_the_server_or_with_the_membership() {
    let server = Harness::start().await;
    let (owner, bob) = (server.person("owner").await, server.person("bob").await);
    let acme = server.organization(&owner, "acme").await;
    server.member(acme, &bob, Given::Member).await;
    let mut of_bob = watch(&server.calls_of(&bob), of_acme()).await;
    let mut of_owner = watch(&server.calls_of(&owner), of_acme()).await;
    next(&mut of_bob).await;
    next(&mut of_owner).await;
    let system = crate::support::system();
    let remove = roster::services::organization::member::remove(&server.services, &system, acme, bob.user.id);
    remove.await.unwrap();
    assert_eq!(of_bob.message().await.unwrap_err().code(), Code::NotFound);
    assert_eq!(change(&mut of_owner).await.0.kind(), Kind::Removed);
    server.services.stop_watching();
    let status = of_owner.message().await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::Unavailable, "SERVER_STOPPING"));
}
