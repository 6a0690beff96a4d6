//! How a standby follows: reads that wait for a revision, streams, and rights that are taken away on the primary.

use std::time::{Duration, Instant};

use roster::{
    domain::{id::OrganizationId, role::OrganizationRole},
    proto::roster::v1::{CheckMembershipRequest, WatchMembershipsRequest},
    services::{Services, organization::member, scim_token, token, user},
    storage::membership,
};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tonic::Code;

use super::Pair;
use crate::support::{
    Harness, Person, reason_of,
    streams::{PROTOCOLS, Stream},
    system,
};

/// Within this time a change of the primary must be known, and what a loaded machine may take beside.
const WITHIN: Duration = Duration::from_secs(1 + 4);
/// Longer than it takes until answers are remembered.
const A_WHILE: Duration = Duration::from_millis(300);

const CHECK: &str = "roster.v1.MembershipService/CheckMembership";

/// Whether bob is in acme, by a server that has at least this revision.
async fn is_member(server: &Harness, revision: u64) -> bool {
    let request = json!({
        "userRef": {"name": "bob"}, "organizationRef": {"name": "acme"}, "minRevision": revision.to_string(),
    });
    server.ask_admin(CHECK, request).await.unwrap()["decision"]["isMember"] == true
}

#[tokio::test]
async fn a_read_waits_until_the_standby_has_the_revision_that_it_names() {
    let pair = Pair::new().await;
    let (ann, bob) = (pair.primary.person("ann").await, pair.primary.person("bob").await);
    let acme = pair.primary.organization(&ann, "acme").await;
    pair.follow().await;
    let store = pair.primary.app.store();
    let now = membership::revision(store.reader()).await.unwrap();
    // asked before it is there
    let (is_there, ()) = tokio::join!(
        is_member(&pair.standby, now + 1),
        pair.primary.member(acme, &bob, OrganizationRole::Member)
    );
    assert!(is_there);
    // asked as soon as it is written, again and again
    for _ in 0..20 {
        out(&pair, acme, &bob).await;
        assert!(!is_member(&pair.standby, membership::revision(store.reader()).await.unwrap()).await);
        pair.primary.member(acme, &bob, OrganizationRole::Member).await;
        assert!(is_member(&pair.standby, membership::revision(store.reader()).await.unwrap()).await);
    }
    let request = CheckMembershipRequest { min_revision: 1_000, ..CheckMembershipRequest::default() };
    let late = pair.standby.admin_calls().memberships().check_membership(request).await.unwrap_err();
    assert_eq!((late.code(), reason_of(&late).as_str()), (Code::Unavailable, "REVISION_NOT_REACHED"));
}

/// Takes a member out, on the primary.
async fn out(pair: &Pair, organization: OrganizationId, who: &Person) {
    member::remove(&pair.primary.services, &system(), organization, who.user.id).await.unwrap();
}

#[tokio::test]
async fn a_stream_on_a_standby_tells_what_the_primary_did() {
    let pair = Pair::new().await;
    let (ann, bob) = (pair.primary.person("ann").await, pair.primary.person("bob").await);
    let acme = pair.primary.organization(&ann, "acme").await;
    pair.follow().await;
    let wish = WatchMembershipsRequest::default();
    for protocol in PROTOCOLS {
        let url = &pair.standby.app.url;
        let mut stream = Stream::open(protocol, url, &pair.standby.admin.token, &wish).await.unwrap();
        stream.next().await.unwrap();
        let began = Instant::now();
        pair.primary.member(acme, &bob, OrganizationRole::Member).await;
        let (change, revision) = stream.change().await.unwrap();
        assert!(began.elapsed() < WITHIN, "{protocol:?}: {:?}", began.elapsed());
        assert_eq!(change.user_id, bob.id());
        assert_eq!(
            revision,
            membership::revision(pair.primary.app.store().reader()).await.unwrap(),
            "{protocol:?}"
        );
        out(&pair, acme, &bob).await;
        stream.change().await.unwrap();
    }
}

/// Asks until the token opens nothing any more.
async fn is_refused(services: &Services, secret: &str) {
    let began = Instant::now();
    while token::authenticate(services, secret).await.is_ok() {
        assert!(began.elapsed() < WITHIN, "the token still opens");
    }
}

/// Asks for longer than it takes until the answer is remembered.
async fn is_remembered(services: &Services, secret: &str) {
    let began = Instant::now();
    while began.elapsed() < A_WHILE {
        token::authenticate(services, secret).await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_is_locked_out_on_the_primary_is_refused_on_the_standby() {
    let pair = Pair::new().await;
    let (ann, bob) = (pair.primary.person("ann").await, pair.primary.person("bob").await);
    let (id, scim) = pair.primary.scim_token().await;
    pair.follow().await;
    let services = &pair.standby.services;
    for secret in [&ann.token, &bob.token] {
        is_remembered(services, secret).await;
    }
    scim_token::authenticate(services, &scim).await.unwrap();

    let (_, token) = token::authenticate(&pair.primary.services, &ann.token).await.unwrap();
    token::delete(&pair.primary.services, &system(), token.id).await.unwrap();
    is_refused(services, &ann.token).await;
    user::deactivate(&pair.primary.services, &system(), bob.user.id).await.unwrap();
    is_refused(services, &bob.token).await;
    scim_token::delete(&pair.primary.services, &system(), id).await.unwrap();
    let began = Instant::now();
    while scim_token::authenticate(services, &scim).await.is_ok() {
        assert!(began.elapsed() < WITHIN, "the SCIM token still opens");
    }
}

/// On a standby the text of `pg_current_snapshot()` stays the same when a transaction ends that is neither the oldest nor
/// the youngest.
#[tokio::test]
async fn no_commit_of_the_primary_is_missed_beside_an_older_transaction() {
    let pair = Pair::new().await;
    let ann = pair.primary.person("ann").await;
    let url = &pair.primary.app.database().url;
    let (mut oldest, mut middle) =
        (PgConnection::connect(url).await.unwrap(), PgConnection::connect(url).await.unwrap());
    let number = "SELECT pg_current_xact_id()::text";
    let mut first = oldest.begin().await.unwrap();
    sqlx::query(number).execute(&mut *first).await.unwrap();
    let mut second = middle.begin().await.unwrap();
    sqlx::query("DELETE FROM token WHERE user_id = $1::uuid")
        .bind(ann.id())
        .execute(&mut *second)
        .await
        .unwrap();
    // the youngest
    pair.primary.person("bob").await;
    pair.follow().await;
    let (services, store) = (&pair.standby.services, pair.standby.app.store());
    is_remembered(services, &ann.token).await;
    let before = store.fingerprint().await.unwrap();
    second.commit().await.unwrap();
    pair.follow().await;
    assert_ne!(store.fingerprint().await.unwrap(), before);
    is_refused(services, &ann.token).await;
    first.rollback().await.unwrap();
}
