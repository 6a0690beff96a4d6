//! Members by hand, and the last owner.

use roster::{
    domain::{id::OrganizationId, role::OrganizationRole as Rank},
    proto::buf::alpha::registry::v1alpha1::{
        AddOrganizationGroupRequest, AddOrganizationMemberRequest, GetUserOrganizationRequest,
        ListUserOrganizationsRequest, OrganizationRole as Role, RemoveOrganizationGroupRequest,
        RemoveOrganizationMemberRequest, UpdateOrganizationMemberRequest,
    },
};
use tonic::{Code, Status};

use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, Person, field_of, reason_of},
};

async fn add(calls: &Calls, to: OrganizationId, who: &Person, role: Role) -> Result<(), Status> {
    let request = AddOrganizationMemberRequest {
        organization_id: to.to_string(),
        user_id: who.id(),
        organization_role: role.into(),
    };
    calls.organizations().add_organization_member(request).await.map(drop)
}

async fn update(calls: &Calls, of: OrganizationId, who: &Person, role: Role) -> Result<(), Status> {
    let request = UpdateOrganizationMemberRequest {
        organization_id: of.to_string(),
        user_id: who.id(),
        organization_role: role.into(),
    };
    calls.organizations().update_organization_member(request).await.map(drop)
}

async fn remove(calls: &Calls, from: OrganizationId, who: &Person) -> Result<(), Status> {
    let request = RemoveOrganizationMemberRequest { organization_id: from.to_string(), user_id: who.id() };
    calls.organizations().remove_organization_member(request).await.map(drop)
}

/// The role of a member; an error when it is none.
async fn role(calls: &Calls, of: OrganizationId, who: &Person) -> Result<Role, Status> {
    let request = GetUserOrganizationRequest { organization_id: of.to_string(), user_id: who.id() };
    let answer = calls.organizations().get_user_organization(request).await?.into_inner();
    Ok(answer.organization_membership.unwrap().organization_role())
}

async fn adding_updating_and_removing_again_change_nothing(database: Database) {
    let server = Harness::on(database).await;
    let (calls, bob) = (server.admin_calls(), server.person("bob").await);
    let acme = server.organization(&server.admin, "acme").await;
    for _ in 0..2 {
        add(&calls, acme, &bob, Role::Member).await.unwrap();
        assert_eq!(role(&calls, acme, &bob).await.unwrap(), Role::Member);
    }
    let status = add(&calls, acme, &bob, Role::Admin).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::AlreadyExists, "user_id"));
    for _ in 0..2 {
        update(&calls, acme, &bob, Role::Admin).await.unwrap();
        assert_eq!(role(&calls, acme, &bob).await.unwrap(), Role::Admin);
    }
    for _ in 0..2 {
        remove(&calls, acme, &bob).await.unwrap();
        assert_eq!(role(&calls, acme, &bob).await.unwrap_err().code(), Code::NotFound);
    }
    let status = update(&calls, acme, &bob, Role::Admin).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "user_id"));
}

async fn an_organization_keeps_an_owner(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    let calls = server.calls_of(&ann);
    for status in [
        update(&calls, acme, &ann, Role::Admin).await.unwrap_err(),
        remove(&calls, acme, &ann).await.unwrap_err(),
        remove(&server.admin_calls(), acme, &ann).await.unwrap_err(),
    ] {
        assert_eq!((status.code(), reason_of(&status).as_str()), (Code::FailedPrecondition, "LAST_OWNER"));
    }
    assert_eq!(role(&calls, acme, &ann).await.unwrap(), Role::Owner);
    add(&calls, acme, &bob, Role::Owner).await.unwrap();
    remove(&calls, acme, &ann).await.unwrap();
    assert_eq!(role(&server.calls_of(&bob), acme, &bob).await.unwrap(), Role::Owner);
    assert_eq!(role(&calls, acme, &bob).await.unwrap_err().code(), Code::NotFound);
}

