//! Who may see a pushed group: server admins, and the admins of organizations that it is released to.

use roster::{
    domain::{id::OrganizationId, role::OrganizationRole as Rank},
    proto::{
        buf::alpha::registry::v1alpha1::AddOrganizationGroupRequest,
        roster::v1::{
            ListIdpGroupReleasesRequest, PreviewOrganizationGroupRequest, UnreleaseIdpGroupRequest,
            preview_organization_group_request::{Add, Change},
        },
    },
    services::organization_group,
};
use tonic::{Code, Status};

use super::organization_named;
use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, Person, field_of, reason_of, system},
};

struct Place {
    server: Harness,
    acme: OrganizationId,
    owner: Person,
    admin: Person,
}

impl Place {
    async fn new(database: Database) -> Self {
        let server = Harness::on(database).await;
        let (owner, admin) = (server.person("ann").await, server.person("bob").await);
        let acme = server.organization(&owner, "acme").await;
        server.member(acme, &admin, Rank::Admin).await;
        let eve = server.push_user("eve@example.com").await.user;
        server.push_group("payroll", &[&eve]).await;
        Self { server, acme, owner, admin }
    }

    fn callers(&self) -> [Calls; 2] {
        [self.server.calls_of(&self.owner), self.server.calls_of(&self.admin)]
    }

    async fn map(&self, calls: &Calls, group: &str) -> Result<(), Status> {
        let (organization_id, group_name) = (self.acme.to_string(), group.to_owned());
        let request = AddOrganizationGroupRequest { organization_id, group_name, role_override: 0 };
        calls.organizations().add_organization_group(request).await.map(drop)
    }

    async fn unrelease(&self, group: &str) -> Result<(), Status> {
        let organization_ref = Some(organization_named("acme"));
        let request = UnreleaseIdpGroupRequest { organization_ref, group_name: group.to_owned() };
        self.server.admin_calls().idp_groups().unrelease_idp_group(request).await.map(drop)
    }
}

async fn preview(calls: &Calls, group: &str) -> Result<u64, Status> {
    let request = PreviewOrganizationGroupRequest {
        organization_ref: Some(organization_named("acme")),
        group_name: group.to_owned(),
        change: Some(Change::Add(Add { role: 0 })),
        ..Default::default()
    };
    Ok(calls.idp_groups().preview_organization_group(request).await?.into_inner().added_count)
}

async fn released(calls: &Calls) -> Vec<(String, bool)> {
    let request = ListIdpGroupReleasesRequest::default();
    let listed = calls.idp_groups().list_idp_group_releases(request).await.unwrap().into_inner();
    listed.releases.iter().map(|one| (one.group_name.clone(), !one.idp_group_id.is_empty())).collect()
}

fn told(status: &Status) -> (Code, String, String, String) {
    (status.code(), reason_of(status), field_of(status), status.message().to_owned())
}

async fn what_is_not_released_tells_nothing_not_even_whether_it_is_there(database: Database) {
    let place = Place::new(database).await;
    for calls in place.callers() {
        let mut refusals = Vec::new();
        for group in ["payroll", "nobody pushed this"] {
            refusals.push(told(&place.map(&calls, group).await.unwrap_err()));
            refusals.push(told(&preview(&calls, group).await.unwrap_err()));
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        assert_eq!((refusals[0].0, refusals[0].1.as_str()), (Code::PermissionDenied, "GROUP_NOT_RELEASED"));
        assert_eq!(released(&calls).await, []);
    }
    assert_eq!(preview(&place.server.admin_calls(), "payroll").await.unwrap(), 1);
    place.map(&place.server.admin_calls(), "payroll").await.unwrap();
}

async fn a_released_group_is_for_the_admins_of_that_organization(database: Database) {
    let place = Place::new(database).await;
    let other = place.server.person("eric").await;
    place.server.organization(&other, "other").await;
    place.server.release("Payroll", "acme").await;
    place.server.release("not yet", "acme").await;
    for calls in place.callers() {
        assert_eq!(released(&calls).await, [("payroll".to_owned(), true), ("not yet".to_owned(), false)]);
        assert_eq!(preview(&calls, "PAYROLL").await.unwrap(), 1);
        assert_eq!(preview(&calls, "not yet").await.unwrap(), 0);
    }
    let [owner, admin] = place.callers();
    assert_eq!(released(&place.server.calls_of(&other)).await, []);
    place.map(&admin, "payroll").await.unwrap();
    // the mapping stays, and nobody makes another
    place.unrelease("payroll").await.unwrap();
    place.map(&owner, "payroll").await.unwrap();
    assert_eq!(place.unrelease("payroll").await.unwrap_err().code(), Code::NotFound);
    place.unrelease("not yet").await.unwrap();
    assert_eq!(reason_of(&place.map(&owner, "not yet").await.unwrap_err()), "GROUP_NOT_RELEASED");
}

async fn a_release_follows_its_group_and_no_other_gets_it(database: Database) {
    let place = Place::new(database).await;
    let [owner, _] = place.callers();
    let team = place.server.push_group("team", &[]).await;
    place.server.release("team", "acme").await;
    // another group takes the name
    place.server.rename_group(team, "old team").await;
    let second = place.server.push_group("team", &[]).await;
    assert_eq!(released(&owner).await, [("old team".to_owned(), true)]);
    assert_eq!(reason_of(&preview(&owner, "team").await.unwrap_err()), "GROUP_NOT_RELEASED");
    assert_eq!(preview(&owner, "old team").await.unwrap(), 0);
    // and the one that was released is deleted
    place.server.delete_group(team).await;
    place.server.rename_group(second, "old team").await;
    assert_eq!(released(&owner).await, []);
    assert_eq!(reason_of(&place.map(&owner, "old team").await.unwrap_err()), "GROUP_NOT_RELEASED");
    // one that waits is met by the first group of its name
    place.server.release("later", "acme").await;
    place.server.release("old team", "acme").await;
    place.server.rename_group(second, "later").await;
    assert_eq!(released(&owner).await, [("later".to_owned(), true)]);
}

/// The next group of the name may be another one: nobody released that.
async fn a_mapping_by_an_admin_of_the_organization_ends_with_the_group(database: Database) {
    let place = Place::new(database).await;
    let [owner, _] = place.callers();
    let (ann, eve) = (
        place.server.push_user("anna@example.com").await.user,
        place.server.push_user("erin@example.com").await.user,
    );
    let first = place.server.push_group("team", &[&ann]).await;
    place.server.release("team", "acme").await;
    place.map(&owner, "team").await.unwrap();
    let other = place.server.organization(&place.server.admin, "other").await;
    organization_group::add(&place.server.services, &system(), other, "team", None).await.unwrap();
    let before = place.server.members_of(place.acme).await;
    assert!(before.contains("anna"), "{before:?}");
    place.server.delete_group(first).await;
    place.server.push_group("team", &[&eve]).await;
    let after = place.server.members_of(place.acme).await;
    assert!(!after.contains("anna") && !after.contains("erin"), "{after:?}");
    // that of a server admin waits for the name, as ever
    assert!(place.server.members_of(other).await.contains("erin"));
    assert_eq!(reason_of(&place.map(&owner, "team").await.unwrap_err()), "GROUP_NOT_RELEASED");
}

on_both_databases! {
    a_mapping_by_an_admin_of_the_organization_ends_with_the_group;
    what_is_not_released_tells_nothing_not_even_whether_it_is_there;
    a_released_group_is_for_the_admins_of_that_organization;
    a_release_follows_its_group_and_no_other_gets_it;
}
