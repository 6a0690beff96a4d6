//! The descriptors hold what the gateways look up in them.

use prost::Message;
use prost_types::FileDescriptorSet;

use super::{DESCRIPTOR, pool};

#[test]
fn pool_knows_every_service_that_is_served() {
    let pool = pool().unwrap();
    let mut names: Vec<_> = pool.services().map(|service| service.full_name().to_owned()).collect();
    names.sort();
    insta::assert_snapshot!(names.join("\n"), @"");
}

#[test]
fn descriptor_carries_comments_for_reflection() {
    let set = FileDescriptorSet::decode(DESCRIPTOR).unwrap();
    let bare: Vec<_> = set
        .file
        .iter()
        .filter(|file| file.package().starts_with("buf."))
        .filter(|file| !file.source_code_info().location.iter().any(|at| at.leading_comments.is_some()))
        .map(prost_types::FileDescriptorProto::name)
        .collect();
    assert_eq!(bare, Vec::<&str>::new());
}

#[test]
fn descriptor_leaves_out_what_only_tests_use() {
    let set = FileDescriptorSet::decode(DESCRIPTOR).unwrap();
    let foreign: Vec<_> = set
        .file
        .iter()
        .map(prost_types::FileDescriptorProto::package)
        .filter(|package| package.starts_with("roster.test"))
        .collect();
    assert_eq!(foreign, Vec::<&str>::new());
}

#[test]
fn idempotency_levels_reach_the_pool() {
    let pool = pool().unwrap();
    let service = pool.get_service_by_name("buf.alpha.registry.v1alpha1.SCIMTokenService").unwrap();
    let levels: Vec<_> = service
        .methods()
        .map(|method| {
            let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
            format!("{} {}", method.name(), options.idempotency_level().as_str_name())
        })
        .collect();
    assert_eq!(
        levels,
        [
            "CreateSCIMToken IDEMPOTENCY_UNKNOWN",
            "ListSCIMTokens NO_SIDE_EFFECTS",
            "DeleteSCIMToken IDEMPOTENT",
        ]
    );
}
