//! References between the operations of a bulk request by `bulkId` (RFC 7644 §3.7.1, §3.7.2); floor `scim`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;

use serde_json::Value;

use super::BulkOperation;
use crate::quote::shown;
use crate::scim::error::{Error, Status};

const MARK: &str = "bulkId:";

impl BulkOperation {
    /// The bulkIds that this operation's data and path refer to.
    #[must_use]
    pub fn references(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut note = |id: &str| {
            found.insert(id.to_owned());
            Ok::<_, Infallible>(None)
        };
        let Ok(_) = rewrite(&self.path, &mut note);
        let Ok(_) = rewrite_value(&self.data, &mut note);
        found
    }

    /// The operation with real ids in place of `bulkId:…`, in the data as in the path.
    ///
    /// # Errors
    /// 409 when an id is not in `ids`: the resource is not in the request, or could not be made (RFC 7644 §3.7.1).
    pub fn resolved(&self, ids: &HashMap<String, String>) -> Result<Self, Error> {
        let mut find = |id: &str| match ids.get(id) {
            Some(real) => Ok(Some(real.clone())),
            None => Err(Error::plain(
                Status::Conflict,
                format!("bulkId {:?} refers to no resource that was made", shown(id)),
            )),
        };
        let path = rewrite(&self.path, &mut find)?;
        Ok(Self { path, data: rewrite_value(&self.data, &mut find)?, ..self.clone() })
    }

    /// The operation's data without what refers to one of `unmade`: to create a resource of a circle first, and complete
    /// it when the others are there (RFC 7644 §3.7.1).
    #[must_use]
    pub fn without(&self, unmade: &HashSet<String>) -> Self {
        Self { data: strip_members(&self.data, unmade), ..self.clone() }
    }
}

/// In which order operations can run so that references are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkPlan {
    /// The indices of the operations. The client's order, but for a POST that an earlier operation refers to.
    pub order: Vec<usize>,
    /// Operations that refer to one that runs later, since they stand in a circle; with the bulkIds that are then unmade.
    pub circular: HashMap<usize, HashSet<String>>,
}

/// Plans the run of `operations`; those that are malformed (`None`) stay in place.
#[must_use]
pub fn plan(operations: &[Option<&BulkOperation>]) -> BulkPlan {
    let made = operations.iter().enumerate().filter_map(|(at, op)| Some((op.as_ref()?.bulk_id.clone()?, at)));
    let references =
        operations.iter().map(|op| op.map(BulkOperation::references).unwrap_or_default()).collect();
    let mut planner =
        Planner { made: made.collect(), references, state: HashMap::new(), plan: BulkPlan::default() };
    for at in 0..operations.len() {
        planner.visit(at);
    }
    planner.plan
}

struct Planner {
    made: HashMap<String, usize>,
    references: Vec<BTreeSet<String>>,
    /// Whether an operation has its place in the order; it is here from when it is first looked at.
    state: HashMap<usize, bool>,
    plan: BulkPlan,
}

impl Planner {
    /// Places what `start` needs, then `start`; a stack of our own, for a chain may be as long as the request.
    fn visit(&mut self, start: usize) {
        let mut stack = vec![start];
        while let Some(at) = stack.last().copied() {
            let next = if self.state.contains_key(&at) { Vec::new() } else { self.needed(at) };
            self.state.entry(at).or_insert(false);
            if next.is_empty() {
                stack.pop();
                self.place(at);
            } else {
                stack.extend(next.into_iter().rev());
            }
        }
    }

    /// The operations that `at` refers to and that were not looked at yet.
    fn needed(&self, at: usize) -> Vec<usize> {
        let ids = self.references.get(at).into_iter().flatten();
        let needed = ids.filter_map(|id| self.made.get(id)).copied();
        needed.filter(|other| *other != at && !self.state.contains_key(other)).collect()
    }

    fn place(&mut self, at: usize) {
        if self.state.insert(at, true) == Some(true) {
            return;
        }
        let is_open = |id: &&String| {
            self.made.get(*id).is_some_and(|other| self.state.get(other) != Some(&true) || *other == at)
        };
        let open: HashSet<_> =
            self.references.get(at).into_iter().flatten().filter(is_open).cloned().collect();
        if !open.is_empty() {
            self.plan.circular.insert(at, open);
        }
        self.plan.order.push(at);
    }
}

type Find<'f, E> = &'f mut dyn FnMut(&str) -> Result<Option<String>, E>;

fn rewrite_value<E>(value: &Value, find: Find<'_, E>) -> Result<Value, E> {
    Ok(match value {
        Value::String(text) => Value::String(rewrite(text, find)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| rewrite_value(item, find)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let members = map.iter().map(|(name, value)| Ok((name.clone(), rewrite_value(value, find)?)));
            Value::Object(members.collect::<Result<_, E>>()?)
        }
        other => other.clone(),
    })
}

/// Replaces `bulkId:x` where it is the whole text, a segment of a path, or a string in a filter.
fn rewrite<E>(text: &str, find: Find<'_, E>) -> Result<String, E> {
    if let Some(id) = text.strip_prefix(MARK) {
        return Ok(find(id)?.unwrap_or_else(|| text.to_owned()));
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        written.push_str(before);
        let end = after.find(['/', '"', '?', '#']).unwrap_or(after.len());
        let (id, tail) = after.split_at(end);
        let is_segment = before.ends_with(['/', '"']) && !id.is_empty();
        if let Some(real) = if is_segment { find(id)? } else { None } {
            written.push_str(&real);
        } else {
            written.push_str(MARK);
            written.push_str(id);
        }
        rest = tail;
    }
    written.push_str(rest);
    Ok(written)
}

/// A resource, or an extension's part of it, without the attributes that refer to `unmade`.
fn strip_members(value: &Value, unmade: &HashSet<String>) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let kept = map.iter().filter_map(|(name, value)| match value {
        Value::Object(_) if name.contains(':') => Some((name.clone(), strip_members(value, unmade))),
        value => Some((name.clone(), strip(value, unmade)?)),
    });
    Value::Object(kept.collect())
}

/// `value` without the strings that refer to `unmade`, and without the objects that such a string stands in.
fn strip(value: &Value, unmade: &HashSet<String>) -> Option<Value> {
    let refers = |value: &Value| matches!(value, Value::String(text) if refers_to(text, unmade));
    match value {
        Value::String(_) => (!refers(value)).then(|| value.clone()),
        Value::Array(items) => Some(items.iter().filter_map(|item| strip(item, unmade)).collect()),
        Value::Object(map) if map.values().any(refers) => None,
        Value::Object(_) => Some(strip_members(value, unmade)),
        other => Some(other.clone()),
    }
}

fn refers_to(text: &str, unmade: &HashSet<String>) -> bool {
    let mut refers = false;
    let Ok(_) = rewrite(text, &mut |id: &str| {
        refers |= unmade.contains(id);
        Ok::<_, Infallible>(None)
    });
    refers
}
