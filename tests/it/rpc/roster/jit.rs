//! Organizations that everyone joins, and e-mails that make a server admin.

use roster::{
    domain::{
        actor::{Actor, Caller},
        id::{TokenId, UserId},
        page::PageRequest,
        role::{OrganizationRole as Given, ServerRole},
        user::UserType,
    },
    proto::roster::v1::{
        AddAdminEmailRequest, AdminEmailEffectKind as Kind, CheckMembershipRequest, ExplainMembershipRequest,
        ListAdminEmailsRequest, ListJitOrganizationsRequest, OrganizationRole as Role,
        PreviewAdminEmailRequest, PreviewJitOrganizationRequest, RemoveAdminEmailRequest,
        RemoveJitOrganizationRequest, RoleSource, SetJitOrganizationRequest,
        preview_admin_email_request::{Add, Change as Foreseen, Remove as RemoveEmail},
        preview_jit_organization_request::{Change, Remove, Set},
    },
    services::{
        Services, jit, membership,
        organization::{
            self,
            member::{self, DirectRole},
        },
        user,
    },
};
use tonic::Code;

use super::{organization_named, user_named};
use crate::{
    storage::{Database, on_both_databases},
    support::{Calls, Harness, caller_of, field_of, reason_of, system},
};

async fn set(calls: &Calls, name: &str, role: Role) -> Result<u64, tonic::Status> {
    let organization_ref = Some(organization_named(name));
    let request = SetJitOrganizationRequest { organization_ref, role: role.into() };
    Ok(calls.jit().set_jit_organization(request).await?.into_inner().revision)
}

async fn remove(calls: &Calls, name: &str) -> Result<(), tonic::Status> {
    let request = RemoveJitOrganizationRequest { organization_ref: Some(organization_named(name)) };
    calls.jit().remove_jit_organization(request).await.map(drop)
}

/// The role of someone in the organization, of which everything up to `min_revision` is known.
async fn role(calls: &Calls, name: &str, min_revision: u64) -> Role {
    let request = CheckMembershipRequest {
        user_ref: Some(user_named(name)),
        organization_ref: Some(organization_named("acme")),
        minimum_role: 0,
        min_revision,
    };
    let answer = calls.memberships().check_membership(request).await.unwrap().into_inner();
    answer.decision.unwrap().role()
}

