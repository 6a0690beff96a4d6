//! A reader that does not read.

use roster::{
    domain::id::UserId,
    proto::roster::v1::membership_service_client::MembershipServiceClient,
    services::membership::watch::{Told, Watch, Wish},
};
use tokio::time::Instant;
use tonic::{Request, transport::Channel};

use super::{
    Arc, Caller, Code, Database, Duration, Event, OrganizationRole, Place, ServerRole, SystemClock, Terms,
    member, of_acme, on_both_databases, system,
};
use crate::support::reason_of;

on_both_databases! {
    a_reader_that_does_not_read_is_cut_off;
    a_client_that_does_not_read_is_cut_off_and_nothing_is_buffered_for_it;
}

const TERMS: Terms = Terms {
    heartbeat: Duration::from_secs(15),
    patience: Duration::from_millis(300),
    keep_events: Duration::from_hours(1),
};

/// Raises and lowers the role of a new member for longer than the server has patience; tells how often.
async fn stir(place: &Place, user: UserId) -> usize {
    let (started, mut times) = (Instant::now(), 0);
    while started.elapsed() <= Duration::from_secs(1) + TERMS.patience * 2 || times < 20 {
        let role = if times % 2 == 0 { OrganizationRole::Admin } else { OrganizationRole::Member };
        let direct = member::DirectRole { organization_id: place.acme.id, user_id: user, role };
        member::update(&place.app.services, &system(), direct).await.unwrap();
        times += 1;
    }
    times
}

async fn a_reader_that_does_not_read_is_cut_off(database: Database) {
    let place = Place::new(database, Arc::new(SystemClock), TERMS).await;
    let ann = place.user("ann", ServerRole::Member).await;
    let (services, wish) = (&place.app.services, Wish::default());
    let mut watch = Watch::open(services, Caller::system("test"), wish).await.unwrap();
    assert!(matches!(watch.next().await, Ok(Told::Heartbeat(_))));
    place.give(&ann, OrganizationRole::Member).await;
    let Ok(Told::Change(first)) = watch.next().await else { panic!("no change") };
    stir(&place, ann.id).await;
    assert_eq!(watch.next().await.unwrap_err().reason.word(), "SLOW_READER");
    // and it goes on where it stopped
    let wish = Wish { after: Some(first.revision), ..Wish::default() };
    let mut again = Watch::open(services, Caller::system("test"), wish).await.unwrap();
    assert!(matches!(again.next().await, Ok(Told::Heartbeat(_))));
    let Ok(Told::Change(second)) = again.next().await else { panic!("no change") };
    assert_eq!(second.revision, first.revision + 1);
}

/// Over HTTP/2, with room for a few messages between: those come in order, and then the stream tells why it ended.
async fn a_client_that_does_not_read_is_cut_off_and_nothing_is_buffered_for_it(database: Database) {
    let place = Place::new(database, Arc::new(SystemClock), TERMS).await;
    let ann = place.user("ann", ServerRole::Member).await;
    place.give(&ann, OrganizationRole::Member).await;
    let channel = Channel::from_shared(place.app.url.clone()).unwrap().initial_stream_window_size(500);
    let mut request = Request::new(of_acme());
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {}", place.app.admin_token).parse().unwrap());
    let client = MembershipServiceClient::new(channel.connect().await.unwrap());
    let mut stream = { client }.watch_memberships(request).await.unwrap().into_inner();
    let times = stir(&place, ann.id).await;
    let (mut last, mut changes) = (0, 0);
    let status = loop {
        match stream.message().await {
            Ok(message) => {
                let message = message.expect("an end with an error");
                assert!(message.revision > last || changes == 0, "in order");
                last = message.revision;
                changes += usize::from(matches!(message.event, Some(Event::Change(_))));
            }
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::ResourceExhausted, "SLOW_READER"));
    assert!(changes < times / 2, "{changes} of {times} were kept for it");
}
