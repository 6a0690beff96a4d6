//! Every write tells the revision that it made, and every read waits for the one that it is given: by SCIM, Connect and
//! gRPC, on both databases.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use prost_reflect::{
    Kind, MessageDescriptor, MethodDescriptor, prost_types::method_options::IdempotencyLevel,
};
use reqwest::{Response, header::HeaderMap};
use roster::{
    domain::{
        actor::Caller,
        clock::SystemClock,
        id::{OrganizationId, UserId},
        role::{OrganizationRole, ServerRole},
        scim_token::ClientProfile,
        user::UserType,
    },
    proto::roster::v1::{
        CheckMembershipRequest, CheckMembershipResponse, OrganizationRef, UserRef,
        membership_service_client::MembershipServiceClient, organization_ref, user_ref,
    },
    services::{
        Services,
        organization::{NewOrganization, create, member},
        user,
    },
    storage::{Store, membership},
};
use serde_json::{Value, json};
use tonic::{Code, Request, transport::Channel};

use crate::{
    app::App,
    storage::{Database, on_both_databases},
    support::reason_of,
};

on_both_databases! {
    a_write_tells_its_revision_in_every_protocol;
    a_read_waits_for_a_revision_that_comes;
    a_revision_that_never_comes_is_refused_in_time;
    what_is_no_revision_is_refused;
    every_read_of_ours_waits_for_a_revision;
}

/// A call by Connect of any package.
async fn call(app: &App, method: &str, request: &Value, headers: &[(&str, &str)]) -> Response {
    let mut call = reqwest::Client::new().post(format!("{}/{method}", app.url)).json(request);
    for (name, value) in headers {
        call = call.header(*name, *value);
    }
    call.bearer_auth(&app.admin_token).send().await.unwrap()
}

fn revision(headers: &HeaderMap) -> Option<u64> {
    Some(headers.get("roster-revision")?.to_str().unwrap().parse().unwrap())
}

/// Asks by gRPC, as the server admin.
async fn check(app: &App, message: CheckMembershipRequest) -> Result<CheckMembershipResponse, tonic::Status> {
    let channel = Channel::from_shared(app.url.clone()).unwrap().connect().await.unwrap();
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.admin_token).parse().unwrap());
    Ok(MembershipServiceClient::new(channel).check_membership(request).await?.into_inner())
}

fn about(user: UserId, organization: OrganizationId, min_revision: u64) -> CheckMembershipRequest {
    CheckMembershipRequest {
        user_ref: Some(UserRef { value: Some(user_ref::Value::Id(user.to_string())) }),
        organization_ref: Some(OrganizationRef {
            value: Some(organization_ref::Value::Id(organization.to_string())),
        }),
        minimum_role: 0,
        min_revision,
    }
}

async fn organization(app: &App) -> OrganizationId {
    let caller = app.admin_caller().await;
    let new = NewOrganization { name: "acme".to_owned(), ..NewOrganization::default() };
    create(&app.services, &caller, &[new]).await.unwrap()[0].id
}

async fn a_write_tells_its_revision_in_every_protocol(database: Database) {
    let store = database.store.clone();
    let app = App::start(database).await;
    let alpha = "buf.alpha.registry.v1alpha1";

    let create = format!("{alpha}.OrganizationService/CreateOrganization");
    let made = call(&app, &create, &json!({"name": "acme"}), &[]).await;
    let first = revision(made.headers()).unwrap();
    assert!(first > 0 && first == membership::revision(store.reader()).await.unwrap());
    let made: Value = made.json().await.unwrap();

    // by SCIM: a user moves no role, and its revision is the one that was there
    let token = app.scim_token(ClientProfile::Generic).await;
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann"});
    let pushed = app.scim(&token, "POST", "/Users", &[], Some(user.to_string().into_bytes())).await;
    assert_eq!((pushed.status, revision(&pushed.headers)), (201, Some(first)));
    let map = json!({"organization_id": made["organization"]["id"], "group_name": "Engineering"});
    let mapped = call(&app, &format!("{alpha}.OrganizationService/AddOrganizationGroup"), &map, &[]).await;
    assert_eq!(revision(mapped.headers()), Some(first));
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Engineering",
        "members": [{"value": pushed.body["id"]}],
    });
    let pushed = app.scim(&token, "POST", "/Groups", &[], Some(group.to_string().into_bytes())).await;
    let second = revision(&pushed.headers).unwrap();
    assert!(second > first);

    // ours tell it in the message as well
    let made = call(&app, "roster.v1.ScimTokenService/CreateScimToken", &json!({}), &[]).await;
    assert_eq!(revision(made.headers()), Some(second));
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["revision"], second.to_string());

    // a read makes none, and nor does a write that is refused
    let read =
        call(&app, "roster.v1.IdpGroupService/ListIdpGroups", &json!({"minRevision": second}), &[]).await;
    assert_eq!((read.status().as_u16(), revision(read.headers())), (200, None));
    let refused = app.scim(&token, "POST", "/Users", &[], Some(user.to_string().into_bytes())).await;
    assert_eq!((refused.status, revision(&refused.headers)), (409, None));
}

