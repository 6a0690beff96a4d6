//! The fields of one kind, wherever a request has them.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// A field in a request: the fields that lead to it.
pub(super) type Place = Vec<FieldDescriptor>;

/// The fields of these kinds in a message, those of its messages included; of messages within themselves the outermost.
pub(super) fn places(message: &MessageDescriptor, wanted: fn(&Kind) -> bool) -> Vec<Place> {
    within(message, &[], wanted)
}

fn within(message: &MessageDescriptor, above: &[MessageDescriptor], wanted: fn(&Kind) -> bool) -> Vec<Place> {
    let above = [above, std::slice::from_ref(message)].concat();
    let of_field = |field: FieldDescriptor| match field.kind() {
        kind if wanted(&kind) => vec![vec![field]],
        Kind::Message(inner) if !above.contains(&inner) => {
            let deeper = within(&inner, &above, wanted).into_iter();
            deeper.map(|place| [vec![field.clone()], place].concat()).collect()
        }
        _ => Vec::new(),
    };
    message.fields().flat_map(of_field).collect()
}

/// The place as an error names it.
pub(super) fn name(place: &Place) -> String {
    let names = place.iter().map(|field| {
        assert!(!field.is_map(), "{field:?}: no request has a map");
        if field.is_list() { format!("{}[0]", field.name()) } else { field.name().to_owned() }
    });
    names.collect::<Vec<_>>().join(".")
}

/// Puts a value at this place, into the first item of each list.
pub(super) fn spoil(message: &mut DynamicMessage, place: &[FieldDescriptor], with: &Value) {
    let [field, rest @ ..] = place else { return };
    let spoilt = |given: Value| match (rest, given) {
        ([], _) => with.clone(),
        (_, Value::Message(mut inner)) => {
            spoil(&mut inner, rest, with);
            Value::Message(inner)
        }
        (_, other) => panic!("{other:?} is no message"),
    };
    let value = if field.is_list() {
        let mut items = message.get_field(field).as_list().unwrap().to_vec();
        let first = items.first().cloned().unwrap_or_else(|| Value::default_value(&field.kind()));
        items.splice(0..items.len().min(1), [spoilt(first)]);
        Value::List(items)
    } else {
        spoilt(message.get_field(field).into_owned())
    };
    message.set_field(field, value);
}
