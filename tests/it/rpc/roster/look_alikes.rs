//! Names and addresses that look like those that give rights; accounts that share one; and admins who were switched off.

use std::collections::BTreeSet;

use roster::{
    domain::{
        id::UserId,
        role::ServerRole,
        scim_token::ClientProfile,
        user::{User, UserPatch, UserState},
    },
    services::{
        Services, jit, provisioning,
        user::{self, Ref},
    },
};
use serde_json::json;

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, caller_of, system},
};

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz-ff-fi-fl-ffi-ffl-st-ss";

/// Every text that Unicode takes for letters of ASCII by some fold, and that is none: in place of these letters.
fn look_alikes() -> BTreeSet<(char, String)> {
    let mut found = BTreeSet::new();
    for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_ascii()) {
        let folds = [c.to_lowercase().to_string(), c.to_uppercase().to_string()];
        for folded in folds {
            let ascii: String = folded.chars().filter(char::is_ascii).collect();
            if !ascii.is_empty() {
                found.insert((c, ascii.to_ascii_lowercase()));
            }
        }
    }
    // full width, which PRECIS maps
    for (wide, narrow) in
        ('\u{ff21}'..='\u{ff3a}').chain('\u{ff41}'..='\u{ff5a}').zip(('a'..='z').chain('a'..='z'))
    {
        found.insert((wide, narrow.to_string()));
    }
    found
}

/// Names that are none of the alphabet's, each with one look-alike.
fn names() -> Vec<String> {
    let names = look_alikes().into_iter().filter(|(_, ascii)| ALPHABET.contains(ascii.as_str()));
    names.map(|(c, ascii)| ALPHABET.replacen(&ascii, &c.to_string(), 1)).collect()
}

async fn find(server: &Harness, id: UserId) -> User {
    let admin = caller_of(&server.services, &server.admin.token).await;
    user::get(&server.services, &admin, &Ref::Id(id)).await.unwrap()
}

async fn role(server: &Harness, user: &User) -> ServerRole {
    find(server, user.id).await.server_role
}

async fn switch(services: &Services, user: &User, state: UserState) {
    let patch = UserPatch { state: Some(state), ..UserPatch::default() };
    user::update(services, &system(), &[(Ref::Id(user.id), patch)]).await.unwrap();
}

async fn warnings(server: &Harness) -> Vec<(String, Vec<String>)> {
    let report = provisioning::readiness::report(&server.services, &system()).await.unwrap();
    let shared = report.warnings.into_iter().filter(|found| found.kind.name() == "SHARED_ADMIN_EMAILS");
    shared.map(|found| (found.kind.name().to_owned(), found.subjects)).collect()
}

async fn no_look_alike_of_an_address_or_a_name_has_its_rights(database: Database) {
    let server = Harness::on(database).await;
    let email = format!("{ALPHABET}@example.com");
    jit::add_email(&server.services, &system(), &email).await.unwrap();
    let local = server.person("local").await;
    let acme = server.organization(&local, "acme").await;
    super::map(&server, acme, ALPHABET, 1).await;
    let names = names();
    assert!(names.len() > 60, "{}", names.len());
    for (n, name) in names.iter().enumerate() {
        let pushed = server.push_made(&format!("n{n}@example.net"), &format!("{name}@example.com")).await;
        assert_eq!(role(&server, &pushed).await, ServerRole::Member, "{name}");
        server.push_group(name, &[&pushed]).await;
    }
    // the very address and name, in the case of ASCII, have them
    let boss = server.push_user(&email.to_ascii_uppercase()).await.user;
    assert_eq!(role(&server, &boss).await, ServerRole::Admin);
    let group = server.push_group(&ALPHABET.to_ascii_uppercase(), &[&boss]).await;
    let of_acme = server.members_of(acme).await;
    assert_eq!(of_acme, BTreeSet::from(["local".to_owned(), boss.username.clone()]), "{group}");
}

/// One name, as it comes from two keyboards, is one group, in whichever form it is mapped, pushed, asked for and renamed.
async fn a_composed_and_a_decomposed_name_are_one_group(database: Database) {
    let server = Harness::on(database).await;
    let (client, ann) =
        (server.app.scim_token(ClientProfile::Generic).await, server.push_user("ann@example.com").await.user);
    let acme = server.organization(&server.admin, "acme").await;
    let send = async |method: &str, path: &str, name: &str| {
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let body = json!({ "schemas": [crate::scim::GROUP], "displayName": name, "members": [{ "value": ann.scim_id.to_string() }] });
        let body = (method != "GET").then(|| body.to_string().into_bytes());
        server.app.scim(&client, method, path, &headers, body).await
    };
    for (one, other) in [
        ("\u{c9}quipe", "E\u{301}quipe"),
        ("\u{1edd}", "o\u{300}\u{31b}"),
        ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
    ] {
        super::map(&server, acme, one, 1).await;
        let made = send("POST", "/Groups", other).await;
        assert_eq!((made.status, &made.body["displayName"]), (201, &json!(other)), "what was sent is kept");
        assert!(server.members_of(acme).await.contains(&ann.username), "{one:?}");
        let path = format!("/Groups/{}", made.body["id"].as_str().unwrap());
        for form in [one, other] {
            assert_eq!(send("POST", "/Groups", form).await.status, 409, "{form:?}");
            let filter: String =
                form_urlencoded::byte_serialize(format!("displayName eq \"{form}\"").as_bytes()).collect();
            let found = send("GET", &format!("/Groups?filter={filter}"), "").await;
            assert_eq!(found.body["totalResults"], 1, "{form:?}");
            assert_eq!(send("PUT", &path, form).await.body["displayName"], form);
        }
        let headers = [];
        assert_eq!(server.app.scim(&client, "DELETE", &path, &headers, None).await.status, 204);
        assert!(!server.members_of(acme).await.contains(&ann.username), "{one:?}");
    }
}

