//! Requests that break a rule: `invalid_argument`, and the field is named.

use prost_types::Timestamp;
use roster::proto::buf::alpha::registry::v1alpha1::{
    AddOrganizationGroupRequest, AddOrganizationMemberRequest, CountUsersRequest, CreateOrganizationRequest,
    CreateScimTokenRequest, CreateTokenRequest, CreateUserRequest, DeleteScimTokenRequest,
    DeleteTokenRequest, GetOrganizationRequest, GetOrganizationSettingsRequest, GetUserOrganizationRequest,
    GetUserRequest, ListOrganizationsRequest, ListScimTokensRequest, ListTokensRequest,
    ListUserOrganizationsRequest, ListUsersRequest, UpdateOrganizationGroupRequest,
    UpdateOrganizationSettingsRequest, UpdateUserServerRoleRequest,
};
use roster::proto::{
    buf::registry::owner::v1::{
        CreateOrganizationsRequest, CreateUsersRequest, create_organizations_request, create_users_request,
    },
    roster::v1 as roster_v1,
};
use tonic::{Code, Status};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, field_of, reason_of, violations_of},
};

#[track_caller]
fn names<T: std::fmt::Debug>(field: &str, outcome: Result<T, Status>) {
    let status = outcome.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, field), "{status:?}");
    assert_eq!(reason_of(&status), "INVALID_FIELD");
    assert_eq!(violations_of(&status), [field]);
    assert!(status.message().starts_with(&format!("{field}: ")), "{status:?}");
}

async fn names_outside_the_pattern(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    for name in ["", "a", "Acme", "acme_1", "1acme", "acme-", "-acme", "ac me", "scim", &"a".repeat(33)] {
        let request = CreateOrganizationRequest { name: name.to_owned() };
        names("name", calls.organizations().create_organization(request).await);
        let request = CreateUserRequest { username: name.to_owned() };
        names("username", calls.users().create_user(request).await);
    }
    for name in ["ab", &"a".repeat(32), "a-1"] {
        let request = CreateOrganizationRequest { name: name.to_owned() };
        calls.organizations().create_organization(request).await.unwrap();
    }
}

async fn malformed_ids(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    for id in ["x", "0", &"A".repeat(32), "00000000-0000-0000-0000-000000000000"] {
        let id = id.to_owned();
        names("id", calls.users().get_user(GetUserRequest { id: id.clone() }).await);
        names("id", calls.organizations().get_organization(GetOrganizationRequest { id: id.clone() }).await);
        let request = DeleteTokenRequest { token_id: id.clone() };
        names("token_id", calls.tokens().delete_token(request).await);
        let request = DeleteScimTokenRequest { token_id: id.clone() };
        names("token_id", calls.scim_tokens().delete_scim_token(request).await);
        let request = CreateTokenRequest { user_id: id.clone(), ..Default::default() };
        names("user_id", calls.tokens().create_token(request).await);
        let request = GetOrganizationSettingsRequest { organization_id: id.clone() };
        names("organization_id", calls.organizations().get_organization_settings(request).await);
        let request = GetUserOrganizationRequest { user_id: id, organization_id: "0".repeat(32) };
        names("user_id", calls.organizations().get_user_organization(request).await);
    }
    names("id", calls.users().get_user(GetUserRequest::default()).await);
}

async fn page_sizes_and_tokens(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let user_id = server.admin.id();
    for (page_size, page_token, field) in
        [(251, "", "page_size"), (u32::MAX, "", "page_size"), (1, "x", "page_token")]
    {
        let page_token = page_token.to_owned();
        let request = ListTokensRequest { page_size, page_token: page_token.clone(), ..Default::default() };
        names(field, calls.tokens().list_tokens(request).await);
        let request = ListScimTokensRequest { page_size, page_token: page_token.clone(), reverse: true };
        names(field, calls.scim_tokens().list_scim_tokens(request).await);
        let request = ListUsersRequest { page_size, page_token: page_token.clone(), ..Default::default() };
        names(field, calls.users().list_users(request).await);
        let request = ListOrganizationsRequest { page_size, page_token: page_token.clone(), reverse: false };
        names(field, calls.organizations().list_organizations(request).await);
        let user_id = user_id.clone();
        let request = ListUserOrganizationsRequest { user_id, page_size, page_token, reverse: false };
        names(field, calls.organizations().list_user_organizations(request).await);
    }
}

async fn enums(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let organization_id = server.organization(&server.admin, "acme").await.to_string();
    let user_id = server.admin.id();
    for organization_role in [0, 5, -1] {
        let (organization_id, user_id) = (organization_id.clone(), user_id.clone());
        let request = AddOrganizationMemberRequest { organization_id, user_id, organization_role };
        names("organization_role", calls.organizations().add_organization_member(request).await);
    }
    for server_role in [0, 3] {
        let request = UpdateUserServerRoleRequest { user_id: user_id.clone(), server_role };
        names("server_role", calls.users().update_user_server_role(request).await);
    }
    let (group_name, role_override) = ("eng".to_owned(), Some(9));
    let request = UpdateOrganizationGroupRequest {
        organization_id: organization_id.clone(),
        group_name,
        role_override,
    };
    names("role_override", calls.organizations().update_organization_group(request).await);
    names("user_state_filter", calls.users().count_users(CountUsersRequest { user_state_filter: 3 }).await);
    let request = ListUsersRequest { user_type_filters: vec![1, 0], ..Default::default() };
    names("user_type_filters[1]", calls.users().list_users(request).await);
    for repository_base_role in [1, 6] {
        let organization_id = organization_id.clone();
        let request =
            UpdateOrganizationSettingsRequest { organization_id, repository_base_role, ..Default::default() };
        names("repository_base_role", calls.organizations().update_organization_settings(request).await);
    }
}

