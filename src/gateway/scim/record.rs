//! What is noted of a request while it is served, for the provisioning log (gateway floor).
//!
//! A [`Record`] goes along with each request. [`layer`] stands outermost, so that what is refused is noted as well, and
//! gives the finished record to the log when the answer is ready, or when nobody waits for it any more.

mod about;
mod clean;
mod entry;
mod throttle;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::{Request, State},
    http::Extensions,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use serde_json::Value;

use self::{about::about, entry::Entry};
pub(super) use self::{entry::outcome, throttle::Throttle};
use super::{Scim, auth::Session};
use crate::{
    domain::{
        idp_group::GroupEffect,
        provisioning::{LoggedBody, LoggedOperation, LoggedToken, Notes, Outcome, Resource, UsedRule},
        scim_token::ScimToken,
    },
    scim::{
        patch::Rewrite,
        redact::{Printed, Secrets},
    },
    services::provisioning::{log, tally::Tally},
};

/// How many items of a list of names are kept.
const EXAMPLES: usize = 20;
/// Longest name that is kept, in characters.
const NAME_MAX: usize = 255;

/// What is noted of one request, or of one operation of a bulk request; clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// What changed, counted by the use cases.
    pub(super) tally: Tally,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Debug, Default)]
struct Noted {
    token: Option<LoggedToken>,
    notes: Notes,
    body: Option<LoggedBody>,
    /// Whether a secret was left out of the body that an error may repeat without its name.
    is_compared: bool,
    /// What the body, or the answer, says that it is about.
    about: Option<Resource>,
    operations: Vec<LoggedOperation>,
}

impl Record {
    /// Of the request with these extensions; one that nobody reads when the request has none.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Of the next operation of a bulk request.
    pub(super) fn next(&self) -> Self {
        let noted = Noted { is_compared: self.lock().is_compared, ..Noted::default() };
        Self { tally: self.tally.next(), noted: Arc::new(Mutex::new(noted)) }
    }

    /// Notes whose request it is.
    pub(super) fn token(&self, token: &ScimToken) {
        self.lock().token = Some(LoggedToken { id: token.id, description: token.description.clone() });
    }

    /// Notes what was sent.
    pub(super) fn body(&self, body: &Value, secrets: &Secrets, limit: usize) {
        let printed = secrets.print(body, limit);
        let mut noted = self.lock();
        noted.is_compared = printed.is_compared;
        noted.body = Some(logged(printed));
        noted.about = about(body);
    }

    /// Notes how one operation of a bulk request went.
    pub(super) fn operation(&self, method: &str, path: &str, outcome: Outcome, own: &Self) {
        let notes = own.notes(path);
        let operation = LoggedOperation { method: method.to_owned(), path: cut(path), outcome, notes };
        self.tally.add(&own.tally);
        self.lock().operations.push(operation);
    }

    /// What was noted of a request to `path`.
    fn notes(&self, path: &str) -> Notes {
        let (tallied, noted) = (self.tally.read(), self.lock());
        let resource = tallied.resource.clone().or_else(|| entry::resource(path, noted.about.clone()));
        Notes {
            resource,
            effect: tallied.effect,
            large_removals: tallied.large_removals().to_vec(),
            held: tallied.held(),
            ..noted.notes.clone()
        }
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        // noting cannot leave it half-done
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn logged(printed: Printed) -> LoggedBody {
    LoggedBody { text: printed.text, is_whole: printed.is_whole }
}

/// What an answer tells, on its way to the record.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// Its JSON, and that as it was sent.
    Now { value: Arc<Value>, sent: Bytes },
    /// What was told of it when it was given before.
    Known(Arc<Known>),
}

impl Told {
    /// Its JSON, where it has not been given before.
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Now { value, .. } => Some(value),
            Self::Known(_) => None,
        }
    }

    fn about(&self) -> Option<Resource> {
        match self {
            Self::Now { value, .. } => about(value),
            Self::Known(known) => known.about.clone(),
        }
    }

    fn printed(&self, scim: &Scim, is_compared: bool) -> LoggedBody {
        let limit = log::body_bytes(&scim.services);
        match self {
            Self::Now { value, .. } => logged(scim.secrets.print_answer(value, limit, is_compared)),
            Self::Known(known) => known.body(),
        }
    }
}

