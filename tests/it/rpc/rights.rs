//! `AuthzService` and `DisplayService`: what the caller may do, asked beforehand, is what then is let through.

use roster::domain::{role::OrganizationRole as Rank, user::UserType};
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person},
};

const DELETE_SELF: &str = "buf.alpha.registry.v1alpha1.UserService/DeleteUser";
const OWNER: &str = "ORGANIZATION_ROLE_OWNER";
const ADMIN: &str = "ORGANIZATION_ROLE_ADMIN";
const MACHINE: &str = "ORGANIZATION_ROLE_MACHINE";
const MEMBER: &str = "ORGANIZATION_ROLE_MEMBER";

async fn authz(server: &Harness, who: &Person, method: &str, request: Value) -> Value {
    let method = format!("buf.alpha.registry.v1alpha1.AuthzService/{method}");
    server.ask(who, &method, request).await.unwrap()
}

async fn display(server: &Harness, who: &Person, method: &str, request: Value) -> Value {
    let method = format!("buf.alpha.registry.v1alpha1.DisplayService/{method}");
    server.ask(who, &method, request).await.unwrap()
}

fn yes(authorized: bool) -> Value {
    if authorized { json!({ "authorized": true }) } else { json!({}) }
}

async fn each_role_may_what_it_ranks_for(database: Database) {
    let server = Harness::on(database).await;
    let owner = server.person("owner").await;
    let acme = server.organization(&owner, "acme").await;
    let mut people = vec![(owner, vec![OWNER, ADMIN, MACHINE, MEMBER], true, true)];
    for (name, role, manages, updates) in [
        ("admin", Rank::Admin, vec![ADMIN, MACHINE, MEMBER], true),
        ("writer", Rank::Machine, vec![], false),
        ("member", Rank::Member, vec![], false),
    ] {
        let person = server.person(name).await;
        server.member(acme, &person, role).await;
        people.push((person, manages, updates, false));
    }
    people.push((server.admin.clone(), vec![OWNER, ADMIN, MACHINE, MEMBER], true, true));
    let of_acme = json!({ "organizationId": acme.to_string() });
    for (person, manages, updates, deletes) in people {
        let roles = if manages.is_empty() { json!({}) } else { json!({ "authorizedRoles": manages }) };
        for method in [
            "UserCanAddOrganizationMember",
            "UserCanUpdateOrganizationMember",
            "UserCanRemoveOrganizationMember",
        ] {
            assert_eq!(authz(&server, &person, method, of_acme.clone()).await, roles, "{method}");
        }
        let may_see = authz(&server, &person, "UserCanSeeOrganizationSettings", of_acme.clone()).await;
        assert_eq!(may_see, yes(true));
        let may_delete = authz(&server, &person, "UserCanDeleteOrganization", of_acme.clone()).await;
        assert_eq!(may_delete, yes(deletes));
        let shown = display(&server, &person, "DisplayOrganizationElements", of_acme.clone()).await;
        let mut expected = json!({ "settings": true });
        for (control, works) in [("updateSettings", updates), ("delete", deletes)] {
            if works {
                expected[control] = true.into();
            }
        }
        assert_eq!(shown, expected, "{}", person.user.username);
    }
}

async fn the_admin_panel_is_for_server_admins(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    for (person, admin) in [(&server.admin, true), (&bob, false)] {
        assert_eq!(authz(&server, person, "UserCanSeeServerAdminPanel", json!({})).await, yes(admin));
        let shown = display(&server, person, "DisplayServerElements", json!({})).await;
        assert_eq!(shown, if admin { json!({ "adminPanel": true }) } else { json!({}) });
    }
}

async fn the_own_account_may_be_deleted_when_it_can_be(database: Database) {
    let server = Harness::on(database).await;
    let (free, owner) = (server.person("free").await, server.person("owner").await);
    server.organization(&owner, "acme").await;
    let pushed = server.person("pushed").await;
    server.push_user("pushed@example.com").await;
    let robot = server.account("robot", UserType::Machine, roster::domain::role::ServerRole::Member).await;
    for (person, may) in
        [(&free, true), (&owner, false), (&pushed, false), (&robot, false), (&server.admin, false)]
    {
        let name = &person.user.username;
        assert_eq!(authz(&server, person, "UserCanDeleteUser", json!({})).await, yes(may), "{name}");
        let shown = display(&server, person, "DisplayUserElements", json!({})).await;
        assert_eq!(shown, if may { json!({ "delete": true }) } else { json!({}) }, "{name}");
        assert_eq!(server.ask(person, DELETE_SELF, json!({})).await.is_ok(), may, "{name}");
    }
}

async fn what_is_about_resources_says_that_there_are_none(database: Database) {
    let server = Harness::on(database).await;
    for method in [
        "AuthzService/UserCanCreateOrganizationRepository",
        "AuthzService/UserCanDeleteRepository",
        "DisplayService/DisplayPluginElements",
        "DisplayService/DisplayOwnerEntitledElements",
        "AdminService/GetClusterUsage",
        "AdminService/GetUniquenessPolicy",
    ] {
        let method = format!("buf.alpha.registry.v1alpha1.{method}");
        let refusal = server.ask_admin(&method, json!({})).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.reason().as_str()), ("unimplemented", "UNIMPLEMENTED"));
        assert!(refusal.message.contains("no repositories") || refusal.message.contains("no modules"));
    }
}

on_both_databases! {
    each_role_may_what_it_ranks_for;
    the_admin_panel_is_for_server_admins;
    the_own_account_may_be_deleted_when_it_can_be;
    what_is_about_resources_says_that_there_are_none;
}
