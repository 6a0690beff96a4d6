//! Signing a device in without a paste: the device's side over HTTP, the person's side on the page, and the
//! released `buf` clients, on both databases.

mod buf;
mod device;
mod page;
mod protocol;

use std::{sync::Arc, time::Duration};

use reqwest::{Response, redirect::Policy};
use roster::{
    domain::{actor::Caller, clock::ManualClock, role::ServerRole, user::UserType},
    services::{
        token::{self, NewToken},
        user::{self, NewUser},
    },
};
use serde_json::{Value, json};

use crate::{app::App, storage::Database, support::manual_clock};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A server by a clock that stands, and a client.
struct World {
    app: App,
    clock: Arc<ManualClock>,
    http: reqwest::Client,
}

/// A device with its codes.
struct Device {
    client: String,
    code: String,
    user_code: String,
}

impl World {
    async fn start(database: Database) -> Self {
        let clock = manual_clock();
        let app = App::with_clock(database, clock.clone()).await;
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { app, clock, http }
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn register(&self, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.http.post(format!("{}/oauth2/device/registration", self.app.url));
        told(request.header("content-type", "application/json").body(body).send().await.unwrap()).await
    }

    /// A form to `/oauth2/device` and what is below.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(format!("{}/oauth2/device{path}", self.app.url)).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    /// Registers under this name and asks for codes.
    async fn device(&self, name: &str) -> Device {
        let (status, registered) = self.register(json!({ "client_name": name }).to_string()).await;
        assert_eq!(status, 200, "{registered}");
        let client = registered["client_id"].as_str().unwrap().to_owned();
        let (status, begun) = told(self.form("/authorization", &[("client_id", &client)]).await).await;
        assert_eq!(status, 200, "{begun}");
        let text = |name: &str| begun[name].as_str().unwrap().to_owned();
        Device { client, code: text("device_code"), user_code: text("user_code") }
    }

    async fn poll(&self, device: &Device) -> (u16, Value) {
        let fields =
            [("client_id", &*device.client), ("device_code", &device.code), ("grant_type", GRANT_TYPE)];
        told(self.form("/token", &fields).await).await
    }

    /// Polls, and expects this error.
    async fn refused(&self, device: &Device, error: &str) {
        let (status, body) = self.poll(device).await;
        assert_eq!((status, body["error"].as_str()), (400, Some(error)), "{body}");
        assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    }

    /// The page that shows what asks: its status and HTML.
    async fn review(&self, user_code: &str, token: &str) -> (u16, String) {
        let answer = self.form("", &[("user_code", user_code), ("token", token)]).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Presses a button of that page.
    async fn press(&self, page: &str, button: &str) -> (u16, String) {
        let (code, ticket) = (hidden(page, "user_code"), hidden(page, "ticket"));
        let fields = [("user_code", &*code), ("ticket", &ticket), ("decision", button)];
        let answer = self.form("/decision", &fields).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What a user does: looks, and presses a button.
    async fn decide(&self, device: &Device, token: &str, button: &str) {
        let (status, page) = self.review(&device.user_code, token).await;
        assert_eq!(status, 200, "{page}");
        let (status, page) = self.press(&page, button).await;
        assert_eq!(status, 200, "{page}");
    }

    /// A user with a token.
    async fn user(&self, username: &str, user_type: UserType) -> (roster::domain::user::User, String) {
        let new = NewUser {
            username: username.to_owned(),
            email: None,
            user_type,
            server_role: ServerRole::Member,
        };
        let (services, system) = (&self.app.services, Caller::system("test"));
        let user = user::create(services, &system, &new).await.unwrap();
        let new = NewToken { user_id: Some(user.id), ..NewToken::default() };
        let secret = token::create(services, &system, &new).await.unwrap().1;
        (user, secret.reveal().to_owned())
    }

    /// The name of the user that this token signs in.
    async fn whoami(&self, token: &str) -> Value {
        let url = format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", self.app.url);
        let answer = self.http.post(url).bearer_auth(token).json(&json!({})).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["user"]["username"].take()
    }
}

/// The status and JSON of an answer for a device, which no cache keeps.
async fn told(answer: Response) -> (u16, Value) {
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("type=\"hidden\" name=\"{name}\" value=\"")).nth(1);
    field.unwrap_or_else(|| panic!("no {name} in {page}")).split('"').next().unwrap().to_owned()
}
