//! Groups of the IdP mapped to organizations: what the mapping RPCs do, and what becomes of members.

use roster::{
    domain::id::OrganizationId,
    proto::buf::alpha::registry::v1alpha1::{
        AddOrganizationGroupRequest, AddOrganizationMemberRequest, GetOrganizationSettingsRequest,
        ListOrganizationUsersRequest, OrganizationRole as Role, OrganizationRoleSource as Source,
        RemoveOrganizationGroupRequest, RemoveOrganizationMemberRequest, UpdateOrganizationGroupRequest,
        UpdateOrganizationMemberRequest,
    },
};
use tonic::{Code, Status};

use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, field_of, reason_of},
};

async fn map(calls: &Calls, organization: OrganizationId, name: &str, role: Role) -> Result<(), Status> {
    let request = AddOrganizationGroupRequest {
        organization_id: organization.to_string(),
        group_name: name.to_owned(),
        role_override: role.into(),
    };
    calls.organizations().add_organization_group(request).await.map(drop)
}

async fn remap(
    calls: &Calls,
    organization: OrganizationId,
    name: &str,
    role: Option<Role>,
) -> Result<(), Status> {
    let request = UpdateOrganizationGroupRequest {
        organization_id: organization.to_string(),
        group_name: name.to_owned(),
        role_override: role.map(Into::into),
    };
    calls.organizations().update_organization_group(request).await.map(drop)
}

async fn unmap(calls: &Calls, organization: OrganizationId, name: &str) -> Result<(), Status> {
    let (organization_id, group_name) = (organization.to_string(), name.to_owned());
    let request = RemoveOrganizationGroupRequest { organization_id, group_name };
    calls.organizations().remove_organization_group(request).await.map(drop)
}

/// The members but the owner who made the organization: name, role, source.
async fn members(calls: &Calls, organization: OrganizationId) -> Vec<(String, Role, Source)> {
    let organization_id = organization.to_string();
    let request = ListOrganizationUsersRequest { organization_id, ..Default::default() };
    let listed = calls.users().list_organization_users(request).await.unwrap().into_inner().users;
    let of = |member: roster::proto::buf::alpha::registry::v1alpha1::OrganizationUser| {
        let (role, source) = (member.organization_role(), member.organization_role_source());
        (member.user.unwrap().username, role, source)
    };
    listed.into_iter().map(of).filter(|member| member.0 != "root").collect()
}

async fn mappings(calls: &Calls, organization: OrganizationId) -> Vec<(String, Role)> {
    let request = GetOrganizationSettingsRequest { organization_id: organization.to_string() };
    let settings = calls.organizations().get_organization_settings(request).await.unwrap().into_inner();
    settings.idp_groups.iter().map(|group| (group.name.clone(), group.role_override())).collect()
}

async fn mapping_again_changes_nothing_and_with_another_role_is_refused(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    map(&calls, acme, "eng", Role::Unspecified).await.unwrap();
    map(&calls, acme, "eng", Role::Unspecified).await.unwrap();
    let status = map(&calls, acme, "ENG", Role::Owner).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::AlreadyExists, "group_name"));
    assert_eq!(mappings(&calls, acme).await, [("eng".to_owned(), Role::Unspecified)]);
}

async fn an_update_leaves_sets_or_clears_the_override(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    map(&calls, acme, "eng", Role::Machine).await.unwrap();
    for (given, expected) in [
        (None, Role::Machine),
        (Some(Role::Admin), Role::Admin),
        (Some(Role::Admin), Role::Admin),
        (None, Role::Admin),
        (Some(Role::Unspecified), Role::Unspecified),
    ] {
        remap(&calls, acme, "eng", given).await.unwrap();
        assert_eq!(mappings(&calls, acme).await, [("eng".to_owned(), expected)], "{given:?}");
    }
}

async fn a_group_that_is_not_mapped_is_not_found(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    for status in
        [remap(&calls, acme, "eng", None).await.unwrap_err(), unmap(&calls, acme, "eng").await.unwrap_err()]
    {
        assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "group_name"));
    }
}

