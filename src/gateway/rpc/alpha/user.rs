//! Gateway floor: `UserService`.

use tonic::Response;

use crate::{
    domain::{
        name,
        page::PageRequest,
        role::ServerRole,
        user::{UserPatch, UserType},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha as convert, from_count, required, to_id},
        status::{All, Violations, each},
    },
    proto::buf::alpha::registry::v1alpha1::{
        CountUsersRequest, CountUsersResponse, CreateUserRequest, CreateUserResponse, DeactivateUserRequest,
        DeactivateUserResponse, DeleteUserRequest, DeleteUserResponse, GetUserByUsernameRequest,
        GetUserByUsernameResponse, GetUserRequest, GetUserResponse, ListOrganizationUsersRequest,
        ListOrganizationUsersResponse, ListUsersRequest, ListUsersResponse, UpdateUserServerRoleRequest,
        UpdateUserServerRoleResponse, UpdateUserSettingsRequest, UpdateUserSettingsResponse,
        user_service_server as server,
    },
    services::{
        Services, membership,
        user::{self, NewUser, Ref, UserFilter},
    },
};

/// Users.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct UserService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::UserService for UserService {
    async fn create_user(&self, call: Call<CreateUserRequest>) -> Reply<CreateUserResponse> {
        let (caller, request) = accept(call)?;
        let new = NewUser {
            username: request.username,
            email: None,
            user_type: UserType::Personal,
            server_role: ServerRole::Member,
        };
        let made = user::create(&self.0, &caller, &new).await?;
        Ok(Response::new(CreateUserResponse { user: Some(convert::from_user(made)) }))
    }

    async fn get_user(&self, call: Call<GetUserRequest>) -> Reply<GetUserResponse> {
        let (caller, request) = accept(call)?;
        let found = user::get(&self.0, &caller, &Ref::Id(to_id("id", &request.id)?)).await?;
        Ok(Response::new(GetUserResponse { user: Some(convert::from_user(found)) }))
    }

    async fn get_user_by_username(
        &self,
        call: Call<GetUserByUsernameRequest>,
    ) -> Reply<GetUserByUsernameResponse> {
        let (caller, request) = accept(call)?;
        let found = user::get(&self.0, &caller, &Ref::Name(request.username)).await?;
        Ok(Response::new(GetUserByUsernameResponse { user: Some(convert::from_user(found)) }))
    }

    async fn list_users(&self, call: Call<ListUsersRequest>) -> Reply<ListUsersResponse> {
        let (caller, request) = accept(call)?;
        let (page, state, types) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            convert::to_user_state("user_state_filter", request.user_state_filter),
            to_types("user_type_filters", &request.user_type_filters),
        )
            .all()?;
        let filter = UserFilter { states: state.into_iter().collect(), types, ..UserFilter::default() };
        let found = user::list(&self.0, &caller, &filter, &page).await?.map(convert::from_user);
        let (users, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListUsersResponse { users, next_page_token }))
    }

    async fn list_organization_users(
        &self,
        call: Call<ListOrganizationUsersRequest>,
    ) -> Reply<ListOrganizationUsersResponse> {
        let (caller, request) = accept(call)?;
        let (page, organization) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            to_id("organization_id", &request.organization_id),
        )
            .all()?;
        let found = membership::list_of_organization(&self.0, &caller, organization, &page).await?;
        let (members, next_page_token) = (found.items, found.next_page_token);
        let users = members.into_iter().map(convert::from_member).collect();
        Ok(Response::new(ListOrganizationUsersResponse { users, next_page_token }))
    }

    async fn count_users(&self, call: Call<CountUsersRequest>) -> Reply<CountUsersResponse> {
        let (caller, request) = accept(call)?;
        let state = convert::to_user_state("user_state_filter", request.user_state_filter)?;
        let filter = UserFilter { states: state.into_iter().collect(), ..UserFilter::default() };
        let count = user::count(&self.0, &caller, &filter).await?;
        Ok(Response::new(CountUsersResponse { total_count: from_count(count) }))
    }

    async fn deactivate_user(&self, call: Call<DeactivateUserRequest>) -> Reply<DeactivateUserResponse> {
        let (caller, request) = accept(call)?;
        let done = user::deactivate(&self.0, &caller, to_id("id", &request.id)?).await;
        done.map_err(|error| error.renamed("user_id", "id"))?;
        Ok(Response::new(DeactivateUserResponse {}))
    }

    async fn update_user_server_role(
        &self,
        call: Call<UpdateUserServerRoleRequest>,
    ) -> Reply<UpdateUserServerRoleResponse> {
        let (caller, request) = accept(call)?;
        let role = convert::to_server_role("server_role", request.server_role);
        let (id, role) =
            (to_id("user_id", &request.user_id), role.and_then(|role| required("server_role", role)))
                .all()?;
        user::update_server_role(&self.0, &caller, id, role).await?;
        Ok(Response::new(UpdateUserServerRoleResponse {}))
    }

    async fn delete_user(&self, call: Call<DeleteUserRequest>) -> Reply<DeleteUserResponse> {
        let (caller, _) = accept(call)?;
        user::delete_self(&self.0, &caller).await?;
        Ok(Response::new(DeleteUserResponse {}))
    }

    async fn update_user_settings(
        &self,
        call: Call<UpdateUserSettingsRequest>,
    ) -> Reply<UpdateUserSettingsResponse> {
        let (caller, request) = accept(call)?;
        let (id, (), ()) = (
            to_id("user_id", &request.user_id),
            name::check_description(request.description.as_deref().unwrap_or_default()),
            name::check_url(request.url.as_deref().unwrap_or_default()),
        )
            .all()?;
        let reference = Ref::Id(id);
        let patch = UserPatch { description: request.description, url: request.url, ..UserPatch::default() };
        user::update(&self.0, &caller, &[(reference, patch)]).await?;
        Ok(Response::new(UpdateUserSettingsResponse {}))
    }
}

fn to_types(field: &str, numbers: &[i32]) -> Result<Vec<UserType>, Violations> {
    each(numbers.iter().enumerate().map(|(index, number)| {
        let path = format!("{field}[{index}]");
        required(&path, convert::to_user_type(&path, *number)?)
    }))
}
