//! Properties of filters: printed and read again, never a panic, and evaluation against an oracle; floor `scim`.

use proptest::prelude::*;
use serde_json::{Number, json};

use super::super::*;
use crate::scim::testing::{object, probe};

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z$]?[a-zA-Z][a-zA-Z0-9_-]{0,6}"
        .prop_filter("a dollar stands first only", |n| !n.get(1..).unwrap_or("").contains('$'))
}

fn path() -> impl Strategy<Value = AttributePath> {
    let uri = prop_oneof![Just(None), Just(Some("urn:ietf:params:scim:schemas:core:2.0:User".to_owned()))];
    (uri, name(), proptest::option::of(name())).prop_map(|(uri, name, sub)| AttributePath { uri, name, sub })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|n| Literal::Number(n.into())),
        any::<f64>().prop_filter_map("finite", Number::from_f64).prop_map(Literal::Number),
        any::<String>().prop_map(|text| Literal::String(text.replace('\0', ""))),
    ]
}

fn compare(path: impl Strategy<Value = AttributePath>) -> impl Strategy<Value = Filter> {
    let op = proptest::sample::select(&CompareOp::ALL[..]);
    (path, op, literal()).prop_map(|(path, op, value)| Filter::Compare { path, op, value })
}

fn tree(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

fn filter() -> BoxedStrategy<Filter> {
    let sub = || name().prop_map(AttributePath::attribute);
    let within = tree(prop_oneof![compare(sub()), sub().prop_map(Filter::Present)].boxed());
    let value_path = (path(), within).prop_map(|(path, filter)| Filter::ValuePath {
        path: AttributePath { sub: None, ..path },
        filter: Box::new(filter),
    });
    tree(prop_oneof![compare(path()), path().prop_map(Filter::Present), value_path].boxed())
}

/// Few names and values, so that matches happen.
fn small() -> BoxedStrategy<Filter> {
    let tag = || proptest::sample::select(vec!["a", "B", "ab"]);
    let leaf = prop_oneof![
        (proptest::sample::select(&CompareOp::ALL[..]), tag()).prop_map(|(op, tag)| Filter::Compare {
            path: AttributePath::attribute("tags"),
            op,
            value: tag.into(),
        }),
        Just(Filter::Present(AttributePath::attribute("tags"))),
    ];
    tree(leaf.boxed())
}

/// The rules of RFC 7644 table 3 once more, for strings without case alone.
fn oracle(filter: &Filter, tags: &[String]) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|f| oracle(f, tags)),
        Filter::Or(any) => any.iter().any(|f| oracle(f, tags)),
        Filter::Not(f) => !oracle(f, tags),
        Filter::Compare { op, value: Literal::String(wanted), .. } => {
            let wanted = wanted.to_lowercase();
            let holds = |tag: &String| match (op, tag.to_lowercase()) {
                (CompareOp::Eq, tag) => tag == wanted,
                (CompareOp::Ne, tag) => tag != wanted,
                (CompareOp::Co, tag) => tag.contains(&wanted),
                (CompareOp::Sw, tag) => tag.starts_with(&wanted),
                (CompareOp::Ew, tag) => tag.ends_with(&wanted),
                (CompareOp::Gt, tag) => tag > wanted,
                (CompareOp::Ge, tag) => tag >= wanted,
                (CompareOp::Lt, tag) => tag < wanted,
                (CompareOp::Le, tag) => tag <= wanted,
            };
            tags.iter().any(holds) || (*op == CompareOp::Ne && tags.is_empty())
        }
        _ => tags.iter().any(|tag| !tag.is_empty()),
    }
}

proptest! {
    #[test]
    fn a_printed_filter_is_read_as_the_same(filter in filter()) {
        let printed = filter.to_string();
        prop_assert_eq!(printed.parse::<Filter>().map_err(|e| format!("{printed}: {e}")), Ok(filter));
    }

    #[test]
    fn no_input_panics(text in ".{0,80}") {
        let _ = text.parse::<Filter>();
    }

    #[test]
    fn near_filters_do_not_panic(words in proptest::collection::vec(
        proptest::sample::select(vec!["a", "eq", "pr", "and", "or", "not", "(", ")", "[", "]", ".b", "\"x\"", "1", " ", "é", "\"", "\\"]), 0..16)
    ) {
        if let Ok(filter) = words.concat().parse::<Filter>() {
            prop_assert_eq!(filter.to_string().parse::<Filter>().unwrap(), filter);
        }
    }

    #[test]
    fn evaluation_agrees_with_the_oracle(filter in small(), tags in proptest::collection::vec("[aAbB]{0,2}", 0..4)) {
        let resource = object(json!({ "tags": tags }));
        prop_assert_eq!(filter.matches(&probe(), &resource), oracle(&filter, &tags), "{} on {:?}", filter, tags);
    }
}
