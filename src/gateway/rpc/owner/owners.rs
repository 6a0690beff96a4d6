//! Gateway floor: `buf.registry.owner.v1.OwnerService`.

use tonic::{Response, Status};

use crate::{
    domain::{id::OwnerId, owner::Owner as Found},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{owner as convert, required, to_id},
        status::of_refs,
    },
    proto::buf::registry::owner::v1::{
        GetOwnersRequest, GetOwnersResponse, Owner, OwnerRef, owner, owner_ref,
        owner_service_server as server,
    },
    services::{self, Services, user::Ref},
};

const REFS: &str = "owner_refs";

/// Users and organizations by id or name.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct OwnerService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::OwnerService for OwnerService {
    async fn get_owners(&self, call: Call<GetOwnersRequest>) -> Reply<GetOwnersResponse> {
        let (caller, request) = accept(call)?;
        let refs = to_refs(request.owner_refs)?;
        let found = services::owner::get(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        Ok(Response::new(GetOwnersResponse { owners: found.into_iter().map(from_owner).collect() }))
    }
}

fn to_refs(refs: Vec<OwnerRef>) -> Result<Vec<Ref<OwnerId>>, Status> {
    convert::check_batch(REFS, &refs)?;
    let each = refs.into_iter().enumerate();
    each.map(|(index, one)| to_ref(&format!("{REFS}[{index}]"), one)).collect()
}

fn to_ref(field: &str, given: OwnerRef) -> Result<Ref<OwnerId>, Status> {
    match required(field, given.value)? {
        owner_ref::Value::Id(id) => Ok(Ref::Id(to_id(&format!("{field}.id"), &id)?)),
        owner_ref::Value::Name(name) => Ok(Ref::Name(name)),
    }
}

fn from_owner(found: Found) -> Owner {
    let value = match found {
        Found::User(user) => owner::Value::User(convert::from_user(*user)),
        Found::Organization(organization) => {
            owner::Value::Organization(convert::from_organization(organization))
        }
    };
    Owner { value: Some(value) }
}
