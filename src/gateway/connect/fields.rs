//! Values in JSON that the decoder would lose or mistake: refused, or put right, before it reads them.
//!
//! The deserializer of prost-reflect has one switch for two things, `deny_unknown_fields`. While it ignores unknown fields, it
//! also drops enum values whose name it doesn't know: a singular field stays unset, an item of a list and an entry of a map
//! vanish. A filter, a role or a state that the client wrote would then count as not given. It also takes an integer that is too
//! large for the largest that there is, and knows no exponent in quotes. So the text is walked by the descriptor before it is
//! decoded, and each value of an enum or of an integer is compared with the schema.
//!
//! Numbers of enums stay as they are, because the handlers refuse those that they don't know, in both codecs. `Any` and the types
//! of `google.protobuf` that have a JSON form of their own are not walked.

mod integer;
mod shape;

use std::{borrow::Cow, fmt, ops::Range};

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tonic::Status;

use self::shape::Shape;
use crate::quote::shown;

/// A field that breaks a rule: its path, as in `values[0].role`, and the rule.
pub type Broken = (String, String);

/// A request may name more; more help nobody.
const BROKEN_MAX: usize = 256;
/// Names of known values that are listed.
const KNOWN_MAX: usize = 24;

/// A text that was walked.
#[derive(Debug)]
pub(super) struct Walked<'a> {
    /// The fields whose value the schema does not allow.
    pub(super) broken: Vec<Broken>,
    /// The text, with its integers as the decoder reads them.
    pub(super) json: Cow<'a, [u8]>,
}

/// Walks `json`, read as a `message`.
///
/// # Errors
/// The text is no JSON.
pub(super) fn walk<'a>(message: &MessageDescriptor, json: &'a [u8]) -> Result<Walked<'a>, serde_json::Error> {
    let mut walk = Walk { from: json.as_ptr().addr(), ..Walk::default() };
    let shape = Shape::of_message(message.clone());
    Seed { shape, walk: &mut walk }.deserialize(&mut serde_json::Deserializer::from_slice(json))?;
    Ok(Walked { broken: walk.broken, json: rewritten(json, &walk.rewrites) })
}

/// The text with these parts in place of what stands there, which are in their order.
fn rewritten<'a>(json: &'a [u8], rewrites: &[(Range<usize>, String)]) -> Cow<'a, [u8]> {
    if rewrites.is_empty() {
        return Cow::Borrowed(json);
    }
    let (mut out, mut done) = (Vec::with_capacity(json.len()), 0);
    for (place, text) in rewrites {
        out.extend_from_slice(json.get(done..place.start).unwrap_or_default());
        out.extend_from_slice(text.as_bytes());
        done = place.end;
    }
    out.extend_from_slice(json.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// The status without details.
pub(super) fn refuse(broken: Vec<Broken>) -> Status {
    let each = broken.into_iter().map(|(field, rule)| format!("{field}: {rule}"));
    Status::invalid_argument(each.collect::<Vec<_>>().join("; "))
}

/// Where the walk is, and what it found.
#[derive(Default)]
struct Walk {
    path: String,
    broken: Vec<Broken>,
    /// Where the text begins in memory.
    from: usize,
    rewrites: Vec<(Range<usize>, String)>,
}

impl Walk {
    /// Walks on into a part of the value.
    fn within<T>(&mut self, step: fmt::Arguments<'_>, deeper: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        // writing to a String doesn't fail
        let _ = fmt::Write::write_fmt(&mut self.path, step);
        let done = deeper(self);
        self.path.truncate(length);
        done
    }

    fn refuse(&mut self, rule: impl FnOnce() -> String) {
        if self.broken.len() < BROKEN_MAX {
            self.broken.push((self.path.clone(), rule()));
        }
    }
}

/// A value of a shape, to be walked.
struct Seed<'a> {
    shape: Shape,
    walk: &'a mut Walk,
}

