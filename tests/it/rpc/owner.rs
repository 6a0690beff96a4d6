//! `buf.registry.owner.v1`: batches, refs, order, paths of fields.

use std::time::Duration;

use roster::{
    domain::role::OrganizationRole,
    proto::buf::registry::owner::v1::{
        CreateOrganizationsRequest, DeleteOrganizationsRequest, GetCurrentUserRequest,
        GetOrganizationsRequest, ListOrganizationsRequest, Organization, OrganizationRef,
        OrganizationVerificationStatus, OrganizationVisibility, UpdateOrganizationsRequest, UserInstanceRole,
        UserRef, UserState, UserType, create_organizations_request::Value as New,
        list_organizations_request::Order, organization_ref, update_organizations_request::Value as Change,
        user_ref,
    },
};
use tonic::{Code, Status};

use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, field_of, manual_clock},
};

fn new(name: &str) -> New {
    New { name: name.to_owned(), ..New::default() }
}

fn named(name: &str) -> OrganizationRef {
    OrganizationRef { value: Some(organization_ref::Value::Name(name.to_owned())) }
}

fn by_id(id: &str) -> OrganizationRef {
    OrganizationRef { value: Some(organization_ref::Value::Id(id.to_owned())) }
}

async fn create(calls: &Calls, values: Vec<New>) -> Result<Vec<Organization>, Status> {
    let request = CreateOrganizationsRequest { values };
    Ok(calls.owner_organizations().create_organizations(request).await?.into_inner().organizations)
}

async fn get(calls: &Calls, organization_refs: Vec<OrganizationRef>) -> Result<Vec<String>, Status> {
    let request = GetOrganizationsRequest { organization_refs };
    let found = calls.owner_organizations().get_organizations(request).await?.into_inner();
    Ok(found.organizations.into_iter().map(|organization| organization.name).collect())
}

async fn update(calls: &Calls, values: Vec<Change>) -> Result<Vec<Organization>, Status> {
    let request = UpdateOrganizationsRequest { values };
    Ok(calls.owner_organizations().update_organizations(request).await?.into_inner().organizations)
}

async fn list(calls: &Calls, request: ListOrganizationsRequest) -> Result<Vec<String>, Status> {
    let found = calls.owner_organizations().list_organizations(request).await?.into_inner();
    Ok(found.organizations.into_iter().map(|organization| organization.name).collect())
}

#[track_caller]
fn fails<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, field: &str) {
    let status = outcome.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (code, field), "{status:?}");
}

