//! A reader that does not read: whatever it speaks, its stream ends in time, and only what fits the buffers of the
//! transport was kept for it.

mod socket;

use roster::{
    domain::{
        idp_group::{GroupAttributes, MemberChange},
        user::{Person, UserPush},
    },
    proto::roster::v1::{
        WatchMembershipsRequest, WatchMembershipsResponse, membership_service_client::MembershipServiceClient,
    },
    services::{
        idp_group,
        membership::watch::{Told, Watch, Wish},
        organization_group::{self, RoleChange},
        provisioning,
    },
};
use tokio::time::timeout;
use tonic::{Request, Streaming, transport::Channel};

use self::socket::Socket;
use super::{
    App, Arc, Caller, Code, Database, Duration, Instant, OrganizationRole, Place, Services, SystemClock,
    Terms, membership, on_both_databases, system,
};
use crate::support::{
    folded::{Folded, table},
    idp, reason_of,
    streams::{Protocol, Stream},
};

on_both_databases! {
    a_reader_that_does_not_read_is_cut_off;
    a_stream_of_http_2_that_is_not_read_ends;
    a_stream_of_http_1_that_is_not_read_ends;
    a_connection_that_takes_nothing_ends;
}

/// How long a reader may take for one message.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long anything may take on a machine that runs other tests.
const LONG: Duration = Duration::from_mins(1);
/// Members whose roles change at once.
const CROWD: usize = 200;

fn terms(patience: Duration) -> Terms {
    Terms { patience, ..Terms::default() }
}

/// A place where many are members through one group.
async fn crowded(database: Database, patience: Duration, write: Duration) -> Place {
    let services =
        Services::new(database.store.clone(), Arc::new(SystemClock)).with_watching(terms(patience));
    let place = Place::of(App::on_a_thin_line(database, services, write).await).await;
    let services = &place.app.services;
    let idp = idp(services).await;
    let mut members = Vec::new();
    for n in 0..CROWD {
        let person = Person { user_name: format!("user{n}"), ..Person::default() };
        let push = UserPush { person, active: true };
        members
            .push(provisioning::user::create(services, &idp, &push).await.unwrap().user.scim_id.to_string());
    }
    let attributes = GroupAttributes { display_name: "everyone".to_owned(), ..GroupAttributes::default() };
    idp_group::create(services, &idp, &attributes, &[MemberChange::Add(members)]).await.unwrap();
    organization_group::add(services, &system(), place.acme.id, "everyone", None).await.unwrap();
    place
}

/// Changes the roles of all, again and again, until nobody is watching; tells how many changes that were.
async fn stir(place: &Place) -> usize {
    let (services, began, mut changes) = (&place.app.services, Instant::now(), 0);
    let mut roles = [OrganizationRole::Admin, OrganizationRole::Member].into_iter().cycle();
    while services.figures().watch_readers > 0 {
        assert!(began.elapsed() < LONG, "the stream is still served after {changes} changes");
        let change = RoleChange::Set(roles.next().unwrap());
        organization_group::update(services, &system(), place.acme.id, "everyone", change).await.unwrap();
        changes += CROWD;
    }
    changes
}

/// Goes on from where `folded` is, and again when it was too slow, until it is the table.
async fn catch_up(place: &Place, mut folded: Folded) {
    let store = place.app.store();
    let (end, began) = (membership::revision(store.reader()).await.unwrap(), Instant::now());
    while !folded.has_reached(end) {
        assert!(began.elapsed() < LONG, "{:?} of {end}", folded.revision);
        let wish = folded.wish();
        let mut stream =
            Stream::open(Protocol::Grpc, &place.app.url, &place.app.admin_token, &wish).await.unwrap();
        while !folded.has_reached(end) {
            match timeout(LONG, stream.next()).await.expect("a message in time") {
                Ok(message) => folded.take(message),
                Err(ending) => {
                    assert_eq!(ending, slow_reader());
                    break;
                }
            }
        }
    }
    assert_eq!(folded.roles, table(store).await);
}

