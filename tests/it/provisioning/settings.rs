//! Users that are pushed while an admin changes what everybody gets.

use std::sync::Arc;

use roster::{
    domain::{actor::Caller, clock::Timestamp, id::OrganizationId, role::OrganizationRole},
    storage::{self, Error, Held, Holds, Store, jit::Lock},
};
use serde_json::json;
use tokio::{sync::Notify, task::JoinHandle};

use super::Idp;
use crate::{scim::USER, storage::Database};

/// Lets everyone join an organization from now on, in a transaction that commits when it may.
fn set(store: &Store, organization: OrganizationId, go: &[Arc<Notify>; 2]) -> JoinHandle<()> {
    let (store, [set, may_commit]) = (store.clone(), go.clone());
    tokio::spawn(async move {
        let (set, may_commit) = (&set, &may_commit);
        let holds = Holds::nothing().alone([Held::Settings(Lock::Organizations)]);
        let done = store.transaction_that(holds, |tx| async move {
            let by =
                storage::jit::set_by(&Caller::system("test"), Timestamp::from_micros(1_800_000_000), false);
            storage::jit::put_organization(&*tx, organization, OrganizationRole::Member, &by).await?;
            set.notify_one();
            may_commit.notified().await;
            Ok::<_, Error>(())
        });
        done.await.unwrap();
    })
}

/// On SQLite there is one writer at a time.
#[tokio::test]
async fn a_new_user_waits_for_what_everybody_gets_on_postgres() {
    let database = Database::postgres().await;
    let (pool, other) = (sqlx::PgPool::connect(&database.url).await.unwrap(), database.again().await);
    let idp = Arc::new(Idp::start(database).await);
    // the second one's name is the first organization's, so that it gets another one
    for (place, name) in [("everywhere", "ann"), ("elsewhere", "everywhere")] {
        let made = idp.app.call("OrganizationService/CreateOrganization", json!({ "name": place })).await;
        let organization: OrganizationId =
            made["organization"]["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().into();
        let go = [Arc::<Notify>::default(), Arc::<Notify>::default()];
        let setting = set(&other.store, organization, &go);
        go[0].notified().await;
        let push = tokio::spawn({
            let (idp, user) = (Arc::clone(&idp), json!({ "schemas": [USER], "userName": name }));
            async move { idp.send("POST", "/Users", user).await }
        });
        let waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = \
                       (SELECT oid FROM pg_database WHERE datname = current_database())";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 0 {
            assert!(!push.is_finished(), "{name} is there before it is known what everybody gets");
        }
        go[1].notify_one();
        setting.await.unwrap();
        let pushed = push.await.unwrap();
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let of = json!({ "organizationRef": { "name": place } });
        let members = idp.app.ours("MembershipService/ListMemberships", of).await;
        // and who made it
        assert_eq!(members["memberships"].as_array().unwrap().len(), 2, "{members}");
    }
}
