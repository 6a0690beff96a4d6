//! Questions about memberships, and their explanations.

use roster::{
    domain::role::OrganizationRole as Given,
    proto::{
        buf::alpha::registry::v1alpha1::OrganizationRole as Published,
        roster::v1::{
            ActorKind, BatchCheckMembershipsRequest, CheckMembershipRequest, ExplainMembershipRequest,
            ExplainMembershipResponse, ListMembershipsRequest, MembershipDecision, OrganizationRole as Role,
            RoleSource as Source, batch_check_memberships_request::Value, list_memberships_request::Scope,
        },
    },
};
use tonic::Code;

use super::{map, organization_named, user_named};
use crate::support::{Harness, field_of};

async fn explain(server: &Harness, user: &str) -> ExplainMembershipResponse {
    let request = ExplainMembershipRequest {
        user_ref: Some(user_named(user)),
        organization_ref: Some(organization_named("acme")),
        min_revision: 0,
    };
    server.admin_calls().memberships().explain_membership(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_role_is_enough_or_not_and_the_revision_grows() {
    let server = Harness::start().await;
    let (owner, bob) = (server.person("owner").await, server.person("bob").await);
    let acme = server.organization(&owner, "acme").await;
    let mut calls = server.calls_of(&owner).memberships();
    let mut revision = 0;
    for (role, enough) in [(None, [false; 3]), (Some(Given::Machine), [true, true, false])] {
        if let Some(role) = role {
            server.member(acme, &bob, role).await;
        }
        let mut seen = Vec::new();
        for least in [Role::Unspecified, Role::Machine, Role::Admin] {
            let request = CheckMembershipRequest {
                user_ref: Some(user_named("bob")),
                organization_ref: Some(organization_named("acme")),
                minimum_role: least.into(),
                min_revision: 0,
            };
            let answer = calls.check_membership(request).await.unwrap().into_inner();
            let decision = answer.decision.unwrap();
            assert_eq!((&decision.user_id, &decision.organization_id), (&bob.id(), &acme.to_string()));
            assert_eq!(decision.is_member, role.is_some());
            assert!(answer.revision > revision || !seen.is_empty());
            revision = answer.revision;
            seen.push(decision.satisfied);
        }
        assert_eq!(seen, enough);
    }
}

#[tokio::test]
async fn a_thousand_questions_are_answered_in_order() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    let mut people = Vec::new();
    let acme = server.organization(&owner, "acme").await;
    for n in 0..4 {
        people.push(server.person(&format!("user{n}")).await);
    }
    server.member(acme, &people[1], Given::Member).await;
    server.member(acme, &people[3], Given::Admin).await;
    let value = |n: usize| Value {
        user_ref: Some(user_named(&format!("user{}", n % 4))),
        organization_ref: Some(organization_named("acme")),
        minimum_role: 0,
    };
    let mut calls = server.calls_of(&owner).memberships();
    let request = BatchCheckMembershipsRequest { values: (0..1_000).map(value).collect(), min_revision: 0 };
    let answer = calls.batch_check_memberships(request).await.unwrap().into_inner();
    let roles: Vec<_> = answer.decisions.iter().map(MembershipDecision::role).collect();
    let expected = [Role::Unspecified, Role::Member, Role::Unspecified, Role::Admin].repeat(250);
    assert_eq!(roles, expected);

    let many = BatchCheckMembershipsRequest { values: (0..1_001).map(value).collect(), min_revision: 0 };
    let status = calls.batch_check_memberships(many).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "values"));
    let unknown = Value { user_ref: Some(user_named("nobody")), ..value(0) };
    let request = BatchCheckMembershipsRequest { values: vec![value(0), unknown], min_revision: 0 };
    let status = calls.batch_check_memberships(request).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "values[1].user_ref"));
}

#[tokio::test]
async fn a_list_has_every_grant() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    let acme = server.organization(&owner, "acme").await;
    let ann = server.push_user("ann@example.com").await.user;
    let group = server.push_group("Team", &[&ann]).await;
    map(&server, acme, "Team", Published::Admin.into()).await;
    map(&server, acme, "Unpushed", 0).await;
    let mut calls = server.calls_of(&owner).memberships();
    for scope in
        [Scope::OrganizationRef(organization_named("acme")), Scope::UserRef(user_named(&ann.username))]
    {
        let request = ListMembershipsRequest { scope: Some(scope), reverse: true, ..Default::default() };
        let listed = calls.list_memberships(request).await.unwrap().into_inner().memberships;
        let held = &listed[0];
        assert_eq!((&held.username, held.organization_name.as_str()), (&ann.username, "acme"));
        assert_eq!((held.role(), held.source()), (Role::Admin, Source::IdpGroup));
        let grant = &held.grants[0];
        let through = grant.group.as_ref().unwrap();
        assert_eq!((&through.idp_group_id, through.group_name.as_str()), (&group.to_string(), "Team"));
        assert_eq!(grant.actor.as_ref().unwrap().kind(), ActorKind::ScimToken);
    }
}

#[tokio::test]
async fn every_way_to_a_role_is_told() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    let acme = server.organization(&owner, "acme").await;
    let ann = server.push_user("ann@example.com").await.user;
    let group = server.push_group("Team", &[&ann]).await;
    let outside = explain(&server, &ann.username).await;
    assert_eq!((outside.role(), outside.grants.len()), (Role::Unspecified, 0));

    map(&server, acme, "Team", Published::Machine.into()).await;
    map(&server, acme, "Others", Published::Admin.into()).await;
    let inside = explain(&server, &ann.username).await;
    assert_eq!((inside.role(), inside.source()), (Role::Machine, Source::IdpGroup));
    let through = inside.grants[0].group.clone().unwrap();
    assert_eq!((through.idp_group_id, through.request_id.as_str()), (group.to_string(), "test"));
    assert_eq!(inside.joinable_groups, []);

    server.push_active(&ann, false).await;
    let off = explain(&server, &ann.username).await;
    assert_eq!((off.role(), off.grants.len(), off.deactivated), (Role::Unspecified, 0, true));
    assert_eq!(off.withheld_grants, inside.grants);
    let names = |told: &ExplainMembershipResponse| -> Vec<_> {
        told.joinable_groups.iter().map(|group| (group.group_name.clone(), group.role())).collect()
    };
    assert_eq!(names(&off), [("Others".to_owned(), Role::Admin)]);

    server.push_active(&ann, true).await;
    server.empty_group(group).await;
    let out = explain(&server, &ann.username).await;
    assert!(!out.deactivated && out.grants.is_empty() && out.withheld_grants.is_empty());
    let both = [("Others".to_owned(), Role::Admin), ("Team".to_owned(), Role::Machine)];
    assert_eq!(names(&out), both);
    let direct = explain(&server, "owner").await.grants;
    assert_eq!((direct.len(), direct[0].source(), direct[0].role()), (1, Source::Direct, Role::Owner));
    assert_eq!(direct[0].actor.as_ref().unwrap().id, owner.id());
}
