//! Gateway floor: `buf.registry.owner.v1.UserService`.

use tonic::Response;

use crate::{
    gateway::rpc::{Call, Reply, auth::accept, convert::owner as convert, status::unimplemented},
    proto::buf::registry::owner::v1::{
        CreateUsersRequest, CreateUsersResponse, DeleteUsersRequest, DeleteUsersResponse,
        GetCurrentUserRequest, GetCurrentUserResponse, GetUsersRequest, GetUsersResponse, ListUsersRequest,
        ListUsersResponse, UpdateUsersRequest, UpdateUsersResponse, user_service_server as server,
    },
    services::{Services, user},
};

/// Users, in the newer form of the published API.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct UserService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::UserService for UserService {
    async fn get_current_user(&self, call: Call<GetCurrentUserRequest>) -> Reply<GetCurrentUserResponse> {
        let (caller, _) = accept(call)?;
        let user = user::current(&self.0, &caller).await?;
        Ok(Response::new(GetCurrentUserResponse { user: Some(convert::from_user(user)) }))
    }

    async fn get_users(&self, _: Call<GetUsersRequest>) -> Reply<GetUsersResponse> {
        Err(unimplemented("GetUsers is not offered; buf.alpha.registry.v1alpha1.UserService/GetUser is"))
    }

    async fn list_users(&self, _: Call<ListUsersRequest>) -> Reply<ListUsersResponse> {
        Err(unimplemented("ListUsers is not offered; buf.alpha.registry.v1alpha1.UserService/ListUsers is"))
    }

    async fn create_users(&self, _: Call<CreateUsersRequest>) -> Reply<CreateUsersResponse> {
        Err(unimplemented("CreateUsers is not offered; users come by SCIM"))
    }

    async fn update_users(&self, _: Call<UpdateUsersRequest>) -> Reply<UpdateUsersResponse> {
        Err(unimplemented("UpdateUsers is not offered; users are updated by SCIM"))
    }

    async fn delete_users(&self, _: Call<DeleteUsersRequest>) -> Reply<DeleteUsersResponse> {
        Err(unimplemented("DeleteUsers is not offered; users are deleted by SCIM"))
    }
}
