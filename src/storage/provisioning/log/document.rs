//! The parts of a logged request that are kept as JSON (storage floor).

use serde_json::{Map, Value, json};

use super::super::removal::{from_json, to_json};
use crate::domain::provisioning::{
    LoggedOperation, LoggedRequest, Notes, Outcome, PushEffect, Resource, ResourceKind, UsedRule,
};

/// What was noted; what is empty is left out.
pub(super) fn notes(notes: &Notes) -> Value {
    let mut document = Map::new();
    if let Some(resource) = &notes.resource {
        document.insert("resource".to_owned(), of_resource(resource));
    }
    if let Some(held) = notes.held {
        document.insert("held".to_owned(), held.to_string().into());
    }
    if notes.is_deactivation_refused {
        document.insert("deactivation_refused".to_owned(), true.into());
    }
    let counts = notes.effect.counts().into_iter().filter(|(_, count)| *count > 0);
    let counts: Map<_, _> = counts.map(|(name, count)| (name.to_owned(), count.into())).collect();
    let rewrites: Vec<_> = notes.rewrites.iter().map(of_rule).collect();
    for (name, value) in [
        ("effect", Value::from(counts)),
        ("rewrites", rewrites.into()),
        ("ignored", notes.ignored.clone().into()),
        ("unknown_members", notes.unknown_members.clone().into()),
        ("large_removals", to_json(&notes.large_removals)),
    ] {
        let is_empty =
            value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        if !is_empty {
            document.insert(name.to_owned(), value);
        }
    }
    document.into()
}

fn of_resource(resource: &Resource) -> Value {
    json!({
        "kind": resource.kind.code(), "id": resource.id, "name": resource.name, "external_id": resource.external_id,
    })
}

fn of_rule(rule: &UsedRule) -> Value {
    json!({ "operation": rule.operation, "rule": rule.rule, "place": rule.place })
}

/// The operations of a bulk request.
pub(super) fn operations(request: &LoggedRequest) -> Value {
    let each = request.operations.iter().map(|operation| {
        let outcome = &operation.outcome;
        json!({
            "method": operation.method, "path": operation.path, "status": outcome.status,
            "scim_type": outcome.scim_type, "detail": outcome.detail, "notes": notes(&operation.notes),
        })
    });
    each.collect()
}

/// What was noted, from its document; what a later version wrote and this one does not know is left out.
pub(super) fn to_notes(document: &Value) -> Notes {
    let counts = document["effect"].as_object().into_iter().flatten();
    let counts = counts.filter_map(|(name, count)| Some((name.as_str(), count.as_u64()?)));
    Notes {
        resource: to_resource(&document["resource"]),
        effect: PushEffect::from_counts(counts),
        rewrites: items(&document["rewrites"]).iter().map(to_rule).collect(),
        ignored: texts(&document["ignored"]),
        unknown_members: texts(&document["unknown_members"]),
        large_removals: from_json(&document["large_removals"]),
        held: document["held"].as_str().and_then(|id| id.parse().ok()),
        is_deactivation_refused: document["deactivation_refused"] == true,
    }
}

fn to_resource(value: &Value) -> Option<Resource> {
    let kind = value["kind"].as_i64().and_then(|code| i16::try_from(code).ok());
    Some(Resource {
        kind: kind.and_then(ResourceKind::from_code)?,
        id: text(&value["id"]).unwrap_or_default(),
        name: text(&value["name"]).unwrap_or_default(),
        external_id: text(&value["external_id"]),
    })
}

fn to_rule(value: &Value) -> UsedRule {
    UsedRule {
        operation: value["operation"].as_u64(),
        rule: text(&value["rule"]).unwrap_or_default(),
        place: text(&value["place"]).unwrap_or_default(),
    }
}

/// The operations of a bulk request, from their document.
pub(super) fn to_operations(document: &Value) -> Vec<LoggedOperation> {
    let operation = |value: &Value| LoggedOperation {
        method: text(&value["method"]).unwrap_or_default(),
        path: text(&value["path"]).unwrap_or_default(),
        outcome: Outcome {
            status: value["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0),
            scim_type: text(&value["scim_type"]),
            detail: text(&value["detail"]),
        },
        notes: to_notes(&value["notes"]),
    };
    items(document).iter().map(operation).collect()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    items(value).iter().filter_map(text).collect()
}
