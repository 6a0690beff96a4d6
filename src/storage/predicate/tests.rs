//! How predicates read as SQL.

use sea_orm::DbBackend;

use super::*;

fn written(backend: DbBackend, root: Root, predicate: &Predicate) -> String {
    let mut sql = Sql::default();
    Writer { sql: &mut sql, backend, root }.predicate(predicate);
    sql.build(backend).sql
}

fn compare(field: Field, comparison: Comparison, operand: &str) -> Predicate {
    Predicate::Compare { field, comparison, operand: Operand::Text(operand.to_owned()) }
}

#[test]
fn a_user_name_is_compared_on_its_indexed_key() {
    let predicate = compare(Field::UserName, Comparison::Equal, "bob");
    assert_eq!(written(DbBackend::Sqlite, Root::User, &predicate), "u.user_name_key = ?");
}

#[test]
fn a_negation_holds_where_there_is_no_value() {
    let predicate = Predicate::Not(Box::new(compare(Field::ExternalId, Comparison::Equal, "x")));
    assert_eq!(written(DbBackend::Sqlite, Root::Group, &predicate), "(g.external_id = ? IS NOT TRUE)");
}

#[test]
fn text_that_is_no_id_equals_no_id() {
    let predicate = compare(Field::Id, Comparison::Equal, "nobody");
    assert_eq!(written(DbBackend::Postgres, Root::User, &predicate), "(1 = 0)");
}

#[test]
fn one_element_must_satisfy_all_of_a_value_path() {
    let field = |name: &str| Field::Element(vec![name.to_owned()]);
    let inner = Predicate::All(vec![
        compare(field("type"), Comparison::Equal, "work"),
        compare(field("value"), Comparison::Contains, "@x"),
    ]);
    let predicate = Predicate::Element { path: vec!["emails".to_owned()], inner: Box::new(inner) };
    assert_eq!(
        written(DbBackend::Sqlite, Root::User, &predicate),
        "EXISTS (SELECT 1 FROM json_each(NULLIF(u.search, ''), ?) e WHERE \
         (json_extract(e.value, ?) = ? AND instr(json_extract(e.value, ?), ?) > 0))"
    );
}
