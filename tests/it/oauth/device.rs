//! The life of a grant: pending, approved or denied, fetched once, ended.

use futures::future::join_all;
use roster::{
    domain::user::UserType,
    services::{
        Services,
        device_grant::{self, Polled, Visitor},
        user,
    },
    storage::Store,
};

use super::World;
use crate::storage::{Database, on_both_databases};

on_both_databases! {
    an_approved_device_gets_a_token_of_the_user_once;
    a_denied_device_gets_none;
    codes_end;
    who_polls_too_often_is_told_to_slow_down;
    of_polls_at_once_one_gets_the_token;
    a_code_is_of_its_client_alone;
    a_user_who_is_switched_off_signs_no_device_in;
    another_instance_goes_on_where_one_began;
}

async fn an_approved_device_gets_a_token_of_the_user_once(database: Database) {
    let world = World::start(database).await;
    let device = world.device("Buf CLI (laptop)").await;
    world.refused(&device, "authorization_pending").await;
    world.decide(&device, &world.app.admin_token, "approve").await;
    world.wait(5);
    let (status, granted) = world.poll(&device).await;
    assert_eq!((status, granted["token_type"].as_str()), (200, Some("Bearer")), "{granted}");
    assert_eq!(granted["expires_in"], 366 * 24 * 3600);
    let token = granted["access_token"].as_str().unwrap();
    assert_eq!(world.whoami(token).await, "root");
    world.wait(5);
    world.refused(&device, "invalid_grant").await;
    let listed = world.app.call("TokenService/ListTokens", serde_json::json!({ "pageSize": 10 })).await;
    let notes: Vec<_> = listed["tokens"].as_array().unwrap().iter().map(|token| &token["note"]).collect();
    assert_eq!(notes, ["bootstrap", "Buf CLI (laptop)"]);
}

async fn a_denied_device_gets_none(database: Database) {
    let world = World::start(database).await;
    let device = world.device("x").await;
    world.decide(&device, &world.app.admin_token, "deny").await;
    world.refused(&device, "access_denied").await;
    world.wait(600);
    world.refused(&device, "access_denied").await;
}

async fn codes_end(database: Database) {
    let world = World::start(database).await;
    let (device, approved) = (world.device("x").await, world.device("y").await);
    world.decide(&approved, &world.app.admin_token, "approve").await;
    let (_, page) = world.review(&device.user_code, &world.app.admin_token).await;
    world.wait(600);
    for device in [&device, &approved] {
        world.refused(device, "expired_token").await;
    }
    assert_eq!(world.press(&page, "approve").await.0, 400);
    assert_eq!(world.review(&device.user_code, &world.app.admin_token).await.0, 400);
    world.refused(&device, "expired_token").await;
    // in the end even that is forgotten
    world.wait(7200);
    world.device("z").await;
    world.refused(&device, "invalid_grant").await;
}

async fn who_polls_too_often_is_told_to_slow_down(database: Database) {
    let world = World::start(database).await;
    let device = world.device("x").await;
    for (pause, told) in [
        (0, "authorization_pending"),
        (1, "slow_down"),
        (5, "slow_down"),
        (15, "authorization_pending"),
        (10, "slow_down"),
    ] {
        world.wait(pause);
        world.refused(&device, told).await;
    }
}

async fn of_polls_at_once_one_gets_the_token(database: Database) {
    let world = &World::start(database).await;
    let device = &world.device("x").await;
    world.decide(device, &world.app.admin_token, "approve").await;
    let polls = join_all((0..8).map(|_| world.poll(device))).await;
    let granted: Vec<_> = polls.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(granted.len(), 1, "{polls:?}");
    assert!(
        polls.iter().all(|(status, body)| *status == 200 || body["error"] == "invalid_grant"),
        "{polls:?}"
    );
}

async fn a_code_is_of_its_client_alone(database: Database) {
    let world = World::start(database).await;
    let (device, other) = (world.device("x").await, world.device("y").await);
    world.decide(&device, &world.app.admin_token, "approve").await;
    let stolen = super::Device { client: other.client, ..world.device("z").await };
    let stolen = super::Device { code: device.code.clone(), ..stolen };
    world.refused(&stolen, "invalid_grant").await;
    assert_eq!(world.poll(&device).await.0, 200);
}

async fn a_user_who_is_switched_off_signs_no_device_in(database: Database) {
    let world = World::start(database).await;
    let (ann, token) = world.user("ann", UserType::Personal).await;
    let (approved, looked) = (world.device("x").await, world.device("y").await);
    world.decide(&approved, &token, "approve").await;
    let (_, page) = world.review(&looked.user_code, &token).await;
    let system = roster::domain::actor::Caller::system("test");
    user::deactivate(&world.app.services, &system, ann.id).await.unwrap();
    world.refused(&approved, "access_denied").await;
    assert_eq!(world.press(&page, "approve").await.0, 400);
    world.refused(&looked, "authorization_pending").await;
}

async fn another_instance_goes_on_where_one_began(database: Database) {
    let url = database.url.clone();
    let world = World::start(database).await;
    let device = world.device("x").await;
    let other = Services::new(Store::open(&url).await.unwrap(), world.clock.clone());
    let visitor = Visitor { request_id: "test".to_owned(), address: None, user_agent: None };
    let review = device_grant::review(&other, &visitor, &device.user_code, &world.app.admin_token);
    let ticket = review.await.unwrap().ticket;
    let approve = device_grant::Decision::Approve;
    device_grant::decide(&world.app.services, &visitor, &device.user_code, ticket.reveal(), approve)
        .await
        .unwrap();
    let polled = device_grant::poll(&other, &visitor, device.client.parse().unwrap(), &device.code).await;
    let Polled::Granted(_, secret) = polled.unwrap() else { panic!("not granted") };
    assert_eq!(world.whoami(secret.reveal()).await, "root");
}