async fn no_look_alike_takes_an_account_over(database: Database) {
    let server = Harness::on(database).await;
    let local = server.person(&ALPHABET.replace('-', "")[..26]).await.user;
    let email = local.person.email.clone().unwrap();
    let gone = server.push_user(&format!("{ALPHABET}@example.org")).await.user;
    server.push_deleted(&gone).await;
    for (c, ascii) in look_alikes().into_iter().filter(|(_, ascii)| ascii.len() == 1) {
        for name in [&email, &format!("{ALPHABET}@example.org")] {
            let Ok(pushed) = server.try_push_user(&name.replacen(&ascii, &c.to_string(), 1)).await else {
                continue;
            };
            assert!(pushed.id != local.id && pushed.id != gone.id, "{c:?}");
            server.push_deleted(&pushed).await;
        }
        let address = email.replacen(&ascii, &c.to_string(), 1);
        let pushed = server.push_made(&format!("c{}@example.net", u32::from(c)), &address).await;
        assert_ne!(pushed.id, local.id, "{c:?}");
    }
    assert_eq!(server.push_user(&email.to_ascii_uppercase()).await.user.id, local.id);
    assert_eq!(server.push_user(&format!("{ALPHABET}@EXAMPLE.org")).await.user.id, gone.id);
}

async fn of_two_accounts_with_one_address_none_is_an_admin_by_it(database: Database) {
    let server = Harness::on(database).await;
    jit::add_email(&server.services, &system(), "boss@example.com").await.unwrap();
    let first = server.push_user("boss@example.com").await.user;
    let second = server.push_user("other@example.com").await.user;
    assert_eq!((role(&server, &first).await, warnings(&server).await), (ServerRole::Admin, vec![]));
    server.push_named(&second, "other@example.com", "BOSS@example.com").await;
    let told = vec![("SHARED_ADMIN_EMAILS".to_owned(), vec!["boss@example.com".to_owned()])];
    for one in [&first, &second] {
        assert_eq!(role(&server, one).await, ServerRole::Member);
    }
    assert_eq!(warnings(&server).await, told);
    // whoever is left is meant: the other is switched off, or has another address, or is deleted
    server.push_active_named(&first, false).await;
    assert_eq!((role(&server, &second).await, warnings(&server).await), (ServerRole::Admin, vec![]));
    server.push_active_named(&first, true).await;
    assert_eq!(
        (role(&server, &first).await, role(&server, &second).await),
        (ServerRole::Member, ServerRole::Member)
    );
    server.push_deleted(&second).await;
    assert_eq!(role(&server, &first).await, ServerRole::Admin);
    // and a third that is made with it
    let third = server.push_made("third@example.com", "Boss@Example.com").await;
    assert_eq!(
        (role(&server, &first).await, role(&server, &third).await),
        (ServerRole::Member, ServerRole::Member)
    );
    // the list, made anew, says the same
    jit::remove_email(&server.services, &system(), "boss@example.com").await.unwrap();
    jit::add_email(&server.services, &system(), "boss@example.com").await.unwrap();
    assert_eq!(
        (role(&server, &first).await, role(&server, &third).await),
        (ServerRole::Member, ServerRole::Member)
    );
}

async fn whoever_an_admin_switched_off_is_no_admin_by_a_push(database: Database) {
    let server = Harness::on(database).await;
    let services = &server.services;
    jit::add_email(services, &system(), "listed@example.com").await.unwrap();
    let (made, listed) =
        (server.push_user("made@example.com").await.user, server.push_user("listed@example.com").await.user);
    let linked = server.person("linked").await.user;
    assert_eq!(server.push_user("linked@example.com").await.user.id, linked.id);
    for one in [&made, &linked] {
        user::update_server_role(services, &system(), one.id, ServerRole::Admin).await.unwrap();
    }
    for one in [&made, &listed, &linked] {
        let one = &find(&server, one.id).await;
        assert_eq!(one.server_role, ServerRole::Admin);
        switch(services, one, UserState::Deactivated).await;
        for active in [true, false, true] {
            server.push_active(one, active).await;
            let now = find(&server, one.id).await;
            assert_eq!((now.is_active(), now.server_role), (active, ServerRole::Member), "{}", one.username);
        }
        // an admin says so
        user::update_server_role(services, &system(), one.id, ServerRole::Admin).await.unwrap();
        assert_eq!(role(&server, one).await, ServerRole::Admin);
    }
    // who is switched off by the IdP alone comes back as they were, and by hand too
    server.push_active(&made, false).await;
    server.push_active(&made, true).await;
    assert_eq!(role(&server, &made).await, ServerRole::Admin);
    switch(services, &made, UserState::Deactivated).await;
    switch(services, &made, UserState::Active).await;
    assert_eq!(role(&server, &made).await, ServerRole::Admin);
    // not so who is switched off by an admin after the IdP did
    server.push_active(&made, false).await;
    switch(services, &made, UserState::Deactivated).await;
    server.push_active(&made, true).await;
    assert_eq!(role(&server, &made).await, ServerRole::Member);
}

on_both_databases! {
    a_composed_and_a_decomposed_name_are_one_group;
    no_look_alike_of_an_address_or_a_name_has_its_rights;
    no_look_alike_takes_an_account_over;
    of_two_accounts_with_one_address_none_is_an_admin_by_it;
    whoever_an_admin_switched_off_is_no_admin_by_a_push;
}