async fn members_come_and_go_with_the_mapping_and_the_group(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    let bob = server.push_user("bob@example.com").await.user;
    map(&calls, acme, "eng", Role::Unspecified).await.unwrap();
    let group = server.push_group("Eng", &[&bob]).await;
    let by_group = |role| vec![("bob".to_owned(), role, Source::IdpGroup)];
    assert_eq!(members(&calls, acme).await, by_group(Role::Member));
    remap(&calls, acme, "eng", Some(Role::Admin)).await.unwrap();
    assert_eq!(members(&calls, acme).await, by_group(Role::Admin));
    unmap(&calls, acme, "eng").await.unwrap();
    assert_eq!(members(&calls, acme).await, []);
    map(&calls, acme, "eng", Role::Machine).await.unwrap();
    assert_eq!(members(&calls, acme).await, by_group(Role::Machine));
    server.push_active(&bob, false).await;
    assert_eq!(members(&calls, acme).await, []);
    server.push_active(&bob, true).await;
    assert_eq!(members(&calls, acme).await, by_group(Role::Machine));
    server.empty_group(group).await;
    assert_eq!(members(&calls, acme).await, []);
}

async fn a_direct_role_is_never_below_what_a_group_gives(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    let bob = server.push_user("bob@example.com").await.user;
    map(&calls, acme, "eng", Role::Machine).await.unwrap();
    server.push_group("eng", &[&bob]).await;
    let (organization_id, user_id) = (acme.to_string(), bob.id.to_string());
    let add = AddOrganizationMemberRequest {
        organization_id: organization_id.clone(),
        user_id: user_id.clone(),
        organization_role: Role::Member.into(),
    };
    let update =
        UpdateOrganizationMemberRequest { organization_id, user_id, organization_role: Role::Member.into() };
    for status in [
        calls.organizations().add_organization_member(add.clone()).await.unwrap_err(),
        calls.organizations().update_organization_member(update).await.unwrap_err(),
    ] {
        assert_eq!(
            (status.code(), reason_of(&status).as_str()),
            (Code::FailedPrecondition, "BELOW_GROUP_ROLE")
        );
    }
    let add = AddOrganizationMemberRequest { organization_role: Role::Admin.into(), ..add };
    calls.organizations().add_organization_member(add).await.unwrap();
    assert_eq!(members(&calls, acme).await, [("bob".to_owned(), Role::Admin, Source::Direct)]);
}

async fn a_direct_role_goes_and_the_groups_stays(database: Database) {
    let server = Harness::on(database).await;
    let calls = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    let bob = server.push_user("bob@example.com").await.user;
    map(&calls, acme, "eng", Role::Unspecified).await.unwrap();
    server.push_group("eng", &[&bob]).await;
    let (organization_id, user_id) = (acme.to_string(), bob.id.to_string());
    let add = AddOrganizationMemberRequest {
        organization_id: organization_id.clone(),
        user_id: user_id.clone(),
        organization_role: Role::Admin.into(),
    };
    calls.organizations().add_organization_member(add).await.unwrap();
    let remove = RemoveOrganizationMemberRequest { organization_id, user_id };
    calls.organizations().remove_organization_member(remove.clone()).await.unwrap();
    assert_eq!(members(&calls, acme).await, [("bob".to_owned(), Role::Member, Source::IdpGroup)]);
    let status = calls.organizations().remove_organization_member(remove).await.unwrap_err();
    assert_eq!(reason_of(&status), "MEMBER_THROUGH_GROUP");
}

async fn an_admin_may_not_touch_a_mapping_that_gives_owner(database: Database) {
    let server = Harness::on(database).await;
    let root = server.admin_calls();
    let acme = server.organization(&server.admin, "acme").await;
    let boss = server.person("boss").await;
    server.member(acme, &boss, roster::domain::role::OrganizationRole::Admin).await;
    map(&root, acme, "founders", Role::Owner).await.unwrap();
    let calls = server.calls_of(&boss);
    for status in [
        remap(&calls, acme, "founders", Some(Role::Member)).await.unwrap_err(),
        unmap(&calls, acme, "founders").await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(reason_of(&status), "ORGANIZATION_ROLE_TOO_LOW");
    }
}

on_both_databases! {
    mapping_again_changes_nothing_and_with_another_role_is_refused;
    an_update_leaves_sets_or_clears_the_override;
    a_group_that_is_not_mapped_is_not_found;
    members_come_and_go_with_the_mapping_and_the_group;
    a_direct_role_is_never_below_what_a_group_gives;
    a_direct_role_goes_and_the_groups_stays;
    an_admin_may_not_touch_a_mapping_that_gives_owner;
}
