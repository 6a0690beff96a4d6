//! Server admins who take each other's access away at the same moment: one stays.

use futures::future::join_all;
use roster::{domain::role::ServerRole, domain::user::UserType, services::user, storage};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, caller_of},
};

/// How many admins there are.
const ADMINS: usize = 6;

/// Each deactivates the next one; the one who was there first goes before.
async fn of_admins_who_deactivate_each_other_one_stays(database: Database) {
    let server = Harness::on(database).await;
    let (mut admins, mut callers) = (Vec::new(), Vec::new());
    for n in 0..ADMINS {
        let admin = server.account(&format!("admin{n}"), UserType::Personal, ServerRole::Admin).await;
        callers.push(caller_of(&server.services, &admin.token).await);
        admins.push(admin.user.id);
    }
    user::deactivate(&server.services, &callers[0], server.admin.user.id).await.unwrap();
    let each = (0..ADMINS).map(|n| user::deactivate(&server.services, &callers[n], admins[(n + 1) % ADMINS]));
    let done = join_all(each).await;
    let left = storage::user::count_active_admins(server.app.store().reader()).await.unwrap();
    assert!(left >= 1);
    let gone = done.iter().filter(|done| done.is_ok()).count();
    assert_eq!(usize::try_from(left).unwrap() + gone, ADMINS, "{done:?}");
}

on_both_databases! {
    of_admins_who_deactivate_each_other_one_stays;
}
