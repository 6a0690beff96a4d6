//! Pushed groups, their mappings, and previews.

use roster::proto::{
    buf::alpha::registry::v1alpha1::OrganizationRole as Published,
    roster::v1::{
        ListIdpGroupMembersRequest, ListIdpGroupsRequest, ListOrganizationGroupsRequest,
        MembershipEffectKind as Kind, OrganizationRole as Role, PreviewOrganizationGroupRequest,
        PreviewOrganizationGroupResponse,
        preview_organization_group_request::{Add, Change, Remove, Update},
    },
};
use tonic::Code;

use super::{map, organization_named};
use crate::support::{Harness, reason_of};

async fn names(server: &Harness, request: ListIdpGroupsRequest) -> Vec<(String, u64, u64)> {
    let listed = server.admin_calls().idp_groups().list_idp_groups(request).await.unwrap().into_inner();
    let told = listed.idp_groups.into_iter();
    told.map(|group| (group.display_name, group.member_count, group.organization_count)).collect()
}

#[tokio::test]
async fn groups_are_found_by_name_and_by_being_mapped() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    let acme = server.organization(&owner, "acme").await;
    let ann = server.push_user("ann@example.com").await.user;
    for name in ["Engineering", "Sales_50%", "Sales"] {
        server.push_group(name, &[&ann]).await;
    }
    map(&server, acme, "sales", 0).await;
    let row = |name: &str, mapped: u64| (name.to_owned(), 1, mapped);
    let all = [row("Engineering", 0), row("Sales_50%", 0), row("Sales", 1)];
    assert_eq!(names(&server, ListIdpGroupsRequest::default()).await, all);
    let named = |query: &str| ListIdpGroupsRequest { name_query: query.to_owned(), ..Default::default() };
    assert_eq!(names(&server, named("SALES")).await, all[1..]);
    assert_eq!(names(&server, named("_50%")).await, all[1..2]);
    let mapped = |mapped| ListIdpGroupsRequest { mapped: Some(mapped), ..Default::default() };
    assert_eq!(names(&server, mapped(true)).await, all[2..]);
    assert_eq!(names(&server, mapped(false)).await, all[..2]);

    let mut client = server.admin_calls().idp_groups();
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let request =
            ListIdpGroupsRequest { page_size: 2, page_token: token, reverse: true, ..Default::default() };
        let page = client.list_idp_groups(request).await.unwrap().into_inner();
        seen.extend(page.idp_groups.into_iter().map(|group| group.display_name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["Sales", "Sales_50%", "Engineering"]);
}

#[tokio::test]
async fn members_and_mappings_are_listed() {
    let server = Harness::start().await;
    let (owner, other) = (server.person("owner").await, server.person("other").await);
    let acme = server.organization(&owner, "acme").await;
    let ann = server.push_user("ann@example.com").await.user;
    let bob = server.push_user("bob@example.com").await.user;
    let idp_group_id = server.push_group("Team", &[&ann, &bob]).await.to_string();
    server.push_active(&bob, false).await;
    map(&server, acme, "Team", 0).await;
    let request = ListIdpGroupMembersRequest { idp_group_id: idp_group_id.clone(), ..Default::default() };
    let listed = server.admin_calls().idp_groups().list_idp_group_members(request).await.unwrap();
    let told: Vec<_> = listed
        .into_inner()
        .members
        .into_iter()
        .map(|member| (member.user_id, member.scim_user_name, member.deactivated, member.request_id))
        .collect();
    let row = |id: String, name: &str, off| (id, name.to_owned(), off, "test".to_owned());
    let expected =
        [row(ann.id.to_string(), "ann@example.com", false), row(bob.id.to_string(), "bob@example.com", true)];
    assert_eq!(told, expected);

    for (calls, count) in [(server.calls_of(&owner), 1), (server.calls_of(&other), 0)] {
        let listed =
            calls.idp_groups().list_organization_groups(ListOrganizationGroupsRequest::default()).await;
        let groups = listed.unwrap().into_inner().organization_groups;
        assert_eq!(groups.len(), count);
        for group in groups {
            assert_eq!((&group.idp_group_id, group.member_count), (&idp_group_id, 2));
            assert_eq!((group.organization_name.as_str(), group.role()), ("acme", Role::Member));
        }
    }
}

