//! As much of the query language as says which metrics and which labels an expression reads.

use std::collections::{BTreeMap, BTreeSet};

/// The series that a server tells, by name: the labels of each, with their values.
pub(super) type Exposed = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// Labels that Prometheus itself adds.
const ADDED: [&str; 2] = ["instance", "job"];

/// One metric in an expression.
#[derive(Debug)]
pub(super) struct Selector {
    name: String,
    /// Label, operator, value.
    matchers: Vec<(String, String, String)>,
}

impl Selector {
    pub(super) fn family(&self) -> String {
        family(&self.name).to_owned()
    }
}

/// The name of a metric without what histograms add.
pub(super) fn family(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `a="b",c=~"d"`, to its end at `close`, and what follows.
fn labels(text: &str, close: char) -> (Vec<(String, String, String)>, &str) {
    let mut rest = text;
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix(close) {
            return (found, after);
        }
        let (name, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap());
        let (operator, after) = after.split_once('"').unwrap();
        let (value, after) = after.split_once('"').unwrap();
        assert!(["=", "=~", "!=", "!~"].contains(&operator), "{operator}: {text}");
        found.push((name.to_owned(), operator.to_owned(), value.to_owned()));
        rest = after;
    }
}

/// The metrics that an expression reads.
pub(super) fn selectors(expression: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = expression;
    let start = |text: &str| text.find("roster_").into_iter().chain(text.find("process_")).min();
    while let Some(at) = start(rest) {
        let from = &rest[at..];
        let (name, after) = from.split_at(from.find(|c| !is_word(c)).unwrap_or(from.len()));
        let (matchers, after) = after.strip_prefix('{').map_or((Vec::new(), after), |text| labels(text, '}'));
        found.push(Selector { name: name.to_owned(), matchers });
        rest = after;
    }
    found
}

/// The labels by which an expression groups.
fn groups(expression: &str) -> BTreeSet<String> {
    let lists = expression.split("by (").skip(1).map(|rest| rest.split(')').next().unwrap());
    lists.flat_map(|list| list.split(',').map(|label| label.trim().to_owned())).collect()
}

/// The series in the text that a server tells.
pub(super) fn exposed(text: &str) -> Exposed {
    let mut exposed = Exposed::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, after) = line.split_at(line.find(|c| !is_word(c)).unwrap());
        let (labels, _) = after.strip_prefix('{').map_or((Vec::new(), after), |text| labels(text, '}'));
        let labels = labels.into_iter().map(|(label, _, value)| (label, value)).collect();
        exposed.entry(name.to_owned()).or_default().push(labels);
    }
    exposed
}

/// Whether a metric that the expression reads has this label, or Prometheus adds it.
pub(super) fn has_label(expression: &str, there: &Exposed, label: &str) -> bool {
    let series =
        selectors(expression).into_iter().flat_map(|read| there.get(&read.name).into_iter().flatten());
    ADDED.contains(&label) || series.into_iter().any(|labels| labels.contains_key(label))
}

/// That each metric of the expression is there, with the labels that are asked for, and that one series has the value
/// that an equality asks for.
pub(super) fn check(expression: &str, there: &Exposed) {
    let read = selectors(expression);
    assert!(!read.is_empty(), "{expression} reads nothing");
    for Selector { name, matchers } in &read {
        let series = there.get(name).unwrap_or_else(|| panic!("{expression}: there is no {name}"));
        for (label, operator, value) in matchers {
            if ADDED.contains(&label.as_str()) {
                continue;
            }
            let fits = |found: &String| operator != "=" || found == value;
            let has = series.iter().any(|labels| labels.get(label).is_some_and(fits));
            assert!(has, "{expression}: no {name} has {label}{operator}{value}");
        }
    }
    for label in groups(expression) {
        assert!(has_label(expression, there, &label), "{expression}: nothing has the label {label}");
    }
}

#[test]
fn what_is_not_there_is_found() {
    let there = exposed("# HELP x\nroster_a_total{gateway=\"scim\",code=\"200\"} 1\nroster_b 2\n");
    check("sum by (code) (rate(roster_a_total{gateway=\"scim\",instance=~\"$i\"}[5m])) / roster_b", &there);
    for wrong in [
        "roster_c",
        "roster_a_total{method=\"x\"}",
        "roster_a_total{gateway=\"rpc\"}",
        "sum by (method) (roster_a_total)",
        "1",
    ] {
        let checked = std::panic::catch_unwind(|| check(wrong, &there));
        assert!(checked.is_err(), "{wrong}");
    }
}
