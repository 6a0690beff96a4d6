//! The operations on the members of a group as the few steps that they come to (services floor).
//!
//! A thousand operations that name members by their ids are one step; one that asks of all members what they are is a step of its
//! own, and looks at each. How much that is, is known before the first one is taken.

use std::collections::BTreeSet;

use crate::{
    domain::idp_group::{MemberChange, MemberTest},
    services::{Error, Kind, Reason},
};

/// How many looks at a member the steps may take beyond one at each.
const MAX_LOOKS: u64 = 1_000_000;
/// To read a member is as much as to hold so many terms of a filter against it.
const READ: u64 = 4;
/// How many steps may ask what members are.
const MAX_QUESTIONS: usize = 32;

/// One step.
pub(super) enum Step<'a> {
    /// Members by their ids.
    Named(Named),
    /// Those that a test names give way.
    Where {
        test: &'a MemberTest,
        /// Who comes in their place.
        values: &'a [String],
        /// Whether it is an error when the test names nobody.
        must_match: bool,
    },
}

/// Members by their ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Whether nobody else stays.
    pub(super) replaces: bool,
    pub(super) come: BTreeSet<String>,
    pub(super) go: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, values: &[String]) {
        for value in values {
            self.go.remove(value);
            self.come.insert(value.clone());
        }
    }

    fn remove(&mut self, values: &[String]) {
        for value in values {
            self.come.remove(value);
            if !self.replaces {
                self.go.insert(value.clone());
            }
        }
    }

    fn replace(&mut self, values: &[String]) {
        *self = Self { replaces: true, come: values.iter().cloned().collect(), go: BTreeSet::new() };
    }
}

/// The steps that `changes` come to, one after the other.
pub(super) fn steps(changes: &[MemberChange]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for change in changes {
        match change {
            MemberChange::Add(values) => named(&mut steps, |named| named.add(values)),
            MemberChange::Remove(values) => named(&mut steps, |named| named.remove(values)),
            MemberChange::Replace(values) => named(&mut steps, |named| named.replace(values)),
            MemberChange::RemoveWhere(test) => {
                steps.push(Step::Where { test, values: &[], must_match: false });
            }
            MemberChange::ReplaceWhere { test, values, must_match } => {
                steps.push(Step::Where { test, values, must_match: *must_match });
            }
        }
    }
    steps
}

fn named(steps: &mut Vec<Step<'_>>, change: impl FnOnce(&mut Named)) {
    if let Some(Step::Named(last)) = steps.last_mut() {
        return change(last);
    }
    let mut new = Named::default();
    change(&mut new);
    steps.push(Step::Named(new));
}

/// Checks how much the steps are for a group of so many members.
///
/// # Errors
/// It is more than one request may ask for.
pub(super) fn check(steps: &[Step<'_>], member_count: u64) -> Result<(), Error> {
    let questions = steps.iter().filter(|step| matches!(step, Step::Where { .. })).count();
    let (mut looks, mut count) = (0_u64, member_count);
    for step in steps {
        match step {
            Step::Named(named) => {
                looks = looks.saturating_add(if named.replaces { count } else { 0 });
                count = count.saturating_add(named.come.len() as u64);
            }
            Step::Where { test, values, .. } => {
                looks = looks.saturating_add(count.saturating_mul(READ + test.weight as u64));
                count = count.saturating_add(values.len() as u64);
            }
        }
    }
    let first = member_count.saturating_mul(READ + 1);
    if questions > MAX_QUESTIONS || looks.saturating_sub(first) > MAX_LOOKS {
        Err(too_much())
    } else {
        Ok(())
    }
}

fn too_much() -> Error {
    let message = "the operations are too much work for one PATCH of a group of this size: name members by their ids, or send \
                   fewer operations at once";
    Error::new(Kind::Invalid, Reason::TooMuchWork, message).of_field("members")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn test(weight: usize) -> MemberTest {
        MemberTest { weight, names: Box::new(|_| true) }
    }

    #[test]
    fn operations_on_ids_are_one_step_and_the_last_one_counts() {
        let changes = [
            MemberChange::Add(texts(&["a", "b"])),
            MemberChange::Remove(texts(&["b", "c"])),
            MemberChange::Add(texts(&["c"])),
        ];
        let steps = steps(&changes);
        let [Step::Named(named)] = steps.as_slice() else { panic!("one step") };
        assert_eq!(named.come.iter().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(named.go.iter().collect::<Vec<_>>(), ["b"]);
        assert!(!named.replaces);
    }

    #[test]
    fn a_replacement_takes_the_place_of_what_came_before_it() {
        let changes = [
            MemberChange::Add(texts(&["a"])),
            MemberChange::Replace(texts(&["b", "c"])),
            MemberChange::Remove(texts(&["b", "a"])),
            MemberChange::Add(texts(&["d"])),
        ];
        let steps = steps(&changes);
        let [Step::Named(named)] = steps.as_slice() else { panic!("one step") };
        let come = texts(&["c", "d"]).into_iter().collect();
        assert_eq!(*named, Named { replaces: true, come, go: BTreeSet::new() });
    }

    #[test]
    fn one_look_at_each_member_is_always_allowed_and_many_are_not() {
        let large = 10_000_000;
        let once = [MemberChange::RemoveWhere(test(1))];
        assert!(check(&steps(&once), large).is_ok());
        let all = [MemberChange::Replace(Vec::new())];
        assert!(check(&steps(&all), large).is_ok());
        let heavy = [MemberChange::RemoveWhere(test(1_000))];
        assert!(check(&steps(&heavy), 100_000).is_err());
        assert!(check(&steps(&heavy), 100).is_ok());
        let twice: Vec<_> = (0..MAX_QUESTIONS).map(|_| MemberChange::RemoveWhere(test(1))).collect();
        assert!(check(&steps(&twice), 1_000).is_ok());
        assert!(check(&steps(&twice), 100_000).is_err());
        let many: Vec<_> = (0..=MAX_QUESTIONS).map(|_| MemberChange::RemoveWhere(test(1))).collect();
        assert!(check(&steps(&many), 1).is_err());
    }
}
