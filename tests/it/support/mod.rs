//! Ways to fill a running application and to call it by gRPC.

mod callers;
mod clients;
mod details;
pub(crate) mod folded;
mod idp;
mod json;
pub(crate) mod streams;

use std::{sync::Arc, time::Duration};

use roster::{
    domain::{
        actor::Caller,
        clock::{Clock, ManualClock, SystemClock, Timestamp},
        id::{OrganizationId, UserId},
        role::{OrganizationRole, ServerRole},
        user::{User, UserType},
    },
    services::{
        Interlude, Services, group_release,
        organization::{self, NewOrganization, member::DirectRole},
        token::{self, NewToken},
        user::{self, NewUser},
    },
};
use tokio::sync::OnceCell;
use tonic::transport::Channel;

use crate::{app::App, storage::Database};

pub(crate) use callers::{caller_of, idp, signed_in, system};
pub(crate) use clients::Calls;
pub(crate) use details::{field_of, reason_in, reason_of, retry_delay_of, violations_of};
pub(crate) use json::{Refusal, each};

/// An [`App`], on SQLite unless said otherwise, with gRPC clients; it ends with the value.
pub(crate) struct Harness {
    pub(crate) app: App,
    pub(crate) services: Services,
    pub(crate) admin: Person,
    /// The IdP, once it has pushed.
    idp: OnceCell<Caller>,
    channel: Channel,
}

/// An account and the secret of one of its tokens.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) token: String,
}

impl Person {
    pub(crate) fn id(&self) -> String {
        self.user.id.to_string()
    }
}

/// A clock that stands at a moment of the present.
pub(crate) fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)))
}

impl Harness {
    /// A server by the machine's clock.
    pub(crate) async fn start() -> Self {
        Self::with_clock(Arc::new(SystemClock)).await
    }

    /// A server over this database.
    pub(crate) async fn on(database: Database) -> Self {
        Self::over(database, Arc::new(SystemClock)).await
    }

    /// A server by this clock.
    pub(crate) async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::over(Database::sqlite().await, clock).await
    }

    /// A server over this database, by this clock.
    pub(crate) async fn over(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self::of(App::with_clock(database, clock).await).await
    }

    /// A server in which `interlude` runs before each change; see [`App::between`].
    pub(crate) async fn between(database: Database, clock: Arc<dyn Clock>, interlude: Interlude) -> Self {
        Self::of(App::between(database, clock, interlude).await).await
    }

    /// One more on the data of this one; see [`App::beside`].
    pub(crate) async fn beside(&self, database: Database) -> Self {
        Self::of(self.app.beside(database).await).await
    }

    async fn of(app: App) -> Self {
        let admin = Person { user: app.admin.clone(), token: app.admin_token.clone() };
        let channel = Channel::from_shared(app.url.clone()).unwrap().connect().await.unwrap();
        Self { services: app.services.clone(), app, admin, idp: OnceCell::new(), channel }
    }

    /// A personal account with a token.
    pub(crate) async fn person(&self, username: &str) -> Person {
        self.account(username, UserType::Personal, ServerRole::Member).await
    }

    /// An account with a token.
    pub(crate) async fn account(&self, username: &str, user_type: UserType, role: ServerRole) -> Person {
        let email = Some(format!("{username}@example.com"));
        let new = NewUser { username: username.to_owned(), email, user_type, server_role: role };
        let user = user::create(&self.services, &system(), &new).await.unwrap();
        let token = self.token_of(user.id, None).await;
        Person { user, token }
    }

    /// A token of this user, that ends after `lifetime`.
    pub(crate) async fn token_of(&self, user: UserId, lifetime: Option<Duration>) -> String {
        let expire_time = lifetime.map(|lifetime| self.services.now().plus(lifetime));
        let new = NewToken { note: "test".to_owned(), expire_time, user_id: Some(user) };
        token::create(&self.services, &system(), &new).await.unwrap().1.reveal().to_owned()
    }

    /// An organization that this person owns.
    pub(crate) async fn organization(&self, owner: &Person, name: &str) -> OrganizationId {
        let caller = caller_of(&self.services, &owner.token).await;
        let new = NewOrganization { name: name.to_owned(), ..NewOrganization::default() };
        organization::create(&self.services, &caller, &[new]).await.unwrap()[0].id
    }

    /// Lets the admins of an organization see and map a group.
    pub(crate) async fn release(&self, group: &str, organization: &str) {
        let organization = user::Ref::Name(organization.to_owned());
        group_release::release(&self.services, &system(), &organization, group).await.unwrap();
    }

    /// Adds a member by hand.
    pub(crate) async fn member(&self, organization_id: OrganizationId, who: &Person, role: OrganizationRole) {
        let role = DirectRole { organization_id, user_id: who.user.id, role };
        organization::member::add(&self.services, &system(), role).await.unwrap();
    }
}
