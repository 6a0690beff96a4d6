//! Limits on how many there may be of a thing: none gets beyond one, however many ask at once.

use roster::{
    domain::{
        actor::Caller,
        role::{OrganizationRole, ServerRole},
        user::UserType,
    },
    services::{
        Error, Kind, Services,
        device_grant::{self, Decision, Visitor},
        organization,
        organization::NewOrganization,
        organization_group,
        quota::{Creators, Quotas},
        token::{self, NewToken},
        user::Ref,
    },
};
use tokio::task::JoinSet;
use tonic::Code;

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person, caller_of, reason_of},
};

const AT_ONCE: usize = 32;
const LIMIT: usize = 5;

fn limited(services: &Services) -> Services {
    let few = LIMIT as u64;
    services.clone().with_quotas(Quotas {
        creators: Creators::Everyone,
        organizations_per_user: few,
        tokens_per_user: few,
        groups_per_organization: few,
        organizations_per_group: few,
    })
}

async fn caller(services: &Services, who: &Person) -> Caller {
    caller_of(services, &who.token).await
}

/// How many of those that ask at once succeed; all others are told of the limit `key`.
async fn succeeding<F: Future<Output = Result<(), Error>> + Send + 'static>(
    key: &str,
    ask: impl Fn(usize) -> F,
) -> usize {
    let mut all: JoinSet<_> = (0..AT_ONCE).map(ask).collect();
    let mut done = 0;
    while let Some(answer) = all.join_next().await {
        match answer.unwrap() {
            Ok(()) => done += 1,
            Err(error) => {
                assert_eq!((error.kind, error.reason.word()), (Kind::TooMuch, "QUOTA_EXCEEDED"), "{error}");
                assert!(
                    error.message.contains(&format!("quotas.{key}")) && error.message.contains('5'),
                    "{error}"
                );
            }
        }
    }
    done
}

fn new(name: String) -> [NewOrganization; 1] {
    [NewOrganization { name, ..NewOrganization::default() }]
}

async fn a_user_makes_no_more_organizations(database: Database) {
    let server = Harness::on(database).await;
    let services = limited(&server.services);
    let ann = server.person("ann").await;
    let make = |who: Person, n: usize| {
        let services = services.clone();
        async move {
            let by = caller(&services, &who).await;
            organization::create(&services, &by, &new(format!("acme-{n}"))).await.map(drop)
        }
    };
    let succeeded = succeeding("organizations_per_user", |n| make(ann.clone(), n)).await;
    assert_eq!(succeeded, LIMIT);
    // not in one request, nor by giving one away
    let bob = server.person("bob").await;
    let many: Vec<_> = (0..=LIMIT).map(|n| new(format!("bob-{n}")).into_iter().next().unwrap()).collect();
    let refused = organization::create(&services, &caller(&services, &bob).await, &many).await.unwrap_err();
    assert_eq!(refused.reason.word(), "QUOTA_EXCEEDED");
    organization::create(&services, &caller(&services, &bob).await, &many[1..]).await.unwrap();
    // server admins make as many as they like
    for n in 0..=LIMIT {
        make(server.admin.clone(), 100 + n).await.unwrap();
    }
    let by = &caller(&services, &bob).await;
    organization::delete(&services, by, &[Ref::Name("bob-1".to_owned())]).await.unwrap();
    // the name is kept for who made it, and counts until it is taken again
    let refused = organization::create(&services, by, &new("bob-again".to_owned())).await.unwrap_err();
    assert_eq!(refused.reason.word(), "QUOTA_EXCEEDED");
    organization::create(&services, by, &new("bob-1".to_owned())).await.unwrap();
}

async fn a_user_has_no_more_tokens(database: Database) {
    let server = Harness::on(database).await;
    let services = limited(&server.services);
    let person = server.person("ann").await;
    let machine = server.account("bot", UserType::Machine, ServerRole::Member).await;
    for (who, by) in [(&person, &person), (&machine, &server.admin)] {
        let (user_id, by) = (Some(who.user.id), caller(&services, by).await);
        let made = succeeding("tokens_per_user", |_| {
            let (services, by) = (services.clone(), by.clone());
            async move {
                let new = NewToken { user_id, ..NewToken::default() };
                token::create(&services, &by, &new).await.map(drop)
            }
        });
        assert_eq!(made.await, LIMIT - 1, "one was there");
    }
}

