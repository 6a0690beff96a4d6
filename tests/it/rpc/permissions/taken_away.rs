//! Every RPC that writes, by a caller who loses the access between authentication and transaction.

use std::time::Duration;

use prost_reflect::MethodDescriptor;
use roster::{
    domain::{
        page::PageRequest,
        role::ServerRole,
        user::{User, UserPatch, UserState},
    },
    services::{Services, token, user},
};

use super::{methods, only_reads, path, rows, world::World};
use crate::{
    standing::Between,
    storage::{Database, on_both_databases},
    support::{Harness, manual_clock, signed_in, system},
};

/// How access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    TokenDeleted,
    AllTokensDeleted,
    TokenExpired,
    Deactivated,
    Deleted,
    /// Off and on again: what was let in before stays out.
    DeactivatedForAMoment,
    Demoted,
}

const ENDS: [End; 7] = [
    End::TokenDeleted,
    End::AllTokensDeleted,
    End::TokenExpired,
    End::Deactivated,
    End::Deleted,
    End::DeactivatedForAMoment,
    End::Demoted,
];

/// How long the token of a caller lives who is to lose it by time.
const LIFETIME: Duration = Duration::from_mins(1);
/// The places of an owner and a server admin among the callers.
const OWNER: usize = 9;
const ADMIN: usize = 10;
const CALLERS: [usize; 2] = [OWNER, ADMIN];

impl End {
    fn applies_to(self, caller: usize) -> bool {
        self != Self::Demoted || caller == ADMIN
    }

    /// What the caller gets.
    fn code(self) -> &'static str {
        if self == Self::Demoted { "permission_denied" } else { "unauthenticated" }
    }

    /// Takes the access away from `user`, who has signed in by `secret`.
    async fn take(self, services: &Services, user: &User, secret: &str) {
        let by = system();
        match self {
            Self::TokenDeleted => {
                let (_, token) = token::authenticate(services, secret).await.unwrap();
                token::delete(services, &by, token.id).await.unwrap();
            }
            Self::AllTokensDeleted => {
                // by the user, as one who saw the token leak does
                let other = signed_in(services, user.id).await;
                let page = PageRequest::new(100, "", false).unwrap();
                let all = token::list(services, &other, None, &page).await.unwrap();
                for token in all.items {
                    token::delete(services, &by, token.id).await.unwrap();
                }
            }
            // the clock moves, see below
            Self::TokenExpired => {}
            Self::Deactivated => user::deactivate(services, &by, user.id).await.unwrap(),
            Self::Deleted => {
                user::force_delete(services, &by, user.id).await.unwrap();
            }
            Self::DeactivatedForAMoment => {
                user::deactivate(services, &by, user.id).await.unwrap();
                reactivate(services, user).await;
            }
            Self::Demoted => {
                user::update_server_role(services, &by, user.id, ServerRole::Member).await.unwrap();
            }
        }
    }
}

async fn reactivate(services: &Services, user: &User) {
    let patch = UserPatch { state: Some(UserState::Active), ..UserPatch::default() };
    user::update(services, &system(), &[(user::Ref::Id(user.id), patch)]).await.unwrap();
}

fn writes(method: &MethodDescriptor) -> bool {
    !only_reads(method) && !method.is_server_streaming()
}

async fn no_rpc_writes_after_the_access_is_gone(database: Database) {
    let (between, clock) = (Between::default(), manual_clock());
    let store = database.store.clone();
    let other = Services::new(store.clone(), clock.clone());
    let server = Harness::between(database, clock.clone(), between.interlude()).await;
    let mut world = World::new(&server).await;
    let (methods, mut wrong, mut tried) = (methods(), Vec::new(), 0);
    for caller in CALLERS {
        // the owner before may have lost the access
        world.renew(&server, OWNER).await;
        for (row, end) in rows().iter().flat_map(|row| ENDS.map(|end| (row, end))) {
            let method = methods.iter().find(|method| path(method) == row.method).unwrap();
            let is_let_in = row.cells.split(' ').nth(caller) == Some(".");
            if !writes(method) || !is_let_in || !end.applies_to(caller) {
                continue;
            }
            world.replace(&server, caller).await;
            let user = world.person(caller).user.clone();
            let secret = server.token_of(user.id, Some(LIFETIME)).await;
            world.sign_in(caller, secret.clone());
            let (other, clock) = (other.clone(), clock.clone());
            let afterwards = between.put(&store, move || async move {
                end.take(&other, &user, &secret).await;
                if end == End::TokenExpired {
                    clock.advance(LIFETIME + Duration::from_secs(1));
                }
            });
            let code = world.call(method, row.request, caller).await;
            if code != end.code() || !afterwards.nothing_came(&store).await {
                wrong.push(format!("{} {} by {caller}, {end:?}: {code:?}", row.method, row.note));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 300, "{tried} were tried");
}

on_both_databases! {
    no_rpc_writes_after_the_access_is_gone;
}
