//! The compatible packages against the published ones, element by element.
//!
//! The released `buf` client carries the descriptors of what it calls, as bytes in its binary. Ours may leave
//! messages, enums and services out; what there is must be the same. The audit package is not in the client: only
//! `scripts/breaking` holds that, to what was released.

use std::collections::BTreeMap;

use prost::{
    Message,
    encoding::{WireType, decode_key, decode_varint},
};
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueOptions, FieldDescriptorProto, FieldOptions,
    FileDescriptorProto, FileDescriptorSet, MessageOptions, MethodDescriptorProto, MethodOptions,
    ServiceDescriptorProto,
};
use roster::proto::DESCRIPTOR;

/// The packages that the client has.
const PACKAGES: [&str; 3] =
    ["buf.alpha.registry.v1alpha1", "buf.registry.owner.v1", "buf.registry.resource.v1"];

/// The number of `FileDescriptorProto.syntax`, which generated code writes last.
const SYNTAX: u32 = 12;

fn ours() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(DESCRIPTOR).unwrap();
    set.file.into_iter().filter(|file| PACKAGES.contains(&file.package())).collect()
}

/// The files of these packages in the client's binary: each begins with the field `name`, a path that ends in
/// `.proto`, and goes on with the field `package`.
fn published() -> Vec<FileDescriptorProto> {
    let clients = std::env::var("ROSTER_TEST_BUF").expect("ROSTER_TEST_BUF is not set: run scripts/test");
    let binary = std::fs::read(clients.split(':').next_back().unwrap()).unwrap();
    let starts =
        (0..binary.len()).filter(|&at| binary[at..].starts_with(b"\x0a") && names_a_file(&binary[at + 1..]));
    let files = starts.filter_map(|at| FileDescriptorProto::decode(whole(&binary[at..])?).ok());
    files.filter(|file| PACKAGES.contains(&file.package())).collect()
}

fn names_a_file(bytes: &[u8]) -> bool {
    let Some((&length, rest)) = bytes.split_first() else { return false };
    let name = rest.get(..length.into());
    name.is_some_and(|name| name.starts_with(b"buf/") && name.ends_with(b".proto"))
        && rest.get(usize::from(length)) == Some(&0x12)
}

/// The bytes of the file descriptor at the start of `bytes`.
fn whole(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let (number, wire_type) = decode_key(&mut rest).ok()?;
        let value = decode_varint(&mut rest).ok()?;
        if wire_type == WireType::LengthDelimited {
            rest = rest.get(usize::try_from(value).ok()?..)?;
        }
        if number == SYNTAX {
            return bytes.get(..bytes.len() - rest.len());
        }
    }
}

/// What each element is, by its kind and full name.
#[derive(Default)]
struct Elements(BTreeMap<String, String>);

impl Elements {
    fn of(files: &[FileDescriptorProto]) -> Self {
        let mut all = Self::default();
        for file in files {
            let package = file.package();
            file.message_type.iter().for_each(|message| all.message(package, message));
            file.enum_type.iter().for_each(|one| all.enumeration(package, one));
            file.service.iter().for_each(|service| all.service(package, service));
            let syntax = format!("syntax {}, package {package}", file.syntax());
            all.0.insert(format!("file {}", file.name()), syntax);
        }
        all
    }

    fn message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        for field in &message.field {
            self.0.insert(format!("field {name}.{}", field.name()), described(message, field));
        }
        message.nested_type.iter().for_each(|nested| self.message(&name, nested));
        message.enum_type.iter().for_each(|nested| self.enumeration(&name, nested));
        let is_map = message.options.as_ref().is_some_and(MessageOptions::map_entry);
        self.0.insert(format!("message {name}"), format!("map {is_map}"));
    }

    fn enumeration(&mut self, scope: &str, one: &EnumDescriptorProto) {
        let name = format!("{scope}.{}", one.name());
        for value in &one.value {
            let deprecated = value.options.as_ref().is_some_and(EnumValueOptions::deprecated);
            let is = format!("{}, deprecated {deprecated}", value.number());
            self.0.insert(format!("value {name}.{}", value.name()), is);
        }
        self.0.insert(format!("enum {name}"), String::new());
    }

    fn service(&mut self, package: &str, service: &ServiceDescriptorProto) {
        let name = format!("{package}.{}", service.name());
        for method in &service.method {
            self.0.insert(format!("method {name}/{}", method.name()), signature(method));
        }
        self.0.insert(format!("service {name}"), String::new());
    }

    /// What is not the same in `other`, or not there.
    fn differences(&self, other: &Self) -> Vec<String> {
        let differs = |(name, is): (&String, &String)| match other.0.get(name) {
            Some(there) if there == is => None,
            there => Some(format!("{name}: {is} and not {there:?}")),
        };
        self.0.iter().filter_map(differs).collect()
    }
}

fn described(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let oneof = field.oneof_index.map(|at| message.oneof_decl[usize::try_from(at).unwrap()].name());
    format!(
        "{} {:?} {:?} {} in {oneof:?} as {}, packed {:?}, deprecated {}",
        field.number(),
        field.label(),
        field.r#type(),
        field.type_name(),
        field.json_name(),
        field.options.as_ref().and_then(|options| options.packed),
        field.options.as_ref().is_some_and(FieldOptions::deprecated),
    )
}

fn signature(method: &MethodDescriptorProto) -> String {
    let options = method.options.clone().unwrap_or_default();
    format!(
        "{} {} -> {} {}, {:?}, deprecated {}",
        method.client_streaming(),
        method.input_type(),
        method.server_streaming(),
        method.output_type(),
        options.idempotency_level(),
        options.deprecated(),
    )
}

#[test]
fn what_is_compatible_is_as_published() {
    let (ours, published) = (Elements::of(&ours()), Elements::of(&published()));
    let differences = ours.differences(&published);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // all of it was compared, and the client's part is larger
    assert!(ours.0.len() > 500 && published.0.len() > ours.0.len(), "{} {}", ours.0.len(), published.0.len());
}

/// Messages, enums and services may be left out, but no part of one.
#[test]
fn what_is_there_is_whole() {
    let (ours, published) = (Elements::of(&ours()), Elements::of(&published()));
    let lacks = published.0.keys().filter(|name| !ours.0.contains_key(*name)).filter(|name| {
        let (_, path) = name.split_once(' ').unwrap();
        let Some((parent, _)) = path.rsplit_once(['.', '/']) else { return false };
        ["message", "enum", "service"].iter().any(|kind| ours.0.contains_key(&format!("{kind} {parent}")))
    });
    assert_eq!(lacks.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn an_element_that_differs_is_told() {
    let published = Elements::of(&ours());
    let change = |change: fn(&mut FileDescriptorProto)| {
        let mut files = ours();
        let file = files.iter_mut().find(|file| file.name().ends_with("v1alpha1/token.proto")).unwrap();
        change(file);
        Elements::of(&files).differences(&published)
    };
    assert!(change(|_| ()).is_empty());
    let told = change(|file| file.message_type[0].field[0].number = Some(9));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("field buf.alpha.registry.v1alpha1.Token."), "{told:?}");
    let told = change(|file| file.service[0].method[0].options = Some(MethodOptions::default()));
    assert_eq!(told, Vec::<String>::new(), "the level is not given either way");
    let told = change(|file| file.service[0].method[1].options = None);
    assert!(told[0].starts_with("method buf.alpha.registry.v1alpha1.TokenService/"), "{told:?}");
}
