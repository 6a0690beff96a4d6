//! Things named by id or by registry name, one or a batch (services floor).

use std::{
    collections::HashMap,
    fmt::{self, Display},
    hash::Hash,
};

use super::Error;

/// A user or an organization by one of its two unique names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ref<Id> {
    /// By id.
    Id(Id),
    /// By registry name.
    Name(String),
}

impl<Id: Display> Display for Ref<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The ids and the names among `refs`, each of which is one query.
pub(super) fn split<Id: Copy>(refs: &[Ref<Id>]) -> (Vec<Id>, Vec<String>) {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for reference in refs {
        match reference {
            Ref::Id(id) => ids.push(*id),
            Ref::Name(name) => names.push(name.clone()),
        }
    }
    (ids, names)
}

/// What `refs` name among `found`, in their order; what is not there is told by its place.
pub(super) fn in_order<Id, T>(
    refs: &[Ref<Id>],
    thing: &str,
    found: impl IntoIterator<Item = T>,
    names: impl Fn(&T) -> (Id, String),
) -> Result<Vec<T>, Error>
where
    Id: Hash + Eq + Display,
    T: Clone,
{
    let mut known = HashMap::new();
    for one in found {
        let (id, name) = names(&one);
        known.insert(Ref::Name(name), one.clone());
        known.insert(Ref::Id(id), one);
    }
    let find = |(index, reference): (usize, &Ref<Id>)| {
        let one = known.get(reference).cloned();
        one.ok_or_else(|| Error::not_found(thing, reference).of_item(index))
    };
    refs.iter().enumerate().map(find).collect()
}