async fn an_owner_through_a_group_counts_and_unmapping_it_may_not_take_the_last(database: Database) {
    let server = Harness::on(database).await;
    let ann = server.person("ann").await;
    let acme = server.organization(&ann, "acme").await;
    let bob = server.push_user("bob@example.com").await.user;
    let mut organizations = server.admin_calls().organizations();
    let (organization_id, group_name) = (acme.to_string(), "owners".to_owned());
    let mapping = AddOrganizationGroupRequest {
        organization_id: organization_id.clone(),
        group_name: group_name.clone(),
        role_override: Role::Owner.into(),
    };
    organizations.add_organization_group(mapping).await.unwrap();
    let group = server.push_group("owners", &[&bob]).await;
    remove(&server.admin_calls(), acme, &ann).await.unwrap();
    let unmap = RemoveOrganizationGroupRequest { organization_id, group_name };
    let status = organizations.remove_organization_group(unmap.clone()).await.unwrap_err();
    assert_eq!(reason_of(&status), "LAST_OWNER");
    // what the IdP says always takes effect
    server.empty_group(group).await;
    organizations.remove_organization_group(unmap).await.unwrap();
}

async fn admins_manage_all_but_owners(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob, eve) =
        (server.person("ann").await, server.person("bob").await, server.person("eve").await);
    let acme = server.organization(&ann, "acme").await;
    server.member(acme, &bob, Rank::Admin).await;
    let calls = server.calls_of(&bob);
    add(&calls, acme, &eve, Role::Admin).await.unwrap();
    for status in [
        update(&calls, acme, &eve, Role::Owner).await.unwrap_err(),
        update(&calls, acme, &ann, Role::Member).await.unwrap_err(),
        remove(&calls, acme, &ann).await.unwrap_err(),
    ] {
        let expected = (Code::PermissionDenied, "ORGANIZATION_ROLE_TOO_LOW");
        assert_eq!((status.code(), reason_of(&status).as_str()), expected);
    }
    remove(&calls, acme, &eve).await.unwrap();
}

async fn who_is_switched_off_is_not_added_and_does_not_come_back_after_removal(database: Database) {
    let server = Harness::on(database).await;
    let (calls, bob) = (server.admin_calls(), server.person("bob").await);
    let acme = server.organization(&server.admin, "acme").await;
    server.member(acme, &bob, Rank::Admin).await;
    server.push_active(&bob.user, false).await;
    let status = add(&calls, acme, &bob, Role::Admin).await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::FailedPrecondition, "USER_DEACTIVATED"));
    remove(&calls, acme, &bob).await.unwrap();
    server.push_active(&bob.user, true).await;
    assert_eq!(role(&calls, acme, &bob).await.unwrap_err().code(), Code::NotFound);
}

async fn a_users_organizations_are_those_that_the_caller_may_see(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    server.organization(&ann, "secret").await;
    server.member(acme, &bob, Rank::Machine).await;
    let list = |calls: Calls| {
        let request = ListUserOrganizationsRequest { user_id: ann.id(), ..Default::default() };
        async move {
            let found = calls.organizations().list_user_organizations(request).await.unwrap().into_inner();
            let of = |one: roster::proto::buf::alpha::registry::v1alpha1::OrganizationMembership| {
                let role = one.organization_role();
                (one.organization.unwrap().name, role)
            };
            found.organizations.into_iter().map(of).collect::<Vec<_>>()
        }
    };
    let mut expected = vec![("acme".to_owned(), Role::Owner)];
    assert_eq!(list(server.calls_of(&bob)).await, expected);
    expected.push(("secret".to_owned(), Role::Owner));
    assert_eq!(list(server.admin_calls()).await, expected);
}

on_both_databases! {
    adding_updating_and_removing_again_change_nothing;
    an_organization_keeps_an_owner;
    an_owner_through_a_group_counts_and_unmapping_it_may_not_take_the_last;
    admins_manage_all_but_owners;
    who_is_switched_off_is_not_added_and_does_not_come_back_after_removal;
    a_users_organizations_are_those_that_the_caller_may_see;
}
