//! A registry name for a pushed user (services floor).

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::{
    domain::{name, user::User},
    quote::shown,
    services::{Error, Kind, Reason, Services, Unit, owner},
    storage::{self, owner_name},
};

/// Numbers tried before a push is given up for want of a free registry name.
const LIMIT: u32 = 1_000_000;
/// How many names one look at the database asks for.
const PROBES: u32 = 64;

/// Stores a pushed user with a free registry name: the one it would like, or that with a number after it.
pub(super) async fn insert(services: &Services, unit: &Unit<'_>, user: &mut User) -> Result<(), Error> {
    let wanted = name::wanted_username(user.person.username_source());
    let is_kept = |number: &u32| is_kept(services, &name::username_candidate(&wanted, *number));
    let first = (0..LIMIT).find(|number| !is_kept(number)).unwrap_or(LIMIT);
    user.username = name::username_candidate(&wanted, first);
    if storage::user::insert_named(&unit.tx, user).await? {
        return Ok(());
    }
    user.username = search(services, unit, user, &wanted, first + 1).await?;
    Ok(storage::user::insert(&*unit.tx, user).await?)
}

/// Whether nobody gets the name by a push: a word of the registry's, or an organization that the configuration waits for.
fn is_kept(services: &Services, name: &str) -> bool {
    name::is_for_admins(name) || owner::is_waited_for(services, name)
}

/// Takes a free name like `wanted`, with a number from `first` on after it.
async fn search(
    services: &Services,
    unit: &Unit<'_>,
    user: &User,
    wanted: &str,
    first: u32,
) -> Result<String, Error> {
    let mut search = Search::new(first);
    loop {
        let candidate = name::username_candidate(wanted, search.free);
        if search.is_narrow() && owner_name::take(&*unit.tx, &candidate, user.id.uuid()).await? {
            return Ok(candidate);
        }
        if search.is_narrow() {
            // somebody else took it meanwhile
            search = Search::new(search.free + 1);
        }
        if search.low >= LIMIT {
            let message = format!("no free registry name like {}", shown(wanted));
            return Err(Error::new(Kind::AlreadyExists, Reason::Taken, message));
        }
        let probes = search.probes();
        let names: Vec<_> = probes.iter().map(|number| name::username_candidate(wanted, *number)).collect();
        let taken = owner_name::taken(&*unit.tx, &names).await?;
        let is_taken = |name: &String| taken.contains(name) || is_kept(services, name);
        let taken = probes.iter().zip(&names).filter(|(_, name)| is_taken(name));
        search.narrow(&probes, &taken.map(|(number, _)| *number).collect());
    }
}

/// The search for a free number: whether there are ten names of a kind or ten thousand, it takes a few looks at the
/// database. Where the numbers are taken without a gap, it finds the first that is free.
#[derive(Debug)]
struct Search {
    /// All below are taken, or not to be had.
    low: u32,
    /// Believed to be free, once it is as low as `low`.
    free: u32,
}

impl Search {
    fn new(low: u32) -> Self {
        Self { low, free: u32::MAX }
    }

    fn is_narrow(&self) -> bool {
        self.free <= self.low
    }

    /// The numbers to ask for next: further and further apart at first, then evenly between what is known.
    fn probes(&self) -> Vec<u32> {
        if self.free == u32::MAX {
            let steps = (0..20).map(|power| self.low + (1 << power));
            return std::iter::once(self.low).chain(steps).collect();
        }
        let step = (self.free - self.low).div_ceil(PROBES).max(1) as usize;
        (self.low..self.free).step_by(step).collect()
    }

    /// Goes on between the first free one of `probes` and the one before it.
    fn narrow(&mut self, probes: &[u32], taken: &HashSet<u32>) {
        let free = probes.iter().position(|number| !taken.contains(number));
        let last_taken = probes.get(..free.unwrap_or(probes.len())).and_then(<[u32]>::last);
        self.low = last_taken.map_or(self.low, |number| number + 1);
        self.free = free.and_then(|at| probes.get(at)).copied().unwrap_or(self.free);
    }
}
