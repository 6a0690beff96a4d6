//! Many accounts of people at once, as from a list (services floor).
//!
//! One function decides about the rows, for the preview and for the import: which are done, and what is wrong with the others.

use std::collections::{HashMap, HashSet};

use super::{NewUser, Profile, User, email, insert_with, store};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        audit::Action,
        name,
        role::ServerRole,
        user::{Person, UserType},
    },
    services::{Error, Kind, Reason, Services, Unit, access, jit, standing},
    storage::{self, Connection, owner_name},
};

/// How many rows one import has at most.
pub const ROWS_MAX: usize = 1_000;

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The registry name.
    pub username: String,
    /// The email; none changes nothing.
    pub email: Option<String>,
    /// The description; none changes nothing.
    pub description: Option<String>,
}

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// An account is made.
    Created,
    /// One is changed.
    Updated,
    /// All of it is so already.
    Unchanged,
}

enum Step {
    Create(NewUser, Profile),
    Update(Box<(User, User)>),
    Nothing,
}

impl Step {
    fn done(&self) -> Done {
        match self {
            Self::Create(..) => Done::Created,
            Self::Update(_) => Done::Updated,
            Self::Nothing => Done::Unchanged,
        }
    }
}

/// What an import would do with each row, or what is wrong with it.
///
/// # Errors
/// The caller is no server admin; there are no rows, or too many.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    rows: &[Row],
) -> Result<Vec<Result<Done, Error>>, Error> {
    access::require_server_admin(caller)?;
    check_count(rows)?;
    let steps = plan(services.store.reader(), rows).await?;
    Ok(steps.into_iter().map(|step| step.map(|step| step.done())).collect())
}

/// Makes accounts, and changes those that are there: all of the rows or none, which are told with what is wrong with them.
///
/// # Errors
/// The caller is no server admin; there are no rows, or too many.
pub async fn run(
    services: &Services,
    caller: &Caller,
    rows: &[Row],
) -> Result<Result<Vec<Done>, Vec<Error>>, Error> {
    access::require_server_admin(caller)?;
    check_count(rows)?;
    let write = services.change_holding(caller, standing::of_people(), |unit| async move {
        hold(&unit, rows).await?;
        let steps = plan(&*unit.tx, rows).await?;
        let (mut good, mut broken) = (Vec::with_capacity(rows.len()), Vec::new());
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Ok(step) => good.push(step),
                Err(error) => broken.push(error.of_item(index)),
            }
        }
        if !broken.is_empty() {
            return Ok(Err(broken));
        }
        let done = good.iter().map(Step::done).collect();
        for (index, step) in good.into_iter().enumerate() {
            carry_out(&unit, step).await.map_err(|error| error.of_item(index))?;
        }
        Ok(Ok(done))
    });
    write.await
}

/// Holds the accounts that are there, so that nobody changes them between the plan and its doing.
async fn hold(unit: &Unit<'_>, rows: &[Row]) -> Result<(), Error> {
    let names: Vec<_> = rows.iter().map(|row| row.username.clone()).collect();
    let found = storage::user::find_many_by_username(&*unit.tx, &names).await?;
    let ids: Vec<_> = found.iter().map(|user| user.id).collect();
    Ok(storage::user::lock(&*unit.tx, &ids).await?)
}

async fn carry_out(unit: &Unit<'_>, step: Step) -> Result<(), Error> {
    match step {
        Step::Create(new, profile) => insert_with(unit, &new, &profile).await.map(drop),
        Step::Update(change) => {
            let (old, mut new) = *change;
            store(unit, Action::UserUpdated, &old, &mut new).await?;
            jit::settle(unit, new, old.person.email_key().as_deref()).await.map(drop)
        }
        Step::Nothing => Ok(()),
    }
}

fn check_count(rows: &[Row]) -> Result<(), Error> {
    if (1..=ROWS_MAX).contains(&rows.len()) {
        return Ok(());
    }
    Err(Invalid::new("users", format!("must be 1 to {ROWS_MAX} rows")).into())
}

/// What the database has of the names and addresses in the rows.
struct Known {
    users: HashMap<String, User>,
    taken: HashSet<String>,
    holders: HashMap<String, Vec<User>>,
}