async fn a_read_waits_for_a_revision_that_comes(database: Database) {
    let (url, store) = (database.url.clone(), database.store.clone());
    let app = App::start(database).await;
    let acme = organization(&app).await;
    let ann = user::NewUser {
        username: "ann".to_owned(),
        email: None,
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    let system = Caller::system("test");
    let ann = user::create(&app.services, &system, &ann).await.unwrap().id;
    let next = membership::revision(store.reader()).await.unwrap() + 1;
    // another instance on the same database makes the revision
    let other = Store::open(&url).await.unwrap();
    let other = Services::new(other, Arc::new(SystemClock));
    let direct = member::DirectRole { organization_id: acme, user_id: ann, role: OrganizationRole::Admin };
    let (answer, done) =
        tokio::join!(check(&app, about(ann, acme, next)), member::add(&other, &system, direct));
    done.unwrap();
    let answer = answer.unwrap();
    assert!(answer.revision >= next && answer.decision.unwrap().is_member);

    let min = next.to_string();
    let request = json!({"userRef": {"name": "ann"}, "organizationRef": {"name": "acme"}});
    let method = "roster.v1.MembershipService/CheckMembership";
    let answer = call(&app, method, &request, &[("roster-min-revision", &min)]).await;
    assert_eq!(answer.status(), 200);
}

async fn a_revision_that_never_comes_is_refused_in_time(database: Database) {
    let app = App::start(database).await;
    let acme = organization(&app).await;
    let started = Instant::now();
    let token = app.scim_token(ClientProfile::Generic).await;
    let header = [("Roster-Min-Revision".to_owned(), "1000".to_owned())];
    let ahead = [("roster-min-revision", "1000")];
    let empty = json!({});
    let (by_field, by_header, by_scim) = tokio::join!(
        check(&app, about(app.admin.id, acme, 1_000)),
        call(&app, "buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", &empty, &ahead),
        app.scim(&token, "GET", "/Users", &header, None),
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    let by_field = by_field.unwrap_err();
    assert_eq!((by_field.code(), reason_of(&by_field).as_str()), (Code::Unavailable, "REVISION_NOT_REACHED"));
    assert_eq!(by_header.status(), 503);
    assert_eq!(by_header.json::<Value>().await.unwrap()["code"], "unavailable");
    assert_eq!((by_scim.status, by_scim.body["status"].as_str()), (503, Some("503")));
    assert!(by_scim.headers.contains_key("retry-after"));
}

async fn what_is_no_revision_is_refused(database: Database) {
    let app = App::start(database).await;
    let token = app.scim_token(ClientProfile::Generic).await;
    for text in ["", "x", "-1", "1.5", "99999999999999999999"] {
        let header = [("Roster-Min-Revision".to_owned(), text.to_owned())];
        let answer = app.scim(&token, "GET", "/Users", &header, None).await;
        assert_eq!((answer.status, answer.body["scimType"].as_str()), (400, Some("invalidValue")), "{text}");
        let method = "roster.v1.IdpGroupService/ListIdpGroups";
        let answer = call(&app, method, &json!({}), &[("roster-min-revision", text)]).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "invalid_argument", "{text}");
    }
}

/// The methods of `roster.v1`, each with whether it only reads.
fn methods() -> Vec<(MethodDescriptor, bool)> {
    let pool = roster::proto::pool().unwrap();
    let ours = pool.services().filter(|service| service.package_name() == "roster.v1");
    let methods = ours.flat_map(|service| service.methods().collect::<Vec<_>>());
    let reads = |method: &MethodDescriptor| {
        let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
        options.idempotency_level() == IdempotencyLevel::NoSideEffects
            // reads as well, but by GET, which that level allows, nothing can stream
            || method.name() == "WatchMemberships"
    };
    methods.map(|method| (method.clone(), reads(&method))).collect()
}

fn is_revision(message: &MessageDescriptor, name: &str) -> bool {
    message.get_field_by_name(name).is_some_and(|field| field.kind() == Kind::Uint64 && !field.is_list())
}

#[test]
fn every_message_of_ours_has_its_revision() {
    let (reads, writes): (Vec<_>, Vec<_>) = methods().into_iter().partition(|(_, reads)| *reads);
    assert!(reads.len() > 15 && writes.len() > 8, "{} {}", reads.len(), writes.len());
    let without = reads.iter().filter(|(method, _)| !is_revision(&method.input(), "min_revision"));
    let without =
        without.chain(writes.iter().filter(|(method, _)| !is_revision(&method.output(), "revision")));
    assert_eq!(without.map(|(method, _)| method.full_name()).collect::<Vec<_>>(), Vec::<&str>::new());
}

async fn every_read_of_ours_waits_for_a_revision(database: Database) {
    let app = &App::start(database).await;
    let reads = methods().into_iter().filter(|(_, reads)| *reads);
    let unary = reads.map(|(method, _)| method).filter(|method| !method.is_server_streaming());
    join_all(unary.map(async |method| {
        let path = format!("{}/{}", method.parent_service().full_name(), method.name());
        let answer = call(app, &path, &json!({ "minRevision": "1000" }), &[]).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["code"], "unavailable", "{path}: {answer}");
    }))
    .await;
}
