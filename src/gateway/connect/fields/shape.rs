//! What the schema says of a value in JSON.

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};

use super::integer;

/// What the schema says of a value.
pub(super) enum Shape {
    Message(MessageDescriptor),
    /// Of messages or enums.
    List(Kind),
    /// To messages or enums.
    Map(Kind),
    Enum(EnumDescriptor),
    Integer(integer::Range),
    /// Nothing that has enums or integers in it.
    Other,
}

impl Shape {
    pub(super) fn of_message(message: MessageDescriptor) -> Self {
        // those have a JSON form of their own
        if message.package_name() == "google.protobuf" { Self::Other } else { Self::Message(message) }
    }

    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Message(message) => Self::of_message(message),
            Kind::Enum(known) => Self::Enum(known),
            kind => integer::Range::of(&kind).map_or(Self::Other, Self::Integer),
        }
    }

    fn of_field(kind: Kind, is_list: bool, is_map: bool) -> Self {
        match kind {
            Kind::Message(entry) if is_map => Self::Map(entry.map_entry_value_field().kind()),
            kind if is_list && !matches!(Self::of_kind(kind.clone()), Self::Other) => Self::List(kind),
            kind => Self::of_kind(kind),
        }
    }

    /// The shape of the member `key`, with its name in the schema; found as the decoder finds it.
    pub(super) fn of_member(message: &MessageDescriptor, key: &str) -> Option<(String, Self)> {
        let by_name = || message.get_field_by_name(key);
        if let Some(field) = message.get_field_by_json_name(key).or_else(by_name) {
            let shape = Self::of_field(field.kind(), field.is_list(), field.is_map());
            return Some((field.name().to_owned(), shape));
        }
        let extension = message.get_extension_by_json_name(key)?;
        let shape = Self::of_field(extension.kind(), extension.is_list(), extension.is_map());
        Some((extension.json_name().to_owned(), shape))
    }
}
