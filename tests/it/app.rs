//! The whole application on a port of its own, over a fresh database.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{Method, header::HeaderMap};
use roster::{
    domain::{
        actor::Caller,
        clock::{Clock, SystemClock},
        scim_token::ClientProfile,
        user::User,
    },
    gateway::scim,
    server::{
        application::{Settings, application},
        cors::Cors,
        forwarded::Proxies,
        listen::{Limits, serve},
        ready::Readiness,
    },
    services::{Interlude, Services, bootstrap, provisioning, scim_token},
    storage::Store,
};
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{storage::Database, support::caller_of};

/// A running server; it stops when this is dropped.
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) url: String,
    /// The server admin `root`.
    pub(crate) admin: User,
    /// An API token of it.
    pub(crate) admin_token: String,
    http: reqwest::Client,
    _stop: DropGuard,
    database: Database,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Null when there is none.
    pub(crate) body: Value,
}

/// How an application differs from the usual one.
struct Unusual {
    clock: Arc<dyn Clock>,
    extensions: scim::Extensions,
    test_resources: bool,
    declaration: Option<scim::Declaration>,
    cors: Cors,
    limits: Limits,
    thin: bool,
    patience: Option<Duration>,
}

impl Default for Unusual {
    fn default() -> Self {
        let (extensions, test_resources, declaration, cors, limits, thin, patience) = Default::default();
        let clock = Arc::new(SystemClock);
        Self { clock, extensions, test_resources, declaration, cors, limits, thin, patience }
    }
}

/// A port of its own; connections inherit the buffers of the listener.
fn listen(thin: bool) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    if thin {
        socket.set_send_buffer_size(16 << 10).unwrap();
    }
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    socket.listen(1024).unwrap()
}

impl App {
    pub(crate) async fn start(database: Database) -> Self {
        Self::start_by(database, Unusual::default()).await
    }

    /// An application that pages of these origins may call.
    pub(crate) async fn with_cors(database: Database, cors: Cors) -> Self {
        Self::start_by(database, Unusual { cors, ..Unusual::default() }).await
    }

    /// An application by the time of `clock`.
    pub(crate) async fn with_clock(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self::start_by(database, Unusual { clock, ..Unusual::default() }).await
    }

    /// With further extension schemas of User.
    pub(crate) async fn start_with(database: Database, extensions: scim::Extensions) -> Self {
        Self::start_by(database, Unusual { extensions, ..Unusual::default() }).await
    }

    /// With `/TestResources`.
    pub(crate) async fn start_with_test_resources(database: Database) -> Self {
        Self::start_by(database, Unusual { test_resources: true, ..Unusual::default() }).await
    }

    /// With limits of its own for connections.
    pub(crate) async fn start_within(database: Database, change: impl FnOnce(&mut Limits)) -> Self {
        let mut unusual = Unusual::default();
        change(&mut unusual.limits);
        Self::start_by(database, unusual).await
    }

    /// One with a resource type that is declared in place of the test resources.
    pub(crate) async fn start_with_declaration(database: Database, declaration: scim::Declaration) -> Self {
        Self::start_by(database, Unusual { declaration: Some(declaration), ..Unusual::default() }).await
    }

    /// One whose requests may take so long.
    pub(crate) async fn with_patience(database: Database, patience: Duration) -> Self {
        Self::start_by(database, Unusual { patience: Some(patience), ..Unusual::default() }).await
    }

    /// With these rules for provisioning, by the time of `clock`.
    pub(crate) async fn provisioned(
        database: Database,
        clock: Arc<dyn Clock>,
        settings: provisioning::Settings,
    ) -> Self {
        let services = Services::new(database.store.clone(), clock).with_provisioning(settings);
        Self::of(database, services).await
    }

    /// One by the time of `clock`, with `/TestResources`, in which `interlude` runs before each change.
    pub(crate) async fn between(database: Database, clock: Arc<dyn Clock>, interlude: Interlude) -> Self {
        let services = Services::new(database.store.clone(), clock).with_interlude(interlude);
        Self::serve(database, services, Unusual { test_resources: true, ..Unusual::default() }).await
    }

