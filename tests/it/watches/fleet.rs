//! Instances beside each other on one database.

use roster::services::membership::watch::Terms as WatchTerms;

use super::{
    App, Arc, Code, Database, Duration, Instant, OrganizationRole, Place, ServerRole, Services, SystemClock,
    give, member, of_acme, system, token, user, watch,
};

/// What is done on one instance must be known on the others within this time.
const A_SECOND: Duration = Duration::from_secs(1);
/// What a loaded machine that runs the tests may take beside.
const SLACK: Duration = Duration::from_secs(2);

async fn beside(database: &Database) -> App {
    let again = database.again().await;
    let services =
        Services::new(again.store.clone(), Arc::new(SystemClock)).with_watching(WatchTerms::default());
    App::of(again, services).await
}

/// Whether the token opens anything at this instance.
async fn opens(app: &App, secret: &str) -> bool {
    token::authenticate(&app.services, secret).await.is_ok()
}

#[tokio::test]
async fn a_change_on_one_instance_is_told_on_another_on_postgres() {
    let database = Database::postgres().await;
    let other = beside(&database).await;
    let place = Place::usual(database).await;
    let ann = place.user("ann", ServerRole::Member).await;
    let mut streams = watch(&other.url, &other.admin_token, &of_acme()).await;
    let began = Instant::now();
    place.give(&ann, OrganizationRole::Admin).await;
    for stream in &mut streams {
        assert_eq!(stream.change().await.unwrap().0.user_id, ann.id.to_string());
    }
    assert!(began.elapsed() < A_SECOND + SLACK, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_stream_ends_with_what_another_instance_does_on_postgres() {
    let database = Database::postgres().await;
    let other = beside(&database).await;
    let place = Place::usual(database).await;
    let (ann, bob, eve) =
        (place.watcher("ann").await, place.watcher("bob").await, place.watcher("eve").await);
    let of_ann = watch(&other.url, &ann.secret, &of_acme()).await;
    let of_bob = watch(&other.url, &bob.secret, &of_acme()).await;
    let of_eve = watch(&other.url, &eve.secret, &of_acme()).await;
    let began = Instant::now();
    token::delete(&place.app.services, &system(), ann.token_id).await.unwrap();
    assert!(
        !opens(&other, &ann.secret).await && !opens(&place.app, &ann.secret).await,
        "a call is refused at once"
    );
    super::all_end(of_ann, Code::Unauthenticated, "TOKEN_INVALID").await;
    user::deactivate(&place.app.services, &system(), bob.user.id).await.unwrap();
    assert!(!opens(&other, &bob.secret).await, "a call is refused at once");
    super::all_end(of_bob, Code::Unauthenticated, "TOKEN_INVALID").await;
    member::remove(&place.app.services, &system(), place.acme.id, eve.user.id).await.unwrap();
    super::all_end(of_eve, Code::NotFound, "NOT_FOUND").await;
    assert!(began.elapsed() < A_SECOND * 3 + SLACK, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_revision_of_one_instance_is_reached_on_another_on_postgres() {
    let database = Database::postgres().await;
    let other = beside(&database).await;
    let place = Place::usual(database).await;
    let ann = place.user("ann", ServerRole::Member).await;
    let next = roster::storage::membership::revision(place.app.store().reader()).await.unwrap() + 1;
    let (reached, ()) = tokio::join!(
        other.services.reach(next),
        give(&place.app.services, place.acme.id, &ann, OrganizationRole::Member)
    );
    reached.unwrap();
}

#[tokio::test]
async fn instances_that_start_together_migrate_once_on_postgres() {
    let database = Database::empty_postgres().await;
    let open = || roster::storage::Store::open(&database);
    let (a, b, c, d) = tokio::join!(open(), open(), open(), open());
    for store in [a, b, c, d] {
        store.unwrap().close().await.unwrap();
    }
    let pool = sqlx::PgPool::connect(&database).await.unwrap();
    let count = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM membership_horizon").await, 1);
    assert_eq!(
        count("SELECT COUNT(*) FROM seaql_migrations").await,
        count("SELECT COUNT(DISTINCT version) FROM seaql_migrations").await
    );
}
