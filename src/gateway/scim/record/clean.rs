//! What is noted of a request beside its bodies, without secrets (gateway floor).

use crate::{
    domain::provisioning::{LoggedOperation, Notes, Outcome},
    scim::redact::Secrets,
};

/// The detail of an error.
pub(super) fn outcome(secrets: &Secrets, is_compared: bool, outcome: &mut Outcome) {
    if let Some(detail) = &mut outcome.detail {
        *detail = secrets.in_detail(detail, is_compared);
    }
}

/// What the client named.
pub(super) fn notes(secrets: &Secrets, notes: &mut Notes) {
    let places = notes.rewrites.iter_mut().map(|used| &mut used.place);
    let about = notes.resource.iter_mut().flat_map(|resource| {
        [&mut resource.id, &mut resource.name].into_iter().chain(&mut resource.external_id)
    });
    for text in places.chain(&mut notes.ignored).chain(&mut notes.unknown_members).chain(about) {
        *text = secrets.in_text(text);
    }
}

/// The operations of a bulk request.
pub(super) fn operations(secrets: &Secrets, is_compared: bool, operations: &mut [LoggedOperation]) {
    for operation in operations {
        operation.path = match operation.path.split_once('?') {
            Some((path, query)) => format!("{}?{}", secrets.in_path(path), secrets.in_query(query)),
            None => secrets.in_path(&operation.path),
        };
        outcome(secrets, is_compared, &mut operation.outcome);
        notes(secrets, &mut operation.notes);
    }
}