async fn texts_and_times(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let organization_id = server.organization(&server.admin, "acme").await.to_string();
    for group_name in ["", " ", &"g".repeat(256)] {
        let (organization_id, group_name) = (organization_id.clone(), group_name.to_owned());
        let request = AddOrganizationGroupRequest { organization_id, group_name, role_override: 0 };
        names("group_name", calls.organizations().add_organization_group(request).await);
    }
    let settings =
        UpdateOrganizationSettingsRequest { organization_id: organization_id.clone(), ..Default::default() };
    let request =
        UpdateOrganizationSettingsRequest { description: Some("é".repeat(351)), ..settings.clone() };
    names("description", calls.organizations().update_organization_settings(request).await);
    let request = UpdateOrganizationSettingsRequest { url: Some("acme".to_owned()), ..settings };
    names("url", calls.organizations().update_organization_settings(request).await);
    let request = CreateTokenRequest { note: "n".repeat(256), ..Default::default() };
    names("note", calls.tokens().create_token(request).await);
    for (seconds, nanos) in [(253_402_300_800, 0), (4_000_000_000, -1), (4_000_000_000, 1_000_000_000)] {
        let expire_time = Some(Timestamp { seconds, nanos });
        let request = CreateScimTokenRequest { expire_time };
        names("expire_time", calls.scim_tokens().create_scim_token(request).await);
    }
}

/// Exactly these fields are named, each with its rule, and the first one as the field of the error.
#[track_caller]
fn names_all<T: std::fmt::Debug>(fields: &[&str], outcome: Result<T, Status>) {
    let status = outcome.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(violations_of(&status), fields);
    assert_eq!(field_of(&status), fields[0]);
    for field in fields {
        assert!(status.message().contains(&format!("{field}: ")), "{status:?}");
    }
}

async fn all_that_is_wrong_is_named_at_once(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let (long, bad) = ("d".repeat(351), "no url".to_owned());
    let user = |name: &str| create_users_request::Value { name: name.to_owned(), ..Default::default() };
    let values = vec![
        create_users_request::Value { r#type: 9, url: bad.clone(), ..user("Bad") },
        user("fine"),
        create_users_request::Value { description: long.clone(), verification_status: 9, ..user("good") },
    ];
    let fields = [
        "values[0].name",
        "values[0].type",
        "values[0].url",
        "values[2].verification_status",
        "values[2].description",
    ];
    names_all(&fields, calls.owner_users().create_users(CreateUsersRequest { values }).await);
    let value = create_organizations_request::Value {
        name: "-".to_owned(),
        url: bad.clone(),
        visibility: Some(1),
        ..Default::default()
    };
    let request = CreateOrganizationsRequest { values: vec![value] };
    let fields = ["values[0].name", "values[0].visibility", "values[0].url"];
    names_all(&fields, calls.owner_organizations().create_organizations(request).await);
    let request = CreateTokenRequest {
        user_id: "x".to_owned(),
        note: "n".repeat(256),
        expire_time: Some(Timestamp::default()),
    };
    names_all(&["user_id", "note", "expire_time"], calls.tokens().create_token(request).await);
    let request = AddOrganizationMemberRequest {
        organization_id: "x".to_owned(),
        user_id: String::new(),
        organization_role: 0,
    };
    let fields = ["organization_id", "user_id", "organization_role"];
    names_all(&fields, calls.organizations().add_organization_member(request).await);
    let request = AddOrganizationGroupRequest {
        organization_id: "x".to_owned(),
        role_override: 9,
        ..Default::default()
    };
    let fields = ["organization_id", "group_name", "role_override"];
    names_all(&fields, calls.organizations().add_organization_group(request).await);
    let request = roster_v1::CreateScimTokenRequest {
        description: long,
        profile: 9,
        expire_time: Some(Timestamp::default()),
    };
    let fields = ["description", "profile", "expire_time"];
    names_all(&fields, calls.roster_scim_tokens().create_scim_token(request).await);
    let question = |minimum_role| roster_v1::batch_check_memberships_request::Value {
        minimum_role,
        ..Default::default()
    };
    let request = roster_v1::BatchCheckMembershipsRequest {
        values: vec![question(0), question(9)],
        ..Default::default()
    };
    let fields = [
        "values[0].user_ref",
        "values[0].organization_ref",
        "values[1].user_ref",
        "values[1].organization_ref",
        "values[1].minimum_role",
    ];
    names_all(&fields, calls.memberships().batch_check_memberships(request).await);
    let request = ListUsersRequest {
        page_size: 251,
        user_state_filter: 9,
        user_type_filters: vec![0],
        ..Default::default()
    };
    let fields = ["page_size", "user_state_filter", "user_type_filters[0]"];
    names_all(&fields, calls.users().list_users(request).await);
    // what breaks no rule of its own was not carried out
    let count = calls.users().count_users(CountUsersRequest::default()).await.unwrap();
    assert_eq!(count.into_inner().total_count, 1);
}

on_both_databases! {
    all_that_is_wrong_is_named_at_once;
    names_outside_the_pattern;
    malformed_ids;
    page_sizes_and_tokens;
    enums;
    texts_and_times;
}
