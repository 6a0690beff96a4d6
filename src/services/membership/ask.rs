//! Is this user a member of that organization, and is the role enough? (services floor)
//!
//! A caller may ask about each organization that it may see. The number of queries does not grow with the
//! number of questions.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{Decision, MemberKey},
        role::OrganizationRole,
    },
    services::{Error, Services, user::Ref},
    storage::{
        self, Connection,
        membership::{Key, Scope, Wanted},
    },
};

/// Whether `user` is a member of `organization`, with at least the role `least`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The user.
    pub user: Ref<UserId>,
    /// The organization.
    pub organization: Ref<OrganizationId>,
    /// The role that is needed; any when there is none.
    pub least: Option<OrganizationRole>,
}

/// The answers, in the order of the questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisions {
    /// One answer for each question.
    pub decisions: Vec<Decision>,
    /// Every change up to this revision is in the answers.
    pub revision: u64,
}

/// Answers `questions`, all or none.
///
/// # Errors
/// A user that is not there; an organization that is not there or that the caller may not see. The error
/// names the question.
pub async fn ask(services: &Services, caller: &Caller, questions: &[Question]) -> Result<Decisions, Error> {
    let (memory, epoch) = (&services.memory.memberships, services.memory.epoch());
    if let Some(remembered) = memory.recall(epoch, caller, questions) {
        return Ok(remembered);
    }
    let db = services.store.reader();
    // before the roles: these may be newer than it says, and never older
    let revision = services.known_revision().await?;
    let decisions = match questions {
        [question] => vec![decide(db, caller, question).await.map_err(|error| error.of_item(0))?],
        _ => decide_all(db, caller, questions).await?,
    };
    let given = Decisions { decisions, revision };
    memory.keep(epoch, caller, questions, &given);
    Ok(given)
}

/// One answer, by one query.
async fn decide(db: &impl Connection, caller: &Caller, question: &Question) -> Result<Decision, Error> {
    let asker = caller.user_id().filter(|_| !caller.actor.is_server_admin());
    let found = storage::membership::one(
        db,
        key(&question.user, |id| Key::Id(id.uuid())),
        key(&question.organization, |id| Key::Id(id.uuid())),
        asker,
    );
    let found = found.await?;
    let may_see = caller.actor.is_server_admin() || found.is_shared;
    let organization = found.organization.filter(|_| may_see);
    let organization = organization.ok_or_else(|| no_organization(question))?;
    let user = found.user.ok_or_else(|| no_user(question))?;
    Ok(Decision::new((organization, user), found.role, question.least))
}

fn key<Id: Copy>(reference: &Ref<Id>, by_id: impl Fn(Id) -> Key<'static>) -> Key<'_> {
    match reference {
        Ref::Id(id) => by_id(*id),
        Ref::Name(name) => Key::Name(name),
    }
}

fn no_organization(question: &Question) -> Error {
    unknown("organization", &question.organization).of_field("organization_ref")
}

fn no_user(question: &Question) -> Error {
    unknown("user", &question.user).of_field("user_ref")
}

/// All answers, in the order of the questions.
async fn decide_all(
    db: &impl Connection,
    caller: &Caller,
    questions: &[Question],
) -> Result<Vec<Decision>, Error> {
    let known = Known::read(db, caller, questions).await?;
    let keys: Vec<_> = questions.iter().map(|question| known.key(question)).collect();
    let found: Vec<MemberKey> = keys.iter().filter_map(|key| key.as_ref().ok().copied()).collect();
    let roles = storage::membership::roles_of(db, &found).await?;
    // who has a role is there
    let strangers = found.iter().filter(|key| !roles.contains_key(key)).map(|(_, user)| *user).collect();
    let strangers = storage::membership::accounts(db, &strangers).await?;
    let decide = |question: &Question, key: Result<MemberKey, Error>| {
        let key = key?;
        let role = roles.get(&key).map(|effective| effective.role);
        let is_there = role.is_some() || strangers.contains_key(&key.1);
        if is_there { Ok(Decision::new(key, role, question.least)) } else { Err(no_user(question)) }
    };
    let all = questions.iter().zip(keys).enumerate();
    all.map(|(index, (question, key))| decide(question, key).map_err(|error| error.of_item(index))).collect()
}

/// Whose the names in questions are, and the organizations that these name, as far as they are there and the caller may
/// see them.
struct Known {
    users: HashMap<String, UserId>,
    organizations: Named<OrganizationId>,
}

impl Known {
    async fn read(db: &impl Connection, caller: &Caller, questions: &[Question]) -> Result<Self, Error> {
        let users = wanted(questions.iter().map(|question| &question.user)).names;
        let organizations = wanted(questions.iter().map(|question| &question.organization));
        let (users, mut organizations) = storage::membership::named(db, &users, &organizations).await?;
        if let Some(visible) = visible(db, caller).await? {
            organizations.retain(|(id, _)| visible.contains(id));
        }
        let users = users.into_iter().map(|(id, name)| (name, id)).collect();
        Ok(Self { users, organizations: Named::new(organizations) })
    }

    /// What a question is about; whether a user of this id is there is not known yet.
    fn key(&self, question: &Question) -> Result<MemberKey, Error> {
        let organization = self.organizations.find(&question.organization);
        let organization = organization.ok_or_else(|| no_organization(question))?;
        let user = match &question.user {
            Ref::Id(id) => Some(*id),
            Ref::Name(name) => self.users.get(name).copied(),
        };
        Ok((organization, user.ok_or_else(|| no_user(question))?))
    }
}

/// The organizations that the caller may see; all when there is no list.
async fn visible(db: &impl Connection, caller: &Caller) -> Result<Option<HashSet<OrganizationId>>, Error> {
    if caller.actor.is_server_admin() {
        return Ok(None);
    }
    let users: Vec<UserId> = caller.user_id().into_iter().collect();
    let roles = storage::membership::roles(db, Scope { users: Some(&users), organization: None }).await?;
    Ok(Some(roles.into_keys().map(|(organization, _)| organization).collect()))
}

fn wanted<'a, Id: Copy + 'a>(refs: impl Iterator<Item = &'a Ref<Id>>) -> Wanted<Id> {
    let mut wanted = Wanted::default();
    for reference in refs {
        match reference {
            Ref::Id(id) => wanted.ids.push(*id),
            Ref::Name(name) => wanted.names.push(name.clone()),
        }
    }
    wanted
}

fn unknown<Id: std::fmt::Display>(thing: &str, reference: &Ref<Id>) -> Error {
    match reference {
        Ref::Id(id) => Error::not_found(thing, id),
        Ref::Name(name) => Error::not_found(thing, name),
    }
}

/// Things by both of their names.
struct Named<Id> {
    ids: HashSet<Id>,
    names: HashMap<String, Id>,
}

impl<Id: Copy + Eq + Hash> Named<Id> {
    fn new(rows: Vec<(Id, String)>) -> Self {
        let ids = rows.iter().map(|(id, _)| *id).collect();
        Self { ids, names: rows.into_iter().map(|(id, name)| (name, id)).collect() }
    }

    fn find(&self, reference: &Ref<Id>) -> Option<Id> {
        match reference {
            Ref::Id(id) => self.ids.get(id).copied(),
            Ref::Name(name) => self.names.get(name).copied(),
        }
    }
}
