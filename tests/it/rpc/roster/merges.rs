//! Two accounts of one person become one.

mod flight;

use roster::{
    domain::{
        role::{OrganizationRole, ServerRole},
        user::{User, UserType},
    },
    services::{membership, user},
};
use serde_json::{Value, json};

use super::map;
use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person, Refusal, each, system},
};

const SERVICE: &str = "roster.v1.UserService";

async fn ask(server: &Harness, method: &str, from: &str, into: &str) -> Result<Value, Refusal> {
    let request = json!({ "fromUserRef": { "name": from }, "intoUserRef": { "name": into } });
    server.ask_admin(&format!("{SERVICE}/{method}"), request).await
}

/// Merges, after a preview that says the same.
async fn merge(server: &Harness, from: &str, into: &str) -> Value {
    let written = crate::standing::written(server.app.store()).await;
    let planned = ask(server, "PreviewMergeUsers", from, into).await.unwrap();
    assert_eq!(crate::standing::written(server.app.store()).await, written, "a preview writes nothing");
    let done = ask(server, "MergeUsers", from, into).await.unwrap();
    assert_eq!(planned["userMerge"], done["userMerge"]);
    assert!(membership::check(&server.services).await.unwrap().is_empty());
    for (membership, merged) in memberships(&done["userMerge"]) {
        assert_eq!(role(server, into, &membership).await, merged, "{membership}");
        assert_eq!(role(server, from, &membership).await, Value::Null, "{membership}");
    }
    done["userMerge"].clone()
}

/// Its organizations, with the role that is told for then.
fn memberships(merge: &Value) -> Vec<(String, Value)> {
    let all = merge["memberships"].as_array().into_iter().flatten();
    all.map(|one| (one["organizationName"].as_str().unwrap().to_owned(), one["mergedRole"].clone())).collect()
}

/// The role that someone has; null for none.
async fn role(server: &Harness, username: &str, organization: &str) -> Value {
    let request = json!({ "userRef": { "name": username }, "organizationRef": { "name": organization } });
    let answer = server.ask_admin("roster.v1.MembershipService/CheckMembership", request).await.unwrap();
    answer["decision"]["role"].clone()
}

async fn account(server: &Harness, username: &str) -> Value {
    let request = json!({ "userRef": { "name": username } });
    server.ask_admin(&format!("{SERVICE}/GetUserAccount"), request).await.unwrap()["userAccount"].clone()
}

fn named(word: &str) -> Value {
    json!(format!("ORGANIZATION_ROLE_{word}"))
}

