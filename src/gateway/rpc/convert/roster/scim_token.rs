//! Gateway floor: SCIM tokens of `roster.v1` to domain and back.

use super::proto;
use crate::{
    domain::scim_token::{ClientProfile, ScimToken, Usage},
    gateway::rpc::convert::{from_timestamp, to_known},
    gateway::rpc::status::Violations,
};

/// A client profile; none for UNSPECIFIED.
pub(in crate::gateway::rpc) fn to_profile(
    field: &str,
    number: i32,
) -> Result<Option<ClientProfile>, Violations> {
    Ok(match to_known(field, number)? {
        proto::ScimTokenProfile::Unspecified => None,
        proto::ScimTokenProfile::Generic => Some(ClientProfile::Generic),
        proto::ScimTokenProfile::Okta => Some(ClientProfile::Okta),
        proto::ScimTokenProfile::Entra => Some(ClientProfile::Entra),
        proto::ScimTokenProfile::Strict => Some(ClientProfile::Strict),
    })
}

fn from_profile(profile: ClientProfile) -> proto::ScimTokenProfile {
    match profile {
        ClientProfile::Generic => proto::ScimTokenProfile::Generic,
        ClientProfile::Okta => proto::ScimTokenProfile::Okta,
        ClientProfile::Entra => proto::ScimTokenProfile::Entra,
        ClientProfile::Strict => proto::ScimTokenProfile::Strict,
    }
}

/// A SCIM token; without an end when it has none.
pub(in crate::gateway::rpc) fn from_scim_token(token: ScimToken) -> proto::ScimToken {
    proto::ScimToken {
        id: token.id.to_string(),
        description: token.description,
        profile: from_profile(token.profile).into(),
        create_time: from_timestamp(token.create_time),
        expire_time: token.expire_time.and_then(from_timestamp),
        created_by_user_id: token.created_by.map(|id| id.to_string()).unwrap_or_default(),
        usage: None,
    }
}

/// A SCIM token with how it is used.
pub(in crate::gateway::rpc) fn from_used_token(token: ScimToken, usage: Usage) -> proto::ScimToken {
    let (requests, failures, last) = (usage.requests, usage.failures, usage.last);
    let usage = proto::ScimTokenUsage {
        last_use_time: last.as_ref().and_then(|last| from_timestamp(last.time)),
        last_use_address: last.as_ref().and_then(|last| last.address.clone()).unwrap_or_default(),
        last_use_client: last.and_then(|last| last.user_agent).unwrap_or_default(),
        day_request_count: requests,
        day_failure_count: failures,
    };
    proto::ScimToken { usage: Some(usage), ..from_scim_token(token) }
}
