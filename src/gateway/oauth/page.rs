//! The pages on which a person approves a device (gateway floor): forms without script, cookies or anything of
//! another site. RFC 8628 §3.3, §5.

mod view;

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};

use self::view::Notice;
use super::{
    OAuth,
    error::{limits, retry_after, tell},
    form::Form,
};
use crate::services::{
    Error,
    device_grant::{self, Decision, Visitor},
};

/// Nothing loads, nothing runs, no other site shows the page in a frame or gets its form.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

/// `GET /oauth2/device`: asks for the code, which the link has, and for an API token, which never is in a URL.
pub(super) async fn ask(State(oauth): State<OAuth>, RawQuery(query): RawQuery) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    view::ask(&oauth.path, query.get("user_code").unwrap_or_default(), None).into_response()
}

/// `POST /oauth2/device`: shows what asks, with the buttons to decide.
pub(super) async fn review(State(oauth): State<OAuth>, visitor: Visitor, form: Form) -> Response {
    let code = form.get("user_code").unwrap_or_default();
    let token = form.get("token").unwrap_or_default().trim();
    match device_grant::review(&oauth.services, &visitor, code, token).await {
        Ok(review) => view::review(&oauth.path, &review).into_response(),
        Err(error) => {
            let (status, problem) = tell(&error);
            (status, view::ask(&oauth.path, code, Some(&problem))).into_response()
        }
    }
}

/// `POST /oauth2/device/decision`: approves or denies, once.
pub(super) async fn decide(State(oauth): State<OAuth>, visitor: Visitor, form: Form) -> Response {
    let text = |name: &str| form.get(name).unwrap_or_default();
    let decision = match text("decision") {
        "approve" => Decision::Approve,
        // whatever is not an approval is none
        _ => Decision::Deny,
    };
    let decided =
        device_grant::decide(&oauth.services, &visitor, text("user_code"), text("ticket"), decision).await;
    match (decided, decision) {
        (Ok(client), Decision::Approve) => {
            let text = "The device is signed in within a few seconds. You can close this page.";
            view::notice(&oauth.path, &Notice { title: "Approved", client: Some(&client), text })
                .into_response()
        }
        (Ok(client), Decision::Deny) => {
            let text = "The device gets no token. You can close this page.";
            view::notice(&oauth.path, &Notice { title: "Denied", client: Some(&client), text })
                .into_response()
        }
        (Err(error), _) => failed(&oauth, &error),
    }
}

/// What hindered a visitor, as a page.
pub(super) fn failed(oauth: &OAuth, error: &Error) -> Response {
    let (status, text) = tell(error);
    let notice = Notice { title: "Nothing was decided", client: None, text: &text };
    let mut response = (status, view::notice(&oauth.path, &notice)).into_response();
    response.headers_mut().extend(retry_after(error).map(|wait| (header::RETRY_AFTER, wait)));
    response.headers_mut().extend(limits(error.limited));
    response
}

/// `GET /oauth2/device/style.css`
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page/style.css")).into_response()
}

/// The headers of every page.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // not `no-referrer`, with which a form would say that its origin is `null`
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
