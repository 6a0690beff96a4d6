//! Pages: forward, in reverse, and stable while rows come and go.

use std::time::Duration;

use roster::proto::buf::alpha::registry::v1alpha1::{
    DeleteOrganizationByNameRequest, ListOrganizationUsersRequest, ListOrganizationsRequest, ListUsersRequest,
};

use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, manual_clock},
};

/// All names of the list of organizations, read in pages of `page_size`, and the sizes of the pages.
async fn read(calls: &Calls, page_size: u32, reverse: bool) -> (Vec<String>, Vec<usize>) {
    let (mut names, mut sizes) = (Vec::new(), Vec::new());
    let mut page_token = String::new();
    loop {
        let request = ListOrganizationsRequest { page_size, page_token, reverse };
        let page = calls.organizations().list_organizations(request).await.unwrap().into_inner();
        sizes.push(page.organizations.len());
        names.extend(page.organizations.into_iter().map(|organization| organization.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return (names, sizes);
        }
    }
}

async fn with_organizations(database: Database, count: usize) -> (Harness, Vec<String>) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let names: Vec<_> = (0..count).map(|n| format!("org-{n}")).collect();
    for name in &names {
        server.organization(&server.admin, name).await;
        clock.advance(Duration::from_millis(1));
    }
    (server, names)
}

async fn pages_give_every_row_once_in_both_directions(database: Database) {
    let (server, mut names) = with_organizations(database, 12).await;
    let calls = server.admin_calls();
    assert_eq!(read(&calls, 5, false).await, (names.clone(), vec![5, 5, 2]));
    assert_eq!(read(&calls, 0, false).await.1, [10, 2]);
    assert_eq!(read(&calls, 6, false).await.1, [6, 6]);
    names.reverse();
    assert_eq!(read(&calls, 250, true).await, (names.clone(), vec![12]));
    assert_eq!(read(&calls, 1, true).await.0, names);
}

async fn rows_that_come_and_go_between_two_pages_move_no_other(database: Database) {
    let (server, _) = with_organizations(database, 4).await;
    let calls = server.admin_calls();
    let page = |page_token: String| ListOrganizationsRequest { page_size: 2, page_token, reverse: true };
    let first = calls.organizations().list_organizations(page(String::new())).await.unwrap().into_inner();
    server.organization(&server.admin, "late").await;
    // also the row that the token points at
    for name in ["org-3", "org-2"] {
        let request = DeleteOrganizationByNameRequest { name: name.to_owned() };
        calls.organizations().delete_organization_by_name(request).await.unwrap();
    }
    let second = calls.organizations().list_organizations(page(first.next_page_token)).await.unwrap();
    let second = second.into_inner();
    let names: Vec<_> = second.organizations.iter().map(|organization| organization.name.as_str()).collect();
    assert_eq!((names, second.next_page_token.as_str()), (vec!["org-1", "org-0"], ""));
}

async fn members_are_paged_like_users(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let acme = server.organization(&server.admin, "acme").await;
    for name in ["bob", "eve"] {
        clock.advance(Duration::from_millis(1));
        let person = server.person(name).await;
        server.member(acme, &person, roster::domain::role::OrganizationRole::Member).await;
    }
    let mut users = server.admin_calls().users();
    for (reverse, expected) in [(false, ["root", "bob", "eve"]), (true, ["eve", "bob", "root"])] {
        let (mut members, mut all) = (Vec::new(), Vec::new());
        let (mut page_token, mut users_token) = (String::new(), String::new());
        for _ in 0..3 {
            let organization_id = acme.to_string();
            let request = ListOrganizationUsersRequest { organization_id, page_size: 1, page_token, reverse };
            let page = users.list_organization_users(request).await.unwrap().into_inner();
            members.extend(page.users.into_iter().map(|member| member.user.unwrap().username));
            page_token = page.next_page_token;
            let request =
                ListUsersRequest { page_size: 1, page_token: users_token, reverse, ..Default::default() };
            let page = users.list_users(request).await.unwrap().into_inner();
            all.extend(page.users.into_iter().map(|user| user.username));
            users_token = page.next_page_token;
        }
        assert_eq!((members, page_token.as_str()), (expected.map(str::to_owned).to_vec(), ""));
        assert_eq!((all, users_token.as_str()), (expected.map(str::to_owned).to_vec(), ""));
    }
}

on_both_databases! {
    pages_give_every_row_once_in_both_directions;
    rows_that_come_and_go_between_two_pages_move_no_other;
    members_are_paged_like_users;
}
