//! A reader that does not read.

use roster::{
    domain::id::UserId,
    services::membership::watch::{Told, Watch, Wish},
};
use tokio::time::Instant;

use super::{
    Arc, Caller, Database, Duration, OrganizationRole, Place, ServerRole, SystemClock, Terms, member,
    on_both_databases, system,
};

on_both_databases! {
    a_reader_that_does_not_read_is_cut_off;
}

const TERMS: Terms = Terms {
    heartbeat: Duration::from_secs(15),
    patience: Duration::from_millis(300),
    keep_events: Duration::from_hours(1),
};

/// Raises and lowers the role of a new member for longer than the server has patience.
async fn stir(place: &Place, user: UserId) {
    let (started, mut times) = (Instant::now(), 0);
    while started.elapsed() <= Duration::from_secs(1) + TERMS.patience * 2 || times < 20 {
        let role = if times % 2 == 0 { OrganizationRole::Admin } else { OrganizationRole::Member };
        let direct = member::DirectRole { organization_id: place.acme.id, user_id: user, role };
        member::update(&place.app.services, &system(), direct).await.unwrap();
        times += 1;
    }
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
