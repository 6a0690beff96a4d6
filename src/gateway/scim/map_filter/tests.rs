//! Filters as predicates.

use super::*;
use crate::scim::{filter::Unknown, schema::Registry};

fn predicate_of(name: &str, filter: &str) -> Predicate {
    let registry = Registry::standard().unwrap();
    let resource_type = registry.resource_type(name).unwrap();
    let filter: Filter = filter.parse().unwrap();
    filter.check(resource_type, Unknown::Unassigned).unwrap();
    to_predicate(resource_type, &filter)
}

fn equal(field: Field, text: &str) -> Predicate {
    Predicate::Compare { field, comparison: Comparison::Equal, operand: Operand::Text(text.to_owned()) }
}

#[test]
fn what_identity_providers_look_up_is_compared_on_columns() {
    assert_eq!(predicate_of("User", r#"userName eq "Bob@X.org""#), equal(Field::UserName, "bob@x.org"));
    assert_eq!(predicate_of("User", r#"externalId eq "00uA""#), equal(Field::ExternalId, "00uA"));
    assert_eq!(predicate_of("Group", r#"DISPLAYNAME eq "Eng""#), equal(Field::DisplayName, "eng"));
    let member = Predicate::Related(Box::new(equal(Field::RelatedId, "7")));
    assert_eq!(predicate_of("Group", r#"members eq "7""#), member);
    assert_eq!(predicate_of("Group", r#"members[value eq "7"]"#), member);
}

#[test]
fn a_value_path_asks_one_element_for_everything() {
    let element = |name: &str| Field::Element(vec![name.to_owned()]);
    let inner = Predicate::All(vec![equal(element("type"), "work"), equal(element("value"), "a@x")]);
    let expected = Predicate::Element { path: vec!["emails".to_owned()], inner: Box::new(inner) };
    assert_eq!(predicate_of("User", r#"emails[type eq "work"].value eq "A@x""#), expected);
}

#[test]
fn null_asks_whether_there_is_a_value() {
    let present = Predicate::Present(Field::ExternalId);
    assert_eq!(predicate_of("User", "externalId eq null"), not(present.clone()));
    assert_eq!(predicate_of("User", "externalId ne null"), present);
}

#[test]
fn what_is_unknown_has_no_value() {
    assert_eq!(predicate_of("User", r#"shoeSize eq "9""#), Predicate::Constant(false));
    assert_eq!(predicate_of("User", r#"shoeSize ne "9""#), Predicate::Constant(true));
}
