//! Predicates find the same resources on both databases.

use roster::{
    domain::{
        predicate::{Comparison, Field, Operand, Predicate, ResourceQuery, Sort},
        user::User,
    },
    storage::{self, Store},
};

use super::{Database, contract::user, on_both_databases};

on_both_databases! {
    each_comparison_finds_its_users;
    lists_are_sorted_with_the_unassigned_last;
}

const SEARCH: [&str; 3] = [
    r#"{"title":"Tour Guide","emails":[{"type":"work","value":"ann@x.org","primary":true},{"type":"home","value":"a@y.org"}],"rank":2,"lead":true,"urn:x:2.0:User":{"team":"b%_"}}"#,
    r#"{"title":"guide","emails":[{"type":"home","value":"ann@x.org"}],"rank":10,"lead":false,"urn:x:2.0:User":{"team":"Ä"}}"#,
    r#"{"rank":2.5}"#,
];

async fn fill(store: &Store) {
    for (n, search) in SEARCH.iter().enumerate() {
        let mut new = user(&format!("u{n}x"), i64::try_from(n).unwrap() * 1_000);
        new.person.search = (*search).to_owned();
        let new: &User = &new;
        store.transaction(|tx| async move { storage::user::insert(&*tx, new).await }).await.unwrap();
    }
}

async fn found(store: &Store, predicate: Predicate, sort: Option<Sort>) -> String {
    let query = ResourceQuery { predicate, sort, offset: 0, limit: 10, counts: true };
    let page = storage::provisioning::list_users(store.reader(), &query).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    page.items.iter().map(|item| &item.user.username[1..2]).collect()
}

fn doc(path: &[&str]) -> Field {
    Field::Document(path.iter().map(|key| (*key).to_owned()).collect())
}

fn text(field: Field, comparison: Comparison, operand: &str) -> Predicate {
    Predicate::Compare { field, comparison, operand: Operand::Text(operand.to_owned()) }
}

async fn each_comparison_finds_its_users(db: Database) {
    use Comparison::{Contains, EndsWith, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, StartsWith};
    fill(&db.store).await;
    let element = |key: &str| Field::Element(vec![key.to_owned()]);
    let both = Predicate::All(vec![
        text(element("type"), Equal, "work"),
        text(element("value"), Equal, "ann@x.org"),
    ]);
    let integer = |comparison, number| Predicate::Compare {
        field: doc(&["rank"]),
        comparison,
        operand: Operand::Integer(number),
    };
    let lead = |value| Predicate::Compare {
        field: doc(&["lead"]),
        comparison: Equal,
        operand: Operand::Boolean(value),
    };
    let team = || doc(&["urn:x:2.0:User", "team"]);
    let cases = [
        (text(doc(&["title"]), Equal, "guide"), "1"),
        (text(doc(&["title"]), Contains, "uide"), "01"),
        (text(doc(&["title"]), StartsWith, "Tour"), "0"),
        (text(doc(&["title"]), StartsWith, "tour"), ""),
        (text(doc(&["title"]), EndsWith, "uide"), "01"),
        (text(doc(&["title"]), Contains, ""), "01"),
        (text(doc(&["title"]), Greater, "Tour Guide"), "1"),
        (text(doc(&["title"]), LessOrEqual, "Tour Guide"), "0"),
        (text(team(), Contains, "%_"), "0"),
        (text(team(), GreaterOrEqual, "b"), "01"),
        (Predicate::Not(Box::new(text(doc(&["title"]), Equal, "guide"))), "02"),
        (Predicate::Element { path: vec!["emails".to_owned()], inner: Box::new(both) }, "0"),
        (Predicate::Present(doc(&["title"])), "01"),
        (Predicate::Not(Box::new(Predicate::Present(doc(&["emails"])))), "2"),
        (integer(Greater, 2), "12"),
        (integer(Less, 10), "02"),
        (integer(Equal, 2), "0"),
        (lead(true), "0"),
        (lead(false), "1"),
        (Predicate::Any(vec![lead(true), integer(Equal, 10)]), "01"),
        (text(Field::UserName, Equal, "u1x@example.com"), "1"),
        (Predicate::Constant(false), ""),
    ];
    for (predicate, expected) in cases {
        assert_eq!(found(&db.store, predicate.clone(), None).await, expected, "{predicate:?}");
    }
}

async fn lists_are_sorted_with_the_unassigned_last(db: Database) {
    fill(&db.store).await;
    let sort = |field, descending| Some(Sort { field, descending });
    let primary = || Field::Primary { list: vec!["emails".to_owned()], value: vec!["type".to_owned()] };
    let cases = [
        (None, "012"),
        (sort(Field::UserName, true), "210"),
        (sort(doc(&["title"]), false), "012"),
        (sort(doc(&["title"]), true), "210"),
        (sort(doc(&["rank"]), false), "021"),
        (sort(primary(), false), "102"),
    ];
    for (sort, expected) in cases {
        let told = format!("{sort:?}");
        assert_eq!(found(&db.store, Predicate::Constant(true), sort).await, expected, "{told}");
    }
}