/// What the record keeps of an answer.
#[derive(Debug)]
pub(super) struct Known {
    about: Option<Resource>,
    pub(super) sent: Bytes,
    /// Where something was left out of it.
    cut: Option<LoggedBody>,
}

impl Known {
    pub(super) fn of(scim: &Scim, value: &Value, sent: &Bytes) -> Self {
        let body = logged(scim.secrets.print(value, log::body_bytes(&scim.services)));
        let cut = Some(body).filter(|body| body.text.as_bytes() != sent);
        Self { about: about(value), sent: sent.clone(), cut }
    }

    fn body(&self) -> LoggedBody {
        let whole = || LoggedBody { text: String::from_utf8_lossy(&self.sent).into_owned(), is_whole: true };
        self.cut.clone().unwrap_or_else(whole)
    }

    /// How many bytes it takes, roughly.
    pub(super) fn size(&self) -> usize {
        let about = self.about.as_ref().map_or(0, |about| about.id.len() + about.name.len());
        self.sent.len() + about + self.cut.as_ref().map_or(0, |body| body.text.len())
    }
}

/// Keeps a record of the request, whatever becomes of it.
pub(super) async fn layer(State(scim): State<Scim>, mut request: Request, next: Next) -> Response {
    let record = Record::default();
    request.extensions_mut().insert(record.clone());
    let entry = Entry::begin(scim.clone(), &request, record);
    let response = next.run(request).await;
    if let Some(entry) = entry.end(&response) {
        log::record(&scim.services, entry).await;
    }
    response
}

/// Notes which tolerances were used and which attributes were left out; names alone, never values.
pub(super) fn intake(session: &Session, rewrites: &[Rewrite], ignored: &[String]) {
    if rewrites.is_empty() && ignored.is_empty() {
        return;
    }
    let rules: Vec<_> = rewrites.iter().map(named).collect();
    let names: Vec<_> = ignored.iter().filter(|name| is_name(name)).collect();
    tracing::info!(token = %session.token.id, ?rules, ignored = ?names, "a client's own form was understood");
    let mut noted = session.record.lock();
    for used in rewrites.iter().take(EXAMPLES).map(used) {
        // a transaction that is tried again uses the same ones again
        if !noted.notes.rewrites.contains(&used) {
            noted.notes.rewrites.push(used);
        }
    }
    noted.notes.ignored.extend(ignored.iter().take(EXAMPLES).map(|name| cut(name)));
}

/// A rule, and where it was used, unless a value may stand there.
fn named(rewrite: &Rewrite) -> String {
    let rule = rewrite.rule.name();
    if is_name(&rewrite.place) { format!("{rule} at {}", rewrite.place) } else { rule.to_owned() }
}

/// Whether a text can be the name or the path of an attribute, and nothing else.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:$".contains(c))
}

/// The detail of an error as it may be kept.
pub(super) fn without_secrets(scim: &Scim, session: &Session, detail: &str) -> String {
    let is_compared = session.record.lock().is_compared;
    scim.secrets.in_detail(detail, is_compared)
}

/// Notes that a deactivation was refused.
pub(super) fn deactivation_refused(session: &Session) {
    session.record.lock().notes.is_deactivation_refused = true;
}

/// At most so much of a name as is kept.
fn cut(name: &str) -> String {
    name.chars().take(NAME_MAX).collect()
}

fn used(rewrite: &Rewrite) -> UsedRule {
    UsedRule {
        operation: rewrite.operation.and_then(|index| u64::try_from(index).ok()),
        rule: rewrite.rule.name().to_owned(),
        place: cut(&rewrite.place),
    }
}

/// Notes what a push did to a group.
pub(super) fn effect(session: &Session, effect: &GroupEffect) {
    let (token, group) = (session.token.id, effect.group.id);
    tracing::info!(%token, %group, added = effect.added, removed = effect.removed, "group pushed");
    if !effect.unknown_members.is_empty() {
        let (count, some) = (effect.unknown_members.len(), &effect.unknown_members[..]);
        let some: Vec<_> = some.iter().take(EXAMPLES).collect();
        tracing::warn!(%token, %group, count, ?some, "member ids that no user has were left out");
        let some = some.into_iter().cloned();
        session.record.lock().notes.unknown_members.extend(some);
    }
}