async fn a_local_account_and_its_double_become_one(database: Database) {
    let server = Harness::on(database).await;
    let staff = server.person("staff0").await;
    let organizations = [
        server.organization(&server.admin, "acme").await,
        server.organization(&server.admin, "beta").await,
        server.organization(&server.admin, "ceres").await,
    ];
    server.member(organizations[0], &staff, OrganizationRole::Admin).await;
    map(&server, organizations[1], "Team", 0).await;
    map(&server, organizations[0], "Team", 0).await;
    let double = server.push_made("staff0@corp.com", "staff0@corp.com").await;
    assert_eq!(double.username, "staff01");
    server.push_group("Team", &[&double]).await;
    let double = Person { token: server.token_of(double.id, None).await, user: double };
    server.member(organizations[2], &double, OrganizationRole::Machine).await;
    server.organization(&double, "doubles").await;

    let told = merge(&server, "staff01", "staff0").await;
    assert_eq!(told["merged"]["userId"], staff.id());
    assert_eq!(told["merged"]["scimId"], double.user.scim_id.to_string());
    assert_eq!(told["merged"]["origin"], "USER_ACCOUNT_ORIGIN_LINKED");
    assert_eq!((&told["endedTokenCount"], &told["keptTokenCount"]), (&json!(1), &json!(1)));
    assert_eq!((&told["keptGroups"], &told["endedGroups"]), (&json!(["Team"]), &Value::Null));
    let expected = ["ADMIN", "MEMBER", "MACHINE", "OWNER"].map(named);
    let names = ["acme", "beta", "ceres", "doubles"].map(str::to_owned);
    assert_eq!(memberships(&told), names.into_iter().zip(expected).collect::<Vec<_>>());
    assert_eq!(account(&server, "staff0").await, told["merged"]);

    // the tokens of the one end, and those of the other stay
    let current = "buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser";
    assert_eq!(server.ask(&double, current, json!({})).await.unwrap_err().code, "unauthenticated");
    assert_eq!(server.ask(&staff, current, json!({})).await.unwrap()["user"]["username"], "staff0");
    // the name is nobody's
    for method in ["UserService/CreateUser", "AdminService/CreateMachineUser"] {
        let method = format!("buf.alpha.registry.v1alpha1.{method}");
        let taken = server.ask_admin(&method, json!({ "username": "staff01" })).await.unwrap_err();
        assert_eq!(taken.reason(), "TAKEN");
    }
    let request = json!({ "userRef": { "id": double.id() } });
    let gone = server.ask_admin(&format!("{SERVICE}/GetUserAccount"), request).await;
    assert_eq!(gone.unwrap_err().code, "not_found");
    // both ids are in the audit log
    let request = json!({ "pageSize": 250 });
    let events =
        server.ask_all("buf.alpha.audit.v1alpha1.AuditService/ListAuditedEvents", &request, "events").await;
    let deleted: Vec<_> = events.iter().filter(|event| event["type"] == "EVENT_TYPE_USER_DELETED").collect();
    assert_eq!((deleted.len(), &deleted[0]["resource"]["id"]), (1, &json!(double.id())));
    let ended = events.iter().filter(|event| event["type"] == "EVENT_TYPE_TOKEN_DELETED");
    assert_eq!(ended.count(), 1);
    // what the IdP pushes now is the account
    let merged = User { scim_id: double.user.scim_id, ..double.user.clone() };
    server.push_active(&merged, false).await;
    assert_eq!(role(&server, "staff0", "acme").await, Value::Null);
    assert_eq!(account(&server, "staff0").await["active"], Value::Null);
    server.push_active(&merged, true).await;
    assert_eq!(role(&server, "staff0", "acme").await, named("ADMIN"));
}

async fn the_higher_role_of_both_stays(database: Database) {
    use OrganizationRole::{Admin, Machine, Member, Owner};
    let server = Harness::on(database).await;
    let (from, into) = (server.person("from").await, server.person("into").await);
    let cases = [
        (Some(Member), Some(Admin), "ADMIN"),
        (Some(Owner), Some(Member), "OWNER"),
        (Some(Machine), None, "MACHINE"),
        (None, Some(Machine), "MACHINE"),
        (Some(Admin), Some(Admin), "ADMIN"),
    ];
    for (at, (first, second, _)) in cases.iter().enumerate() {
        let organization = server.organization(&server.admin, &format!("org-{at}")).await;
        for (person, role) in [(&from, first), (&into, second)] {
            if let Some(role) = role {
                server.member(organization, person, *role).await;
            }
        }
    }
    let told = merge(&server, "from", "into").await;
    let roles: Vec<_> = memberships(&told).into_iter().map(|(_, role)| role).collect();
    assert_eq!(roles, cases.map(|(_, _, role)| named(role)));
    assert_eq!(
        told["merged"]["email"], "into@example.com",
        "of two local accounts the one that stays has its email"
    );
}

/// How an account is before it is merged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Local,
    LocalOff,
    Pushed,
    PushedOff,
    Deprovisioned,
}

