//! Gateway floor: the maintenance mode, on the wire.

use super::{from_actor, proto};
use crate::{domain::maintenance::Maintenance, gateway::rpc::convert::from_timestamp};

/// The maintenance that is under way.
pub(in crate::gateway::rpc) fn from_maintenance(maintenance: Maintenance) -> proto::Maintenance {
    proto::Maintenance {
        message: maintenance.message,
        create_time: from_timestamp(maintenance.given.time),
        actor: Some(from_actor(maintenance.given)),
    }
}
