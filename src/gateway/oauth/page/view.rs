//! The HTML of the pages (gateway floor); maud escapes every value.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use crate::{domain::device_grant::DeviceClient, services::device_grant::Review};

/// What is told at the end.
pub(super) struct Notice<'a> {
    pub(super) title: &'a str,
    pub(super) client: Option<&'a DeviceClient>,
    pub(super) text: &'a str,
}

fn page(path: &str, title: &str, body: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · Roster" }
                link rel="stylesheet" href={ (path) "/style.css" };
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    Html(page.into_string())
}

/// The form for the code and the API token; `problem` is what was wrong with the last ones.
pub(super) fn ask(path: &str, user_code: &str, problem: Option<&str>) -> Html<String> {
    let body = html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        p { "A device asks to be signed in as you. Enter the code that it shows, and one of your API tokens." }
        form method="post" action=(path) {
            label for="user_code" { "Code" }
            input #user_code name="user_code" value=(user_code) required autocomplete="off" autocapitalize="characters"
                spellcheck="false" placeholder="XXXX-XXXX";
            label for="token" { "API token" }
            input #token name="token" type="password" required autocomplete="off" spellcheck="false";
            button type="submit" { "Continue" }
        }
    };
    page(path, "Sign in a device", &body)
}

/// What asks, and the buttons to decide.
pub(super) fn review(path: &str, review: &Review) -> Html<String> {
    let Review { client, grant, username, ticket } = review;
    let body = html! {
        p { "This device asks to act as you, with a token of its own for a year." }
        dl {
            dt { "Device" } dd { (name(client)) }
            dt { "Asked from" } dd { (grant.address.map_or("an unknown address".to_owned(), |address| address.to_string())) }
            dt { "Code" } dd { code { (grant.user_code) } }
            dt { "Account" } dd { (username) }
        }
        p { strong { "Approve only what you started yourself" }
            ", and only if the device shows this code. The name is what the device says of itself." }
        form method="post" action={ (path) "/decision" } {
            input type="hidden" name="user_code" value=(grant.user_code);
            input type="hidden" name="ticket" value=(ticket.reveal());
            button type="submit" name="decision" value="deny" { "Deny" }
            " "
            button.approve type="submit" name="decision" value="approve" { "Approve" }
        }
    };
    page(path, "Approve this device?", &body)
}

/// What happened.
pub(super) fn notice(path: &str, notice: &Notice<'_>) -> Html<String> {
    let body = html! {
        @if let Some(client) = notice.client { p { strong { (name(client)) } } }
        p { (notice.text) }
    };
    page(path, notice.title, &body)
}

fn name(client: &DeviceClient) -> &str {
    if client.name.trim().is_empty() { "a device without a name" } else { &client.name }
}