impl Seed<'_> {
    fn visit_whole(self, number: i128) {
        match self.shape {
            Shape::Integer(range) if !range.has(number) => self.walk.refuse(|| range.rule()),
            Shape::Enum(_) if i32::try_from(number).is_err() => self.refuse_form(),
            _ => {}
        }
    }

    /// A text, at this place with its quotes; none when it is written with escapes.
    fn visit_text(self, text: &str, place: Option<Range<usize>>) {
        match &self.shape {
            Shape::Enum(known) if known.get_value_by_name(text).is_none() => {
                let rule =
                    || format!("{:?} is not a value of {}: {}", shown(text), known.name(), names(known));
                self.walk.refuse(rule);
            }
            Shape::Integer(range) => {
                match (integer::integral(text).filter(|number| range.has(*number)), place) {
                    (Some(number), _) if number.to_string() == text => {}
                    (Some(number), Some(place)) => self.walk.rewrites.push((place, format!("\"{number}\""))),
                    _ => self.walk.refuse(|| range.rule()),
                }
            }
            _ => {}
        }
    }

    fn refuse_form(self) {
        if let Shape::Enum(known) = &self.shape {
            self.walk.refuse(|| format!("must be the name of a value of {}: {}", known.name(), names(known)));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.shape {
            Shape::Other => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            _ => deserializer.deserialize_any(self),
        }
    }
}

/// Whatever is of another form than the schema says goes by here, since the decoder refuses it; but for enums and integers, of
/// which this tells more.
impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    /// Null is the value of every field that isn't given.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.refuse_form();
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        match self.shape {
            Shape::Integer(range) if range.has_float(number) => {}
            Shape::Integer(range) => self.walk.refuse(|| range.rule()),
            _ => self.refuse_form(),
        }
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.visit_whole(number.into());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.visit_whole(number.into());
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        let place = text.as_ptr().addr() - self.walk.from;
        self.visit_text(text, Some(place - 1..place + text.len() + 1));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.visit_text(text, None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Seed { shape: Shape::List(kind), walk } = self else {
            self.refuse_form();
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut at = 0_usize;
        loop {
            let shape = Shape::of_kind(kind.clone());
            let next = |walk: &mut Walk| items.next_element_seed(Seed { shape, walk });
            if walk.within(format_args!("[{at}]"), next)?.is_none() {
                return Ok(());
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::Message(message) => visit_members(&message, self.walk, members),
            Shape::Map(kind) => visit_entries(&kind, self.walk, members),
            _ => {
                self.refuse_form();
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}

fn visit_members<'de, A: MapAccess<'de>>(
    message: &MessageDescriptor,
    walk: &mut Walk,
    mut members: A,
) -> Result<(), A::Error> {
    while let Some(key) = members.next_key::<Cow<'_, str>>()? {
        let Some((name, shape)) = Shape::of_member(message, &key) else {
            members.next_value::<IgnoredAny>()?;
            continue;
        };
        let dot = if walk.path.is_empty() { "" } else { "." };
        let value = |walk: &mut Walk| members.next_value_seed(Seed { shape, walk });
        walk.within(format_args!("{dot}{name}"), value)?;
    }
    Ok(())
}

fn visit_entries<'de, A: MapAccess<'de>>(
    kind: &Kind,
    walk: &mut Walk,
    mut entries: A,
) -> Result<(), A::Error> {
    while let Some(key) = entries.next_key::<Cow<'_, str>>()? {
        let shape = Shape::of_kind(kind.clone());
        let value = |walk: &mut Walk| entries.next_value_seed(Seed { shape, walk });
        walk.within(format_args!("[{:?}]", shown(&key)), value)?;
    }
    Ok(())
}

/// The names of the values, or the first of many.
fn names(known: &EnumDescriptor) -> String {
    let all = known.values();
    let rest = all.len().saturating_sub(KNOWN_MAX);
    let first: Vec<_> = all.take(KNOWN_MAX).map(|value| value.name().to_owned()).collect();
    let first = first.join(", ");
    if rest == 0 { first } else { format!("{first} and {rest} more") }
}

#[cfg(test)]
mod tests;