impl Known {
    async fn read(db: &impl Connection, rows: &[Row]) -> Result<Self, Error> {
        let names: Vec<_> = rows.iter().map(|row| row.username.clone()).collect();
        let found = storage::user::find_many_by_username(db, &names).await?;
        let users = found.into_iter().map(|user| (user.username.clone(), user)).collect();
        let keys: Vec<_> =
            rows.iter().filter_map(|row| name::user_name_key(row.email.as_deref()?).ok()).collect();
        let mut holders: HashMap<_, Vec<_>> = HashMap::new();
        for user in storage::user::find_named(db, &keys).await? {
            if let Ok(key) = user.person.user_name_key() {
                holders.entry(key).or_default().push(user);
            }
        }
        Ok(Self { users, taken: owner_name::taken(db, &names).await?, holders })
    }
}

/// What is to be done with each row, or what is wrong with it.
async fn plan(db: &impl Connection, rows: &[Row]) -> Result<Vec<Result<Step, Error>>, Error> {
    let known = Known::read(db, rows).await?;
    let (mut names, mut addresses) = (HashMap::new(), HashMap::new());
    let mut steps = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let earlier = twice(&mut names, "username", row.username.clone(), index);
        let address = row.email.as_deref().and_then(|email| name::user_name_key(email).ok());
        let earlier = earlier.and(match address {
            Some(address) => twice(&mut addresses, "email", address, index),
            None => Ok(()),
        });
        steps.push(earlier.and_then(|()| step(&known, row)));
    }
    Ok(steps)
}

fn twice(
    seen: &mut HashMap<String, usize>,
    field: &'static str,
    value: String,
    index: usize,
) -> Result<(), Error> {
    match seen.insert(value, index) {
        None => Ok(()),
        Some(earlier) => {
            let rule = format!("is the same as in row {}", earlier + 1);
            Err(Invalid::new(field, rule).into())
        }
    }
}

fn step(known: &Known, row: &Row) -> Result<Step, Error> {
    let step = match known.users.get(&row.username).filter(|user| !user.is_deleted()) {
        Some(old) => change(old, row)?,
        None => create(known, row)?,
    };
    let (own, email) = match &step {
        Step::Create(new, _) => (None, new.email.as_deref()),
        Step::Update(change) => (Some(&change.1), change.1.person.email.as_deref()),
        Step::Nothing => return Ok(step),
    };
    let key = email.and_then(|email| name::user_name_key(email).ok());
    let named = key.and_then(|key| known.holders.get(&key)).into_iter().flatten();
    let mut rivals = named.filter(|other| email::is_rival_of(other, own.map(|user| user.id)));
    match rivals.next() {
        Some(other) => Err(email::taken(other, own.map(|user| user.username.as_str()))),
        None => Ok(step),
    }
}

fn change(old: &User, row: &Row) -> Result<Step, Error> {
    let is_new = |email: &&String| old.person.email_key() != Some(name::key(email));
    let mut new = match row.email.as_ref().filter(is_new) {
        Some(email) => email::with_email(old, Some(email)).map_err(of_row)?,
        None => old.clone(),
    };
    if let Some(description) = &row.description {
        name::check_description(description)?;
        new.description.clone_from(description);
    }
    Ok(if new == *old { Step::Nothing } else { Step::Update(Box::new((old.clone(), new))) })
}

fn of_row(error: Error) -> Error {
    error.renamed("user_ref", "username")
}

fn create(known: &Known, row: &Row) -> Result<Step, Error> {
    name::check_name("username", &row.username)?;
    if known.taken.contains(&row.username) {
        let message = format!("the name {} is taken", row.username);
        return Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("username"));
    }
    if let Some(email) = &row.email {
        email::check(&Person::local(&row.username, Some(email.clone())))?;
    }
    let description = row.description.clone().unwrap_or_default();
    name::check_description(&description)?;
    let new = NewUser {
        username: row.username.clone(),
        email: row.email.clone(),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    Ok(Step::Create(new, Profile { description, ..Profile::default() }))
}
