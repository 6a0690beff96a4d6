//! The wire types: what `build.rs` makes of `proto/`, and its descriptors.
//!
//! Floor: beneath the gateways, which alone may use it. The modules mirror the
//! packages: `buf.alpha.registry.v1alpha1.User` is
//! [`buf::alpha::registry::v1alpha1::User`]. A service `FooService` has its trait
//! and server in `foo_service_server` and its client in `foo_service_client`.
//! Documentation of the types is that of the `.proto` files.

use prost_reflect::{DescriptorError, DescriptorPool};

pub mod codec;
pub mod google_rpc;
#[cfg(test)]
mod tests;

/// The packages under `buf`: the surface that is compatible with the published API.
#[expect(clippy::pedantic, clippy::all, reason = "generated code; its style is not ours")]
pub mod buf {
    /// The packages under `buf.alpha`.
    pub mod alpha {
        /// The packages under `buf.alpha.audit`.
        pub mod audit {
            /// `buf.alpha.audit.v1alpha1`: the audit log.
            pub mod v1alpha1 {
                tonic::include_proto!("buf.alpha.audit.v1alpha1");
            }
        }
        /// The packages under `buf.alpha.registry`.
        pub mod registry {
            /// `buf.alpha.registry.v1alpha1`: tokens, users, organizations and roles.
            pub mod v1alpha1 {
                tonic::include_proto!("buf.alpha.registry.v1alpha1");
            }
        }
    }
    /// The packages under `buf.registry`.
    pub mod registry {
        /// The packages under `buf.registry.owner`.
        pub mod owner {
            /// `buf.registry.owner.v1`: users and organizations, the newer form.
            pub mod v1 {
                tonic::include_proto!("buf.registry.owner.v1");
            }
        }
        /// The packages under `buf.registry.resource`.
        pub mod resource {
            /// `buf.registry.resource.v1`: types that settings of organizations need.
            pub mod v1 {
                tonic::include_proto!("buf.registry.resource.v1");
            }
        }
    }
}

/// The packages under `roster`: our own.
#[expect(clippy::pedantic, clippy::all, reason = "generated code; its style is not ours")]
pub mod roster {
    /// `roster.v1`: SCIM tokens, memberships, and groups of IdPs.
    pub mod v1 {
        tonic::include_proto!("roster.v1");
    }
}

/// The descriptors of everything under `proto/`, imports and comments included: a
/// serialized `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// The descriptors of all that the server serves by RPC: [`DESCRIPTOR`], health v1,
/// and reflection v1 and v1alpha.
///
/// # Errors
///
/// If one of the sets does not decode or resolve, which only a broken build does.
pub fn pool() -> Result<DescriptorPool, DescriptorError> {
    let mut pool = DescriptorPool::decode(DESCRIPTOR)?;
    for set in [
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ] {
        pool.decode_file_descriptor_set(set)?;
    }
    Ok(pool)
}