async fn preview(
    server: &Harness,
    change: Change,
) -> Result<PreviewOrganizationGroupResponse, tonic::Status> {
    let request = PreviewOrganizationGroupRequest {
        organization_ref: Some(organization_named("acme")),
        group_name: "TEAM".to_owned(),
        change: Some(change),
        include_staying: true,
        ..Default::default()
    };
    let told = server.admin_calls().idp_groups().preview_organization_group(request).await?;
    Ok(told.into_inner())
}

fn counts(told: &PreviewOrganizationGroupResponse) -> [u64; 4] {
    [told.added_count, told.changed_count, told.removed_count, told.staying_count]
}

fn kinds(told: &PreviewOrganizationGroupResponse) -> Vec<(String, Kind)> {
    told.effects.iter().map(|effect| (effect.username.clone(), effect.kind())).collect()
}

#[tokio::test]
async fn a_preview_tells_who_comes_goes_changes_and_stays() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    let acme = server.organization(&owner, "acme").await;
    let ann = server.push_user("ann@example.com").await.user;
    let bob = server.push_user("bob@example.com").await.user;
    server.push_group("Team", &[&ann, &bob]).await;
    server.push_group("Admins", &[&bob]).await;
    map(&server, acme, "Admins", Published::Machine.into()).await;
    let role = |kind, role: Role| match kind {
        "add" => Change::Add(Add { role: role.into() }),
        _ => Change::Update(Update { role: role.into() }),
    };
    let told = preview(&server, role("add", Role::Member)).await.unwrap();
    assert_eq!(counts(&told), [1, 0, 0, 1]);
    let rows = |a, b| [(ann.username.clone(), a), (bob.username.clone(), b)];
    assert_eq!(kinds(&told), rows(Kind::Added, Kind::Staying));
    let status = preview(&server, role("update", Role::Admin)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);

    map(&server, acme, "Team", 0).await;
    let told = preview(&server, role("update", Role::Admin)).await.unwrap();
    assert_eq!((counts(&told), kinds(&told)), ([0, 2, 0, 0], rows(Kind::Changed, Kind::Changed).to_vec()));
    let told = preview(&server, Change::Remove(Remove {})).await.unwrap();
    assert_eq!((counts(&told), kinds(&told)), ([0, 0, 1, 1], rows(Kind::Removed, Kind::Staying).to_vec()));
    let status = preview(&server, role("add", Role::Admin)).await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::AlreadyExists, "TAKEN"));
}

#[tokio::test]
async fn the_effects_come_in_pages() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    server.organization(&owner, "acme").await;
    let mut users = Vec::new();
    for n in 0..5 {
        users.push(server.push_user(&format!("user{n}@example.com")).await.user);
    }
    server.push_group("Team", &users.iter().collect::<Vec<_>>()).await;
    let (mut token, mut sizes, mut seen) = (String::new(), Vec::new(), Vec::new());
    loop {
        let request = PreviewOrganizationGroupRequest {
            organization_ref: Some(organization_named("acme")),
            group_name: "Team".to_owned(),
            change: Some(Change::Add(Add { role: 0 })),
            page_size: 2,
            page_token: token,
            include_staying: false,
            min_revision: 0,
        };
        let told = server.admin_calls().idp_groups().preview_organization_group(request).await.unwrap();
        let told = told.into_inner();
        assert_eq!(told.added_count, 5);
        sizes.push(told.effects.len());
        seen.extend(told.effects.into_iter().map(|effect| effect.user_id));
        token = told.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(seen, users.iter().map(|user| user.id.to_string()).collect::<Vec<_>>());
}