    /// One over these use cases; `root` is made, or gets a further token where there is one.
    pub(crate) async fn of(database: Database, services: Services) -> Self {
        Self::serve(database, services, Unusual::default()).await
    }

    /// The same, where the system keeps little of what a client does not take, and a connection ends when the client
    /// takes nothing for as long as `write`.
    pub(crate) async fn on_a_thin_line(database: Database, services: Services, write: Duration) -> Self {
        let limits = Limits { write, ..Limits::default() };
        Self::serve(database, services, Unusual { limits, thin: true, ..Unusual::default() }).await
    }

    async fn start_by(database: Database, unusual: Unusual) -> Self {
        let services = Services::new(database.store.clone(), unusual.clock.clone());
        Self::serve(database, services, unusual).await
    }

    async fn serve(database: Database, services: Services, unusual: Unusual) -> Self {
        let (admin, secret) = bootstrap::bootstrap(&services, "root", None, true).await.unwrap();
        Self::serve_to(database, services, unusual, (admin, secret.reveal().to_owned())).await
    }

    /// One more on the data of this one, which is asked with the same token; nothing is written.
    pub(crate) async fn beside(&self, database: Database) -> Self {
        let services = Services::new(database.store.clone(), Arc::new(SystemClock));
        let admin = (self.admin.clone(), self.admin_token.clone());
        Self::serve_to(database, services, Unusual::default(), admin).await
    }

    async fn serve_to(
        database: Database,
        services: Services,
        unusual: Unusual,
        (admin, admin_token): (User, String),
    ) -> Self {
        let Unusual { extensions, test_resources, declaration, cors, limits, thin, patience, .. } = unusual;
        let listener = listen(thin);
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut scim = scim::Settings { extensions, test_resources, ..scim::Settings::new(url.as_str()) };
        scim.patience = patience.unwrap_or(scim.patience);
        scim.test_declaration = declaration;
        let (readiness, stop) = (Readiness::default(), CancellationToken::new());
        readiness.mark_ready();
        let proxies = Proxies::default();
        let settings = Settings {
            scim,
            max_message: 4 << 20,
            cors,
            proxies,
            metrics: None,
            traces: false,
            readers: None,
        };
        let app = application(&services, &settings, &readiness).await.unwrap();
        tokio::spawn(serve(listener, app, limits, stop.clone()));
        let http = reqwest::Client::new();
        Self { services, url, admin, admin_token, http, _stop: stop.drop_guard(), database }
    }

    /// Where its data are.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The database under it.
    pub(crate) fn store(&self) -> &Store {
        &self.database.store
    }

    /// The server admin as a caller.
    pub(crate) async fn admin_caller(&self) -> Caller {
        caller_of(&self.services, &self.admin_token).await
    }

    /// A new SCIM token.
    pub(crate) async fn scim_token(&self, profile: ClientProfile) -> String {
        let caller = Caller::system("test");
        let (_, secret) = scim_token::create(&self.services, &caller, None, profile).await.unwrap();
        secret.reveal().to_owned()
    }

    /// A request to `/scim/v2`, with these headers and no others of the client's own.
    pub(crate) async fn scim(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let url = format!("{}/scim/v2{path}", self.url);
        let mut request =
            self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url).bearer_auth(token);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, headers, body }
    }

    /// A call by Connect with JSON, as the server admin; `method` is `Service/Method` of the alpha package.
    pub(crate) async fn call(&self, method: &str, request: Value) -> Value {
        self.succeed(&format!("buf.alpha.registry.v1alpha1.{method}"), request).await
    }

    /// As [`App::call`], of `roster.v1`.
    pub(crate) async fn ours(&self, method: &str, request: Value) -> Value {
        self.succeed(&format!("roster.v1.{method}"), request).await
    }

    async fn succeed(&self, method: &str, request: Value) -> Value {
        let url = format!("{}/{method}", self.url);
        let response =
            self.http.post(url).bearer_auth(&self.admin_token).json(&request).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{method} {request}: {status} {body}");
        body
    }
}
