//! Users: reading, switching off, roles on the server.

use roster::{
    domain::{role::ServerRole as Rank, user::UserType as Kind},
    proto::buf::alpha::registry::v1alpha1::{
        CountUsersRequest, CreateMachineUserRequest, CreateUserRequest, DeactivateUserRequest,
        GetUserByUsernameRequest, GetUserRequest, ListScimTokensRequest, ListUsersRequest, ServerRole,
        UpdateUserServerRoleRequest, UserState, UserType, VerificationStatus,
    },
};
use tonic::Code;

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, field_of, reason_of},
};

async fn a_user_is_found_by_id_and_by_name(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let mut users = server.admin_calls().users();
    let by_id = users.get_user(GetUserRequest { id: bob.id() }).await.unwrap().into_inner().user.unwrap();
    let request = GetUserByUsernameRequest { username: "bob".to_owned() };
    let by_name = users.get_user_by_username(request).await.unwrap().into_inner().user.unwrap();
    assert_eq!(by_id, by_name);
    assert_eq!(
        (by_id.username.as_str(), by_id.deactivated, by_id.user_type()),
        ("bob", false, UserType::Personal)
    );
    assert_eq!(by_id.verification_status(), VerificationStatus::Unspecified);
    assert!(by_id.create_time.is_some() && by_id.create_time == by_id.update_time);
    let status = users.get_user(GetUserRequest { id: "0".repeat(32) }).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "id"));
    let request = GetUserByUsernameRequest { username: "Bob".to_owned() };
    let status = users.get_user_by_username(request).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "username"));
}

async fn users_and_organizations_share_one_namespace(database: Database) {
    let server = Harness::on(database).await;
    server.organization(&server.admin, "acme").await;
    server.person("bob").await;
    let calls = server.admin_calls();
    for username in ["acme", "bob"] {
        let request = CreateUserRequest { username: username.to_owned() };
        let status = calls.users().create_user(request).await.unwrap_err();
        assert_eq!((status.code(), field_of(&status).as_str()), (Code::AlreadyExists, "username"));
    }
    let request = CreateMachineUserRequest { username: "robot".to_owned() };
    let robot = calls.admin().create_machine_user(request).await.unwrap().into_inner().user.unwrap();
    assert_eq!((robot.username.as_str(), robot.user_type()), ("robot", UserType::Machine));
}

async fn lists_and_counts_are_filtered_by_state_and_type(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    server.account("robot", Kind::Machine, Rank::Member).await;
    let mut users = server.admin_calls().users();
    users.deactivate_user(DeactivateUserRequest { id: bob.id() }).await.unwrap();
    for (state, types, expected) in [
        (UserState::Unspecified, vec![], vec!["root", "bob", "robot"]),
        (UserState::Active, vec![], vec!["root", "robot"]),
        (UserState::Deactivated, vec![], vec!["bob"]),
        (UserState::Active, vec![UserType::Machine, UserType::System], vec!["robot"]),
        (UserState::Deactivated, vec![UserType::Machine], vec![]),
    ] {
        let request = ListUsersRequest {
            user_state_filter: state.into(),
            user_type_filters: types.iter().copied().map(Into::into).collect(),
            ..Default::default()
        };
        let found = users.list_users(request).await.unwrap().into_inner().users;
        let names: Vec<_> = found.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, expected, "{state:?} {types:?}");
        if types.is_empty() {
            let count =
                users.count_users(CountUsersRequest { user_state_filter: state.into() }).await.unwrap();
            assert_eq!(count.into_inner().total_count as usize, expected.len());
        }
    }
}

async fn deactivation_is_idempotent_and_of_nobody_is_not_found(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let mut users = server.admin_calls().users();
    for _ in 0..2 {
        users.deactivate_user(DeactivateUserRequest { id: bob.id() }).await.unwrap();
    }
    let found = users.get_user(GetUserRequest { id: bob.id() }).await.unwrap().into_inner().user.unwrap();
    assert!(found.deactivated);
    let status = users.deactivate_user(DeactivateUserRequest { id: "0".repeat(32) }).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "id"));
}

async fn the_server_keeps_an_active_admin(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let mut users = server.admin_calls().users();
    let role =
        |user_id: String, role: ServerRole| UpdateUserServerRoleRequest { user_id, server_role: role.into() };
    for status in [
        users.deactivate_user(DeactivateUserRequest { id: server.admin.id() }).await.unwrap_err(),
        users.update_user_server_role(role(server.admin.id(), ServerRole::Member)).await.unwrap_err(),
    ] {
        assert_eq!(
            (status.code(), reason_of(&status).as_str()),
            (Code::FailedPrecondition, "LAST_SERVER_ADMIN")
        );
    }
    users.update_user_server_role(role(bob.id(), ServerRole::Admin)).await.unwrap();
    users.update_user_server_role(role(server.admin.id(), ServerRole::Member)).await.unwrap();
    let mut former = server.admin_calls().scim_tokens();
    let status = former.list_scim_tokens(ListScimTokensRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let mut now = server.calls_of(&bob).scim_tokens();
    now.list_scim_tokens(ListScimTokensRequest::default()).await.unwrap();
}

on_both_databases! {
    a_user_is_found_by_id_and_by_name;
    users_and_organizations_share_one_namespace;
    lists_and_counts_are_filtered_by_state_and_type;
    deactivation_is_idempotent_and_of_nobody_is_not_found;
    the_server_keeps_an_active_admin;
}