async fn a_device_gets_no_token_beyond_the_limit(database: Database) {
    let server = Harness::on(database).await;
    let services = limited(&server.services);
    let ann = server.person("ann").await;
    let visitor = Visitor { request_id: "test".to_owned(), address: None, user_agent: None };
    let client = device_grant::register(&services, &visitor, "buf").await.unwrap().id;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let (grant, code) = device_grant::begin(&services, &visitor, client).await.unwrap();
        codes.push((grant.user_code.to_string(), code));
    }
    let decide = async |user_code: &str| {
        let review = device_grant::review(&services, &visitor, user_code, &ann.token).await.unwrap();
        let ticket = review.ticket.reveal().to_owned();
        device_grant::decide(&services, &visitor, user_code, &ticket, Decision::Approve).await
    };
    decide(&codes[0].0).await.unwrap();
    for _ in 0..LIMIT {
        server.token_of(ann.user.id, None).await;
    }
    let refused = decide(&codes[1].0).await.unwrap_err();
    assert_eq!(refused.reason.word(), "QUOTA_EXCEEDED");
    let refused = device_grant::poll(&services, &visitor, client, codes[0].1.reveal()).await.unwrap_err();
    assert_eq!(refused.reason.word(), "QUOTA_EXCEEDED", "not even one that was approved before");
}

async fn mappings_are_limited_on_both_sides(database: Database) {
    let server = Harness::on(database).await;
    let services = limited(&server.services);
    let acme = server.organization(&server.admin, "acme").await;
    server.push_group("pushed", &[]).await;
    let admin = caller(&services, &server.admin).await;
    let map = |organization, group: String| {
        let (services, admin) = (services.clone(), admin.clone());
        async move { organization_group::add(&services, &admin, organization, &group, None).await }
    };
    let mapped = succeeding("groups_per_organization", |n| map(acme, format!("group {n}"))).await;
    assert_eq!(mapped, LIMIT);
    for group in ["pushed", "not yet"] {
        let mut organizations = Vec::new();
        for n in 0..AT_ONCE {
            let name = format!("{}-{n}", group.replace(' ', "-"));
            organizations.push(server.organization(&server.admin, &name).await);
        }
        let mapped =
            succeeding("organizations_per_group", |n| map(organizations[n], group.to_uppercase())).await;
        assert_eq!(mapped, LIMIT, "{group}");
    }
}

async fn the_default_limits_hold_by_rpc_and_admins_alone_may_create(database: Database) {
    let server = Harness::on(database).await;
    let ann = server.person("ann").await;
    let calls = server.calls_of(&ann);
    let create = |name: String| {
        let request = roster::proto::buf::alpha::registry::v1alpha1::CreateOrganizationRequest { name };
        let mut client = calls.organizations();
        async move { client.create_organization(request).await.map(drop) }
    };
    for n in 0..50 {
        create(format!("acme-{n}")).await.unwrap();
    }
    let refused = create("acme-50".to_owned()).await.unwrap_err();
    assert_eq!((refused.code(), reason_of(&refused).as_str()), (Code::ResourceExhausted, "QUOTA_EXCEEDED"));
    let admins = Quotas { creators: Creators::Admins, ..Quotas::default() };
    let services = server.services.clone().with_quotas(admins);
    let bob = server.person("bob").await;
    let refused = organization::create(&services, &caller(&services, &bob).await, &new("bobs".to_owned()))
        .await
        .unwrap_err();
    assert_eq!((refused.kind, refused.reason.word()), (Kind::PermissionDenied, "SERVER_ADMIN_REQUIRED"));
    assert!(refused.message.contains("quotas.create_organizations"));
    let made =
        organization::create(&services, &caller(&services, &server.admin).await, &new("roots".to_owned()))
            .await
            .unwrap();
    server.member(made[0].id, &bob, OrganizationRole::Owner).await;
}

on_both_databases! {
    a_user_makes_no_more_organizations;
    a_user_has_no_more_tokens;
    a_device_gets_no_token_beyond_the_limit;
    mappings_are_limited_on_both_sides;
    the_default_limits_hold_by_rpc_and_admins_alone_may_create;
}