#[tokio::test]
async fn everyone_is_a_member_from_then_on_and_no_longer() {
    let server = Harness::start().await;
    let calls = server.admin_calls();
    let (owner, ann) = (server.person("owner").await, server.person("ann").await);
    server.account("bot", UserType::Machine, ServerRole::Member).await;
    server.organization(&owner, "acme").await;
    let revision = set(&calls, "acme", Role::Unspecified).await.unwrap();
    assert_eq!(role(&calls, "ann", revision).await, Role::Member);
    assert_eq!(role(&calls, "owner", 0).await, Role::Owner, "a higher role stays");
    assert_eq!(role(&calls, "bot", 0).await, Role::Unspecified, "a machine is no person");

    server.person("later").await;
    let pushed = server.push_user("pushed@example.com").await.user;
    assert_eq!(role(&calls, "later", 0).await, Role::Member);
    assert_eq!(role(&calls, &pushed.username, 0).await, Role::Member);
    server.push_active(&pushed, false).await;
    assert_eq!(role(&calls, &pushed.username, 0).await, Role::Unspecified);
    server.push_active(&pushed, true).await;
    assert_eq!(role(&calls, &pushed.username, 0).await, Role::Member);

    let listed = calls.jit().list_jit_organizations(ListJitOrganizationsRequest::default()).await.unwrap();
    let listed = listed.into_inner().jit_organizations;
    assert_eq!(
        (listed.len(), listed[0].organization_name.as_str(), listed[0].configured),
        (1, "acme", false)
    );
    let request = ExplainMembershipRequest {
        user_ref: Some(user_named("ann")),
        organization_ref: Some(organization_named("acme")),
        min_revision: 0,
    };
    let told = calls.memberships().explain_membership(request).await.unwrap().into_inner();
    assert_eq!((told.grants.len(), told.grants[0].source()), (1, RoleSource::Jit));
    assert_eq!(told.grants[0].actor.as_ref().unwrap().id, server.admin.id());

    remove(&calls, "acme").await.unwrap();
    assert_eq!(role(&calls, &ann.user.username, 0).await, Role::Unspecified);
    assert_eq!(role(&calls, "owner", 0).await, Role::Owner);
    assert_eq!(remove(&calls, "acme").await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn what_everyone_has_is_taken_from_nobody_by_hand() {
    let server = Harness::start().await;
    let calls = server.admin_calls();
    let (owner, ann) = (server.person("owner").await, server.person("ann").await);
    let acme = server.organization(&owner, "acme").await;
    assert_eq!(set(&calls, "acme", Role::Owner).await.unwrap_err().code(), Code::InvalidArgument);
    set(&calls, "acme", Role::Machine).await.unwrap();
    let error = member::remove(&server.services, &system(), acme, ann.user.id).await.unwrap_err();
    assert_eq!(error.reason.word(), "MEMBER_BY_DEFAULT");
    let direct = |role| DirectRole { organization_id: acme, user_id: ann.user.id, role };
    let error = member::add(&server.services, &system(), direct(Given::Member)).await.unwrap_err();
    assert_eq!(error.reason.word(), "BELOW_JIT_ROLE");
    member::add(&server.services, &system(), direct(Given::Admin)).await.unwrap();
    assert_eq!(role(&calls, "ann", 0).await, Role::Admin);
    // with the organization goes the setting
    organization::delete(&server.services, &system(), &[user::Ref::Id(acme)]).await.unwrap();
    let listed = calls.jit().list_jit_organizations(ListJitOrganizationsRequest::default()).await.unwrap();
    assert!(listed.into_inner().jit_organizations.is_empty());
}

#[tokio::test]
async fn a_preview_counts_and_lists() {
    let server = Harness::start().await;
    let calls = server.admin_calls();
    let owner = server.person("owner").await;
    let ann = server.person("ann").await;
    server.organization(&owner, "acme").await;
    let preview = async |change| {
        let request = PreviewJitOrganizationRequest {
            organization_ref: Some(organization_named("acme")),
            change: Some(change),
            ..Default::default()
        };
        calls.jit().preview_jit_organization(request).await
    };
    let told = preview(Change::Set(Set { role: Role::Member.into() })).await.unwrap().into_inner();
    // the first admin, and ann; the owner stays
    assert_eq!((told.added_count, told.staying_count, told.removed_count), (2, 1, 0));
    assert_eq!(told.effects.last().unwrap().user_id, ann.id());
    assert_eq!(role(&calls, "ann", 0).await, Role::Unspecified, "nothing is written");
    assert_eq!(preview(Change::Remove(Remove {})).await.unwrap_err().code(), Code::NotFound);
    set(&calls, "acme", Role::Member).await.unwrap();
    let told = preview(Change::Remove(Remove {})).await.unwrap().into_inner();
    assert_eq!((told.added_count, told.removed_count), (0, 2));
}

async fn server_role(services: &Services, name: &str) -> ServerRole {
    let filter = user::UserFilter::default();
    let page = PageRequest::new(250, "", false).unwrap();
    let actor = Actor::User {
        id: UserId::generate(services.now()),
        username: "asker".to_owned(),
        server_role: ServerRole::Admin,
        token: TokenId::generate(services.now()),
    };
    let all = user::list(services, &Caller { actor, ..system() }, &filter, &page).await.unwrap().items;
    all.into_iter().find(|user| user.username == name).unwrap().server_role
}

#[tokio::test]
async fn an_email_makes_an_admin_of_whom_the_idp_vouches_for() {
    let server = Harness::start().await;
    let (services, calls) = (&server.services, server.admin_calls());
    let add = async |email: &str| {
        calls.jit().add_admin_email(AddAdminEmailRequest { email: email.to_owned() }).await.map(drop)
    };
    let remove = async |email: &str| {
        calls.jit().remove_admin_email(RemoveAdminEmailRequest { email: email.to_owned() }).await.map(drop)
    };
    let before = server.push_user("before@example.com").await.user;
    server.person("local").await;
    for email in ["Before@Example.com", "after@example.com", "local@example.com"] {
        add(email).await.unwrap();
    }
    assert_eq!(add("no address").await.unwrap_err().code(), Code::InvalidArgument);
    let after = server.push_user("AFTER@example.com").await.user;
    assert_eq!(server_role(services, &before.username).await, ServerRole::Admin);
    assert_eq!(server_role(services, &after.username).await, ServerRole::Admin);
    assert_eq!(server_role(services, "local").await, ServerRole::Member, "nobody vouches for it");
    let refused = user::update_server_role(services, &system(), after.id, ServerRole::Member).await;
    assert_eq!(refused.unwrap_err().reason.word(), "ADMIN_BY_EMAIL");

    // who was made an admin by hand as well stays one
    user::update_server_role(services, &system(), after.id, ServerRole::Admin).await.unwrap();
    remove("after@example.com").await.unwrap();
    remove("before@example.com").await.unwrap();
    assert_eq!(server_role(services, &after.username).await, ServerRole::Admin);
    assert_eq!(server_role(services, &before.username).await, ServerRole::Member);
    let listed = calls.jit().list_admin_emails(ListAdminEmailsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.admin_emails.len(), 1);
    assert_eq!(remove("before@example.com").await.unwrap_err().code(), Code::NotFound);
}

/// What adding, or removing, an e-mail would do: the kind, whether the user is an admin then, and whether the e-mail counts.
async fn foreseen(
    calls: &Calls,
    email: &str,
    change: Foreseen,
) -> Result<Vec<(Kind, bool, bool)>, tonic::Status> {
    let request =
        PreviewAdminEmailRequest { email: email.to_owned(), change: Some(change), ..Default::default() };
    let told = calls.jit().preview_admin_email(request).await?.into_inner();
    Ok(told.effects.iter().map(|effect| (effect.kind(), effect.server_admin, effect.vouched_for)).collect())
}

async fn a_preview_of_an_email_is_what_the_change_does(database: Database) {
    let server = Harness::on(database).await;
    let (services, calls) = (&server.services, server.admin_calls());
    let (gives, takes) = (Foreseen::Add(Add {}), Foreseen::Remove(RemoveEmail {}));
    let boss = server.push_user("boss@example.com").await.user;
    server.person("local").await;
    assert_eq!(foreseen(&calls, "nobody@example.com", gives).await.unwrap(), []);
    assert_eq!(foreseen(&calls, "Boss@example.com", gives).await.unwrap(), [(Kind::Added, true, true)]);
    assert_eq!(foreseen(&calls, "local@example.com", gives).await.unwrap(), [(Kind::Staying, false, false)]);
    assert_eq!(server_role(services, &boss.username).await, ServerRole::Member, "nothing is written");
    let refused = foreseen(&calls, "boss@example.com", takes).await.unwrap_err();
    assert_eq!((refused.code(), field_of(&refused).as_str()), (Code::NotFound, "email"));
    let refused = foreseen(&calls, "no address", gives).await.unwrap_err();
    assert_eq!((refused.code(), field_of(&refused).as_str()), (Code::InvalidArgument, "email"));

    let email = "boss@example.com".to_owned();
    calls.jit().add_admin_email(AddAdminEmailRequest { email }).await.unwrap();
    assert_eq!(foreseen(&calls, "boss@example.com", gives).await.unwrap(), [(Kind::Staying, true, true)]);
    assert_eq!(foreseen(&calls, "boss@example.com", takes).await.unwrap(), [(Kind::Removed, false, true)]);
    assert_eq!(server_role(services, &boss.username).await, ServerRole::Admin);

    // alone, the boss stays: by the preview as by the change
    user::deactivate(services, &system(), server.admin.user.id).await.unwrap();
    let token = server.token_of(boss.id, None).await;
    let calls = server.with_token(&token);
    let refused = foreseen(&calls, "boss@example.com", takes).await.unwrap_err();
    let email = "boss@example.com".to_owned();
    let change = calls.jit().remove_admin_email(RemoveAdminEmailRequest { email }).await.unwrap_err();
    assert_eq!(reason_of(&refused), "LAST_SERVER_ADMIN");
    assert_eq!((refused.code(), refused.message()), (change.code(), change.message()));
    assert_eq!(refused.details(), change.details());
}

on_both_databases! {
    a_preview_of_an_email_is_what_the_change_does;
}

#[tokio::test]
async fn the_configuration_is_followed_at_the_start_and_when_an_organization_is_made() {
    let server = Harness::start().await;
    let owner = server.person("owner").await;
    server.person("ann").await;
    server.organization(&owner, "acme").await;
    let pushed = server.push_user("boss@example.com").await.user;
    let wanted = jit::Configuration {
        organizations: vec![("acme".to_owned(), Given::Machine), ("later".to_owned(), Given::Member)],
        admin_emails: vec!["boss@example.com".to_owned()],
    };
    let calls = server.admin_calls();
    let configured = server.services.clone().with_jit(wanted);
    for _ in 0..2 {
        jit::configure(&configured).await.unwrap();
        assert_eq!(role(&calls, "ann", 0).await, Role::Machine);
        assert_eq!(server_role(&server.services, &pushed.username).await, ServerRole::Admin);
    }
    for refused in [set(&calls, "acme", Role::Member).await.map(drop), remove(&calls, "acme").await] {
        let status = refused.unwrap_err();
        assert_eq!((status.code(), reason_of(&status).as_str()), (Code::FailedPrecondition, "CONFIGURED"));
    }
    let person = caller_of(&configured, &owner.token).await;
    let admin = caller_of(&configured, &server.admin.token).await;
    let new = [organization::NewOrganization { name: "later".to_owned(), ..Default::default() }];
    let refused = organization::create(&configured, &person, &new).await.unwrap_err();
    assert_eq!(refused.reason.word(), "NAME_RESERVED", "everyone would join what a person owns");
    let later = organization::create(&configured, &admin, &new).await.unwrap()[0].id;
    let page = PageRequest::new(250, "", false).unwrap();
    let members = membership::list_of_organization(&configured, &admin, later, &page).await;
    assert_eq!(members.unwrap().items.len(), 4, "the first admin, the owner, ann and the boss");
    // what the configuration says no more is taken back
    jit::configure(&server.services).await.unwrap();
    assert_eq!(role(&calls, "ann", 0).await, Role::Unspecified);
    assert_eq!(server_role(&server.services, &pushed.username).await, ServerRole::Member);
    assert!(membership::check(&server.services).await.unwrap().is_empty());
}