async fn make(server: &Harness, name: &str, kind: Kind) -> User {
    let made = match kind {
        Kind::Local | Kind::LocalOff => server.person(name).await.user,
        _ => server.push_user(&format!("{name}@corp.com")).await.user,
    };
    match kind {
        Kind::LocalOff => user::deactivate(&server.services, &system(), made.id).await.unwrap(),
        Kind::PushedOff => server.push_active(&made, false).await,
        Kind::Deprovisioned => server.push_deleted(&made).await,
        Kind::Local | Kind::Pushed => {}
    }
    made
}

/// Of every pair the account that an IdP pushes decides; groups are those of the resource that stays.
async fn the_identity_provider_decides_about_what_it_pushes(database: Database) {
    use Kind::{Deprovisioned, Local, LocalOff, Pushed, PushedOff};
    let server = Harness::on(database).await;
    let all = [Local, LocalOff, Pushed, PushedOff, Deprovisioned];
    let pairs = all.into_iter().flat_map(|from| all.map(|into| (from, into)));
    for (at, (from, into)) in pairs.enumerate() {
        let letter = char::from(b'a' + u8::try_from(at).unwrap());
        let names = [format!("{letter}-from"), format!("{letter}-into")];
        let users = [make(&server, &names[0], from).await, make(&server, &names[1], into).await];
        let groups = ["from", "into"].map(|word| format!("{letter}-{word}"));
        for (user, (group, kind)) in users.iter().zip(groups.iter().zip([from, into])) {
            if kind != Deprovisioned {
                server.push_group(group, &[user]).await;
            }
        }
        let case = format!("{from:?} into {into:?}");
        if (from, into) == (Pushed, Pushed) {
            for method in ["PreviewMergeUsers", "MergeUsers"] {
                let refused = ask(&server, method, &names[0], &names[1]).await.unwrap_err();
                assert_eq!(
                    (refused.code.as_str(), refused.reason().as_str()),
                    ("failed_precondition", "BOTH_PROVISIONED")
                );
            }
            continue;
        }
        let told = merge(&server, &names[0], &names[1]).await;
        let rank = |kind| match kind {
            Pushed => 3,
            PushedOff => 2,
            Local | LocalOff => 1,
            Deprovisioned => 0,
        };
        let is_from = rank(from) > rank(into);
        let (giver, stays, ends) = if is_from { (from, 0, 1) } else { (into, 1, 0) };
        let merged = &told["merged"];
        assert_eq!(merged["active"] == true, [Local, Pushed].contains(&giver), "{case}");
        if giver != Deprovisioned {
            assert_eq!(merged["scimId"], users[stays].scim_id.to_string(), "{case}");
            assert_eq!(told["keptGroups"], json!([groups[stays]]), "{case}");
        }
        let ended = if [from, into][ends] == Deprovisioned { Value::Null } else { json!([groups[ends]]) };
        assert_eq!(told["endedGroups"], ended, "{case}");
        let is_by_hand = [from, into].iter().any(|kind| rank(*kind) == 1);
        let origin = match giver {
            Local | LocalOff => "LOCAL",
            Deprovisioned => "DEPROVISIONED",
            _ if is_by_hand => "LINKED",
            _ => "PROVISIONED",
        };
        assert_eq!(merged["origin"], format!("USER_ACCOUNT_ORIGIN_{origin}"), "{case}");
        assert_eq!(account(&server, &names[1]).await, *merged, "{case}");
        let listed = server
            .ask_admin("roster.v1.IdpGroupService/ListIdpGroups", json!({ "pageSize": 250 }))
            .await
            .unwrap();
        let count = |name: &str| {
            let groups = listed["idpGroups"].as_array().unwrap();
            groups.iter().find(|group| group["displayName"] == name).map(|group| group["memberCount"].clone())
        };
        if [from, into][ends] != Deprovisioned {
            assert!(
                [Some(Value::Null), Some(json!("0"))].contains(&count(&groups[ends])),
                "{case} {:?}",
                count(&groups[ends])
            );
        }
    }
}