async fn the_current_user_is_told_with_the_role_on_the_server(database: Database) {
    let server = Harness::on(database).await;
    let answer = server.admin_calls().owner_users().get_current_user(GetCurrentUserRequest {}).await;
    let user = answer.unwrap().into_inner().user.unwrap();
    assert_eq!((user.id.clone(), user.name.as_str()), (server.admin.id(), "root"));
    assert_eq!((user.r#type(), user.state()), (UserType::Standard, UserState::Active));
    assert_eq!(user.user_instance_role(), UserInstanceRole::Admin);
}

async fn what_is_created_is_read_by_id_and_name_in_request_order(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let calls = server.calls_of(&bob);
    let unverified = OrganizationVerificationStatus::Unverified;
    let values = vec![
        New { description: "one".into(), url: "https://example.com".into(), ..new("acme") },
        New {
            verification_status: unverified.into(),
            visibility: Some(OrganizationVisibility::Private.into()),
            ..new("bcme")
        },
    ];
    let made = create(&calls, values).await.unwrap();
    assert_eq!((made[0].name.as_str(), made[1].name.as_str()), ("acme", "bcme"));
    assert_eq!((made[0].description.as_str(), made[0].url.as_str()), ("one", "https://example.com"));
    assert_eq!(
        (made[1].verification_status(), made[1].visibility()),
        (unverified, OrganizationVisibility::Private)
    );
    let refs = vec![named("bcme"), by_id(&made[0].id), named("bcme")];
    assert_eq!(get(&calls, refs).await.unwrap(), ["bcme", "acme", "bcme"]);
}

async fn a_batch_is_all_or_nothing_and_names_what_failed(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    create(&calls, vec![new("taken")]).await.unwrap();
    fails(create(&calls, vec![new("acme"), new("Acme")]).await, Code::InvalidArgument, "values[1].name");
    fails(create(&calls, vec![new("acme"), new("taken")]).await, Code::AlreadyExists, "values[1].name");
    fails(create(&calls, vec![new("acme"), new("acme")]).await, Code::AlreadyExists, "values[1].name");
    fails(get(&calls, vec![named("taken"), named("acme")]).await, Code::NotFound, "organization_refs[1]");
    let change = |name: &str, url: &str| Change {
        organization_ref: Some(named(name)),
        url: Some(url.to_owned()),
        ..Change::default()
    };
    let both = vec![change("taken", "https://example.com"), change("taken", "nowhere")];
    fails(update(&calls, both).await, Code::InvalidArgument, "values[1].url");
    let both = vec![change("taken", "https://example.com"), change("gone", "")];
    fails(update(&calls, both).await, Code::NotFound, "values[1]");
    let found =
        update(&calls, vec![Change { organization_ref: Some(named("taken")), ..Change::default() }]).await;
    assert_eq!(found.unwrap()[0].url, "");
    let organization_refs = vec![named("taken"), named("gone")];
    let request = DeleteOrganizationsRequest { organization_refs };
    let outcome = calls.owner_organizations().delete_organizations(request).await;
    fails(outcome, Code::NotFound, "organization_refs[1]");
    assert_eq!(get(&calls, vec![named("taken")]).await.unwrap(), ["taken"]);
}

async fn an_update_changes_what_is_set(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    create(&calls, vec![New { description: "old".into(), ..new("acme") }]).await.unwrap();
    let verified = OrganizationVerificationStatus::Verified;
    let first = Change {
        organization_ref: Some(named("acme")),
        url: Some("https://example.com".into()),
        verification_status: Some(verified.into()),
        ..Change::default()
    };
    let changed = update(&calls, vec![first]).await.unwrap().remove(0);
    assert_eq!((changed.description.as_str(), changed.url.as_str()), ("old", "https://example.com"));
    assert_eq!(changed.verification_status(), verified);
    let second = Change {
        organization_ref: Some(by_id(&changed.id)),
        description: Some(String::new()),
        url: Some(String::new()),
        ..Change::default()
    };
    let changed = update(&calls, vec![second]).await.unwrap().remove(0);
    assert_eq!((changed.description.as_str(), changed.url.as_str()), ("", ""));
    assert_eq!(changed.verification_status(), verified);
}

async fn batches_and_refs_are_checked(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let invalid = Code::InvalidArgument;
    fails(create(&calls, vec![]).await, invalid, "values");
    fails(create(&calls, vec![new("acme"); 251]).await, invalid, "values");
    fails(get(&calls, vec![]).await, invalid, "organization_refs");
    fails(get(&calls, vec![named("acme"); 251]).await, invalid, "organization_refs");
    fails(get(&calls, vec![OrganizationRef::default()]).await, invalid, "organization_refs[0]");
    fails(get(&calls, vec![by_id("x")]).await, invalid, "organization_refs[0].id");
    fails(update(&calls, vec![Change::default()]).await, invalid, "values[0].organization_ref");
    let public = Some(OrganizationVisibility::Public.into());
    fails(
        create(&calls, vec![New { visibility: public, ..new("acme") }]).await,
        invalid,
        "values[0].visibility",
    );
    let strange = New { verification_status: 7, ..new("acme") };
    fails(create(&calls, vec![strange]).await, invalid, "values[0].verification_status");
    let order = ListOrganizationsRequest { order: 3, ..Default::default() };
    fails(list(&calls, order).await, invalid, "order");
    let user_refs = vec![UserRef { value: Some(user_ref::Value::Name("nobody".into())) }];
    let of_nobody = ListOrganizationsRequest { user_refs, ..Default::default() };
    fails(list(&calls, of_nobody).await, Code::NotFound, "user_refs[0]");
}

async fn the_latest_come_first_unless_asked_otherwise(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let (calls, bob) = (server.admin_calls(), server.person("bob").await);
    for name in ["one", "two", "three"] {
        let id = server.organization(&server.admin, name).await;
        if name != "two" {
            server.member(id, &bob, OrganizationRole::Member).await;
        }
        clock.advance(Duration::from_millis(1));
    }
    let by = |order: Order| ListOrganizationsRequest { order: order.into(), ..Default::default() };
    let latest_first = ["three", "two", "one"];
    assert_eq!(list(&calls, by(Order::Unspecified)).await.unwrap(), latest_first);
    assert_eq!(list(&calls, by(Order::CreateTimeDesc)).await.unwrap(), latest_first);
    assert_eq!(list(&calls, by(Order::CreateTimeAsc)).await.unwrap(), ["one", "two", "three"]);
    let user_refs = vec![UserRef { value: Some(user_ref::Value::Id(bob.id())) }];
    let of_bob = ListOrganizationsRequest { user_refs, ..Default::default() };
    assert_eq!(list(&calls, of_bob).await.unwrap(), ["three", "one"]);
    assert_eq!(list(&server.calls_of(&bob), by(Order::Unspecified)).await.unwrap(), ["three", "one"]);
}

on_both_databases! {
    the_current_user_is_told_with_the_role_on_the_server;
    what_is_created_is_read_by_id_and_name_in_request_order;
    a_batch_is_all_or_nothing_and_names_what_failed;
    an_update_changes_what_is_set;
    batches_and_refs_are_checked;
    the_latest_come_first_unless_asked_otherwise;
}
