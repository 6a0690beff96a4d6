//! Users on the wire and inside (gateway floor).

use serde_json::{Value, json};

use super::{
    Scim,
    map_resource::{self, Common, location},
    search,
};
use crate::{
    domain::user::{Person, ProvisionedUser, User, UserPush},
    scim::{
        schema::ResourceType,
        value::{Object, elements},
    },
};

/// What the server computes, or keeps elsewhere than in the document.
const NOT_IN_DOCUMENT: [&str; 6] = ["schemas", "id", "meta", "groups", "password", "externalId"];

/// The whole resource, canonical.
pub(super) fn to_resource(scim: &Scim, found: &ProvisionedUser) -> Object {
    let user = &found.user;
    let mut resource = document(user);
    let groups = found.groups.iter().map(|group| {
        let reference = location(scim, &scim.group, group.id);
        json!({ "value": group.id.to_string(), "$ref": reference, "display": group.display_name, "type": "direct" })
    });
    resource.insert("groups".to_owned(), groups.collect());
    // a client that removed `active` does not get `true` back; but that a user is switched off is always shown
    if !user.is_active() || resource.contains_key("active") {
        resource.insert("active".to_owned(), user.is_active().into());
    }
    let common = Common {
        id: &user.scim_id,
        external_id: user.person.external_id.as_ref(),
        created: user.create_time,
        modified: user.update_time,
        version: user.version,
    };
    map_resource::complete(scim, &scim.user, &mut resource, &common);
    resource
}

/// What an IdP pushed; of a local user what is known.
fn document(user: &User) -> Object {
    let person = &user.person;
    if let Some(document) = map_resource::document(&person.document) {
        return document;
    }
    let mut document = Object::new();
    document.insert("active".to_owned(), true.into());
    document.insert("userName".to_owned(), person.user_name.clone().into());
    document.insert("name".to_owned(), made_name(user));
    if let Some(email) = &person.email {
        document.insert("emails".to_owned(), json!([{ "value": email, "type": "work", "primary": true }]));
    }
    document
}

/// The name of a local user, of whom only the registry name is known: Okta's test of a connector stops at a user without one.
fn made_name(user: &User) -> Value {
    json!({ "formatted": user.username, "givenName": user.username, "familyName": user.username })
}

/// Takes out the name that was made for `user`, so that a PATCH does not store it as if the client had sent it.
pub(super) fn without_made_name(resource: &mut Object, user: &User) {
    if user.person.document.is_empty() && resource.get("name") == Some(&made_name(user)) {
        resource.remove("name");
    }
}

/// What a whole resource, canonical, says of a user. Without `active` a new user is active, and another stays as
/// it is: nobody comes back because a client left the attribute out.
pub(super) fn from_whole(resource_type: &ResourceType, mut resource: Object, is_active: bool) -> UserPush {
    resource.entry("active").or_insert_with(|| is_active.into());
    to_push(resource_type, resource, is_active)
}

/// What a resource, canonical, says of a user who is active now or not, and stays so when `active` was removed.
pub(super) fn to_push(resource_type: &ResourceType, mut resource: Object, is_active: bool) -> UserPush {
    if !is_active {
        resource.entry("active").or_insert(Value::Bool(false));
    }
    let active = resource.get("active").and_then(Value::as_bool).unwrap_or(is_active);
    let resource = &resource;
    let mut document = resource.clone();
    document.retain(|name, _| !NOT_IN_DOCUMENT.contains(&name.as_str()));
    let person = Person {
        user_name: text(resource.get("userName")).unwrap_or_default(),
        external_id: resource.get("externalId").and_then(Value::as_str).map(str::to_owned),
        given_name: text(resource.get("name").and_then(|name| name.get("givenName"))),
        family_name: text(resource.get("name").and_then(|name| name.get("familyName"))),
        email: work_email(resource),
        search: Value::Object(search::document(resource_type, &document)).to_string(),
        document: Value::Object(document).to_string(),
    };
    UserPush { person, active }
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The e-mail of type `work`, the primary one of several; one without a type counts when there is no other.
fn work_email(resource: &Object) -> Option<String> {
    let emails = resource.get("emails").map(elements).unwrap_or_default();
    let of_type = |wanted: Option<&str>| {
        let kind = |email: &&Value| text(email.get("type")).map(|kind| kind.to_ascii_lowercase());
        let mut fitting: Vec<_> = emails.iter().filter(|email| kind(email).as_deref() == wanted).collect();
        fitting.sort_by_key(|email| email.get("primary") != Some(&Value::Bool(true)));
        fitting.first().and_then(|email| text(email.get("value")))
    };
    of_type(Some("work")).or_else(|| of_type(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email_of(emails: &Value) -> Option<String> {
        work_email(json!({ "emails": emails }).as_object().unwrap())
    }

    #[test]
    fn the_work_email_is_the_primary_one_of_that_type() {
        let emails = json!([
            { "value": "home@x", "type": "home", "primary": true },
            { "value": "first@x", "type": "work" },
            { "value": "second@x", "type": "Work", "primary": true },
        ]);
        assert_eq!(email_of(&emails).as_deref(), Some("second@x"));
    }

    #[test]
    fn an_email_without_a_type_counts_and_a_private_one_does_not() {
        assert_eq!(email_of(&json!([{ "value": "a@x" }])).as_deref(), Some("a@x"));
        assert_eq!(email_of(&json!([{ "value": "a@x", "type": "home" }])), None);
    }
}