async fn what_must_not_be_merged_is_refused_as_the_preview_says(database: Database) {
    let server = Harness::on(database).await;
    server.person("ann").await;
    server.account("robot", UserType::Machine, ServerRole::Member).await;
    let left = server.push_user("left@corp.com").await.user;
    server.push_active(&left, false).await;
    let owner = server.person("owner").await;
    server.organization(&owner, "acme").await;
    for (from, into, code, reason) in [
        ("ann", "ann", "invalid_argument", "INVALID_FIELD"),
        ("ann", "nobody", "not_found", "NOT_FOUND"),
        ("nobody", "ann", "not_found", "NOT_FOUND"),
        ("robot", "ann", "invalid_argument", "INVALID_FIELD"),
        ("ann", "robot", "invalid_argument", "INVALID_FIELD"),
        ("root", "ann", "failed_precondition", "OWN_ACCOUNT"),
        // the account would be switched off, as the IdP says
        ("left", "root", "failed_precondition", "LAST_SERVER_ADMIN"),
        ("left", "owner", "failed_precondition", "LAST_OWNER"),
        ("owner", "left", "failed_precondition", "LAST_OWNER"),
    ] {
        let written = crate::standing::written(server.app.store()).await;
        let refused = ask(&server, "PreviewMergeUsers", from, into).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.reason().as_str()), (code, reason), "{from} {into}");
        assert_eq!(ask(&server, "MergeUsers", from, into).await.unwrap_err(), refused, "{from} {into}");
        assert_eq!(crate::standing::written(server.app.store()).await, written, "{from} {into}");
    }
}

/// A merge carries the role of an active server admin over, and brings none back that was taken.
async fn a_merge_makes_no_admin_of_who_was_switched_off(database: Database) {
    let server = Harness::on(database).await;
    let admin = async |word: &str| server.account(word, UserType::Personal, ServerRole::Admin).await.user;
    let is_admin = async |name: &str| account(&server, name).await["serverAdmin"] == true;
    admin("active").await;
    let a = server.push_user("ay@corp.com").await.user.username;
    merge(&server, "active", &a).await;
    assert!(is_admin(&a).await);
    let off = admin("off").await;
    user::deactivate(&server.services, &system(), off.id).await.unwrap();
    let b = server.push_user("bee@corp.com").await.user.username;
    merge(&server, "off", &b).await;
    assert!(!is_admin(&b).await);
    // also when the address makes one: an admin has to say so
    let email = json!({ "email": "bee@corp.com" });
    server.ask_admin("roster.v1.JitService/AddAdminEmail", email).await.unwrap();
    assert!(!is_admin(&b).await, "who was switched off by hand is none by the email");
    // whom the address makes one stays one, by the address alone
    let email = json!({ "email": "cee@corp.com" });
    server.ask_admin("roster.v1.JitService/AddAdminEmail", email.clone()).await.unwrap();
    server.person("local").await;
    let c = server.push_user("cee@corp.com").await.user.username;
    assert!(is_admin(&c).await);
    merge(&server, &c, "local").await;
    assert!(is_admin("local").await);
    server.ask_admin("roster.v1.JitService/RemoveAdminEmail", email).await.unwrap();
    assert!(!is_admin("local").await);
    // the one that gives it by hand, by merging into oneself
    let d = server.push_user("dee@corp.com").await.user.username;
    merge(&server, &d, "root").await;
    assert!(is_admin("root").await);
    let current =
        server.ask_admin("buf.registry.owner.v1.UserService/GetCurrentUser", json!({})).await.unwrap();
    assert_eq!(each(&[current["user"].clone()], "name"), ["root"], "the own token stays");
}

on_both_databases! {
    a_local_account_and_its_double_become_one;
    the_higher_role_of_both_stays;
    the_identity_provider_decides_about_what_it_pushes;
    what_must_not_be_merged_is_refused_as_the_preview_says;
    a_merge_makes_no_admin_of_who_was_switched_off;
}