fn slow_reader() -> (Code, String) {
    (Code::ResourceExhausted, "SLOW_READER".to_owned())
}

fn everything() -> WatchMembershipsRequest {
    WatchMembershipsRequest { snapshot: true, ..WatchMembershipsRequest::default() }
}

async fn a_reader_that_does_not_read_is_cut_off(database: Database) {
    let place = crowded(database, PATIENCE, LONG).await;
    let services = &place.app.services;
    let open = async |wish| Watch::open(services, Caller::system("test"), wish).await.unwrap().feed();
    let start = membership::revision(place.app.store().reader()).await.unwrap();
    let mut feed = open(Wish::default()).await;
    assert_eq!(services.figures().watch_readers, 1);
    stir(&place).await;
    // one was waiting for it, and nothing else
    assert_eq!(feed.next().await.unwrap(), Told::Heartbeat(start));
    assert_eq!(feed.next().await.unwrap_err().reason.word(), "SLOW_READER");
    // and it goes on where it stopped
    let mut feed = open(Wish { after: Some(start), ..Wish::default() }).await;
    assert_eq!(feed.next().await.unwrap(), Told::Heartbeat(start));
    let Ok(Told::Change(next)) = feed.next().await else { panic!("no change") };
    assert_eq!(next.revision, start + 1);
    // who goes is not waited for
    drop(feed);
    let gone = async {
        while services.figures().watch_readers > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, gone).await.expect("the end of a stream whose reader went");
}

/// By HTTP/2, with a window that has room for a message or two; the connection goes on.
async fn a_stream_of_http_2_that_is_not_read_ends(database: Database) {
    let place = crowded(database, PATIENCE, LONG).await;
    let mut stream = with_a_small_window(&place, 500).await;
    let changes = stir(&place).await;
    let mut folded = Folded::default();
    let status = loop {
        match timeout(LONG, stream.message()).await.expect("a message in time") {
            Ok(message) => folded.take(message.expect("an end with an error")),
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason_of(&status)), slow_reader());
    // tonic fills a frame of 32 KiB, and one message waits behind it
    assert!(folded.changes < 500 && changes >= 2 * CROWD, "{} of {changes} were kept", folded.changes);
    catch_up(&place, folded).await;
}

/// A stream of everything that takes `window` bytes at a time (RFC 9113 §5.2).
async fn with_a_small_window(place: &Place, window: u32) -> Streaming<WatchMembershipsResponse> {
    let channel = Channel::from_shared(place.app.url.clone()).unwrap().initial_stream_window_size(window);
    let mut request = Request::new(everything());
    let token = format!("Bearer {}", place.app.admin_token).parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    let client = MembershipServiceClient::new(channel.connect().await.unwrap());
    { client }.watch_memberships(request).await.unwrap().into_inner()
}

/// By HTTP/1.1, on a socket with a small buffer of its own; the rest fills those of the server and of the system.
async fn a_stream_of_http_1_that_is_not_read_ends(database: Database) {
    let place = crowded(database, PATIENCE, LONG).await;
    let socket = Socket::watch(&place.app.url, &place.app.admin_token, &everything()).await;
    let changes = stir(&place).await;
    let (messages, ending) = timeout(LONG, socket.read()).await.expect("the end in time");
    let folded = Folded::of(messages);
    assert_eq!(ending, Some(slow_reader()));
    assert!(folded.changes < changes, "{} of {changes} were kept", folded.changes);
    catch_up(&place, folded).await;
}

/// The server writes to a connection no longer than it may, whatever the patience of the stream.
async fn a_connection_that_takes_nothing_ends(database: Database) {
    let place = crowded(database, LONG * 10, PATIENCE).await;
    let socket = Socket::watch(&place.app.url, &place.app.admin_token, &everything()).await;
    stir(&place).await;
    let (messages, ending) = timeout(LONG, socket.read()).await.expect("the end in time");
    let folded = Folded::of(messages);
    assert_eq!(ending, None, "broken off");
    catch_up(&place, folded).await;
}
