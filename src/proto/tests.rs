//! The descriptors hold what the gateways look up in them.

use prost::Message;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::{DESCRIPTOR, pool};

#[test]
fn pool_knows_every_service() {
    let pool = pool().unwrap();
    let mut names: Vec<_> = pool.services().map(|service| service.full_name().to_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "buf.alpha.audit.v1alpha1.AuditService",
            "buf.alpha.registry.v1alpha1.AdminService",
            "buf.alpha.registry.v1alpha1.AuthnService",
            "buf.alpha.registry.v1alpha1.AuthzService",
            "buf.alpha.registry.v1alpha1.DisplayService",
            "buf.alpha.registry.v1alpha1.OrganizationService",
            "buf.alpha.registry.v1alpha1.OwnerService",
            "buf.alpha.registry.v1alpha1.SCIMTokenService",
            "buf.alpha.registry.v1alpha1.TokenService",
            "buf.alpha.registry.v1alpha1.UserService",
            "buf.registry.owner.v1.OrganizationService",
            "buf.registry.owner.v1.OwnerService",
            "buf.registry.owner.v1.UserService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "roster.v1.IdpGroupService",
            "roster.v1.JitService",
            "roster.v1.MaintenanceService",
            "roster.v1.MembershipService",
            "roster.v1.ProvisioningService",
            "roster.v1.ScimTokenService",
            "roster.v1.UserService",
        ]
    );
}

#[test]
fn descriptor_carries_comments_for_reflection() {
    let set = FileDescriptorSet::decode(DESCRIPTOR).unwrap();
    let bare: Vec<_> = set
        .file
        .iter()
        .filter(|file| ["buf.", "roster.v"].iter().any(|ours| file.package().starts_with(ours)))
        .filter(|file| !is_documented(file))
        .map(FileDescriptorProto::name)
        .collect();
    assert_eq!(bare, Vec::<&str>::new());
}

fn is_documented(file: &FileDescriptorProto) -> bool {
    let info = file.source_code_info.as_ref();
    info.is_some_and(|info| info.location.iter().any(|at| at.leading_comments.is_some()))
}

#[test]
fn descriptor_leaves_out_what_only_tests_use() {
    let set = FileDescriptorSet::decode(DESCRIPTOR).unwrap();
    let foreign: Vec<_> = set
        .file
        .iter()
        .map(FileDescriptorProto::package)
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
