//! The page: what it shows, whom it lets decide, and what it keeps out.

use roster::domain::{audit::Action, user::UserType};
use sqlx::Row as _;

use super::{World, hidden};
use crate::storage::{Database, on_both_databases};

on_both_databases! {
    who_guesses_codes_must_wait;
    a_decision_is_made_once_by_who_looked_last;
    a_machine_user_approves_nothing;
}

#[tokio::test]
async fn it_needs_no_script_and_loads_nothing_from_elsewhere() {
    let world = World::start(Database::sqlite().await).await;
    let device = world.device("<script>alert(1)</script>\"'&").await;
    let ask = format!("{}/oauth2/device?user_code={}", world.app.url, device.user_code);
    let answer = world.http.get(ask).send().await.unwrap();
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(!headers.contains_key("set-cookie"));
    let ask = answer.text().await.unwrap();
    assert!(ask.contains(&format!("value=\"{}\"", device.user_code)), "{ask}");
    let (_, review) = world.review(&device.user_code, &world.app.admin_token).await;
    assert!(review.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"), "{review}");
    assert!(review.contains("127.0.0.1") && review.contains(&device.user_code) && review.contains("root"));
    for page in [&ask, &review] {
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("http"), "{page}");
        assert!(!page.contains(&world.app.admin_token), "the token is in the page");
    }
    let style = world.http.get(format!("{}/oauth2/device/style.css", world.app.url)).send().await.unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let world = World::start(Database::sqlite().await).await;
    let device = world.device("x").await;
    let body = format!("user_code={}&token={}", device.user_code, world.app.admin_token);
    let send = async |name: &'static str, value: &str| {
        let request = world.http.post(format!("{}/oauth2/device", world.app.url)).body(body.clone());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.header(name, value).send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("origin", "https://evil.example").await, 403);
    assert_eq!(send("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(send("origin", &world.app.url).await, 200);
    assert_eq!(send("sec-fetch-site", "same-origin").await, 200);
}

#[tokio::test]
async fn a_token_or_code_that_is_none_is_told_in_the_form() {
    let world = World::start(Database::sqlite().await).await;
    let device = world.device("x").await;
    let scim = world.app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    for token in ["", "nonsense", &scim] {
        let (status, page) = world.review(&device.user_code, token).await;
        assert_eq!(status, 400);
        assert!(page.contains("role=\"alert\"") && page.contains("name=\"token\""), "{page}");
        assert!(token.is_empty() || !page.contains(token), "the token came back");
    }
    for code in ["", "nonsense", "BBBB-BBBB"] {
        let (status, page) = world.review(code, &world.app.admin_token).await;
        assert_eq!(status, 400);
        assert!(page.contains("no device waits with this code"), "{page}");
    }
    world.refused(&device, "authorization_pending").await;
}

#[tokio::test]
async fn a_decision_is_in_the_audit_log_with_who_made_it_and_the_token_too() {
    let database = Database::sqlite().await;
    let path = database.url.strip_prefix("sqlite:").unwrap().to_owned();
    let world = World::start(database).await;
    let (ann, token) = world.user("ann", UserType::Personal).await;
    let (good, bad) = (world.device("laptop").await, world.device("unknown").await);
    world.decide(&good, &token, "approve").await;
    world.decide(&bad, &token, "deny").await;
    world.poll(&good).await;
    let pool = sqlx::SqlitePool::connect(&path).await.unwrap();
    let rows = sqlx::query("SELECT action, subject_name FROM audit_event WHERE actor_id = $1 ORDER BY id");
    let rows = rows.bind(ann.id.to_string()).fetch_all(&pool).await.unwrap();
    let rows: Vec<(i16, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [
        (Action::DeviceAuthorizationGrantApproved, "laptop"),
        (Action::DeviceAuthorizationGrantDenied, "unknown"),
        (Action::TokenCreated, "laptop"),
    ];
    let audit = format!("{}/buf.alpha.audit.v1alpha1.AuditService/ListAuditedEvents", world.app.url);
    let start = serde_json::json!({ "pageSize": 50 });
    let listed =
        world.http.post(audit).bearer_auth(&world.app.admin_token).json(&start).send().await.unwrap();
    let listed = listed.text().await.unwrap();
    for told in ["deviceAuthorizationGrantApproved", "deviceAuthorizationGrantDenied", &good.client] {
        assert!(listed.contains(told), "{told}: {listed}");
    }
    assert_eq!(rows, expected.map(|(action, name)| (action.code(), name.to_owned())));
}

async fn who_guesses_codes_must_wait(database: Database) {
    let world = &World::start(database).await;
    let device = world.device("x").await;
    let token = &world.app.admin_token;
    let guesses = futures::future::join_all((0..10).map(|_| world.review("BBBB-BBBB", token))).await;
    assert!(guesses.iter().all(|(status, _)| *status == 400), "{guesses:?}");
    assert_eq!(world.review(&device.user_code, token).await.0, 429);
    let (_, other) = world.user("ann", UserType::Personal).await;
    assert_eq!(world.review(&device.user_code, &other).await.0, 200, "only who guessed must wait");
    world.wait(599);
    assert_eq!(world.review(&device.user_code, token).await.0, 429);
    world.wait(1);
    let device = world.device("y").await;
    assert_eq!(world.review(&device.user_code, token).await.0, 200);
}

async fn a_decision_is_made_once_by_who_looked_last(database: Database) {
    let world = World::start(database).await;
    let (_, ann) = world.user("ann", UserType::Personal).await;
    let device = world.device("x").await;
    let (_, first) = world.review(&device.user_code, &world.app.admin_token).await;
    let (_, second) = world.review(&device.user_code, &ann).await;
    assert_ne!(hidden(&first, "ticket"), hidden(&second, "ticket"));
    assert_eq!(world.press(&first, "approve").await.0, 400);
    assert_eq!(world.press(&second, "approve").await.0, 200);
    assert_eq!(world.press(&second, "deny").await.0, 400);
    assert_eq!(world.review(&device.user_code, &ann).await.0, 400, "nothing is left to decide");
    let granted = world.poll(&device).await.1;
    assert_eq!(world.whoami(granted["access_token"].as_str().unwrap()).await, "ann");
}

async fn a_machine_user_approves_nothing(database: Database) {
    let world = World::start(database).await;
    let (_, bot) = world.user("bot", UserType::Machine).await;
    let device = world.device("x").await;
    let (status, page) = world.review(&device.user_code, &bot).await;
    assert_eq!(status, 400, "{page}");
    assert!(!page.contains("ticket"), "{page}");
    world.refused(&device, "authorization_pending").await;
}
