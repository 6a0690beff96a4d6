//! Gateway floor: `OwnerService`.

use tonic::Response;

use crate::{
    domain::owner::Owner as Found,
    gateway::rpc::{Call, Reply, auth::accept, convert::alpha as convert},
    proto::buf::alpha::registry::v1alpha1::{
        GetOwnerByNameRequest, GetOwnerByNameResponse, Owner, owner, owner_service_server as server,
    },
    services::{self, Services, user::Ref},
};

/// Users and organizations by name.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct OwnerService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::OwnerService for OwnerService {
    async fn get_owner_by_name(&self, call: Call<GetOwnerByNameRequest>) -> Reply<GetOwnerByNameResponse> {
        let (caller, request) = accept(call)?;
        let found = services::owner::get(&self.0, &caller, &[Ref::Name(request.name)]).await;
        let found = found.map_err(|error| error.of_field("name"))?.into_iter().next();
        Ok(Response::new(GetOwnerByNameResponse { owner: found.map(from_owner) }))
    }
}

fn from_owner(found: Found) -> Owner {
    let owner = match found {
        Found::User(user) => owner::Owner::User(convert::from_user(*user)),
        Found::Organization(organization) => {
            owner::Owner::Organization(convert::from_organization(organization))
        }
    };
    Owner { owner: Some(owner) }
}
