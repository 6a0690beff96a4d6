//! What the documentation tells a load balancer to send to a standby.

use prost_reflect::{MethodDescriptor, prost_types::method_options::IdempotencyLevel};

/// The beginnings of names in the condition of `docs/scaling.md`.
fn beginnings() -> Vec<&'static str> {
    let condition = include_str!("../../../docs/scaling.md").split("acl reads path_reg ").nth(1).unwrap();
    let words = condition.lines().next().unwrap().rsplit_once('(').unwrap().1;
    words.strip_suffix(')').unwrap().split('|').collect()
}

fn reads(method: &MethodDescriptor) -> bool {
    let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
    options.idempotency_level() == IdempotencyLevel::NoSideEffects || method.name() == "WatchMemberships"
}

#[test]
fn the_condition_for_a_load_balancer_takes_all_that_reads_and_nothing_else() {
    let beginnings = beginnings();
    let pool = roster::proto::pool().unwrap();
    let ours = pool.services().filter(|service| !service.package_name().starts_with("grpc."));
    let methods: Vec<_> = ours.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    assert!(methods.len() > 100, "{}", methods.len());
    for method in &methods {
        let is_taken = beginnings.iter().any(|word| method.name().starts_with(word));
        assert_eq!(is_taken, reads(method) || is_unserved_read(method), "{}", method.full_name());
    }
    let all_read = |service: &str| {
        methods.iter().filter(|method| method.parent_service().full_name() == service).all(reads)
    };
    assert!(all_read("roster.v1.MembershipService") && !all_read("roster.v1.JitService"));
}

/// A read that its own declaration does not call one; this server does not offer it.
fn is_unserved_read(method: &MethodDescriptor) -> bool {
    method.name() == "GetClusterUsage"
}
