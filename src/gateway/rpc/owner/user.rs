//! Gateway floor: `buf.registry.owner.v1.UserService`. Batches are atomic, and answer in the order of the request.

use tonic::{Response, Status};

use crate::{
    domain::{
        id::UserId,
        page::PageRequest,
        role::ServerRole,
        user::{User as Found, UserPatch, UserType},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{
            owner::{self as convert, user as enums},
            required,
        },
        status::{invalid, of_refs, of_values},
    },
    proto::buf::registry::owner::v1::{
        CreateUsersRequest, CreateUsersResponse, DeleteUsersRequest, DeleteUsersResponse,
        GetCurrentUserRequest, GetCurrentUserResponse, GetUsersRequest, GetUsersResponse, ListUsersRequest,
        ListUsersResponse, UpdateUsersRequest, UpdateUsersResponse, User, create_users_request,
        list_users_request::Order, update_users_request, user_service_server as server,
    },
    services::{
        Services, organization,
        user::{self, NewUser, Profile, Ref, UserFilter},
    },
};

const REFS: &str = "user_refs";
const ORGANIZATION_REFS: &str = "organization_refs";

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

    async fn get_users(&self, call: Call<GetUsersRequest>) -> Reply<GetUsersResponse> {
        let (caller, request) = accept(call)?;
        let refs = convert::to_user_refs(REFS, request.user_refs)?;
        let found = user::get_many(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        Ok(Response::new(GetUsersResponse { users: from_users(found) }))
    }

    async fn list_users(&self, call: Call<ListUsersRequest>) -> Reply<ListUsersResponse> {
        let (caller, request) = accept(call)?;
        let order = convert::to_order("order", request.order)?;
        let reverse = matches!(order, Order::Unspecified | Order::CreateTimeDesc | Order::NameDesc);
        let (size, token) = (request.page_size, request.page_token.clone());
        let (mut filter, refs) = to_filter(request)?;
        if !refs.is_empty() {
            let seen =
                organization::get(&self.0, &caller, &refs).await.map_err(of_refs(ORGANIZATION_REFS))?;
            filter.members_of = seen.into_iter().map(|organization| organization.id).collect();
        }
        let found = if matches!(order, Order::NameAsc | Order::NameDesc) {
            user::list_by_name(&self.0, &caller, &filter, &PageRequest::by_key(size, &token, reverse)?)
                .await?
        } else {
            user::list(&self.0, &caller, &filter, &PageRequest::new(size, &token, reverse)?).await?
        };
        let next_page_token = found.next_page_token;
        Ok(Response::new(ListUsersResponse { next_page_token, users: from_users(found.items) }))
    }

    async fn create_users(&self, call: Call<CreateUsersRequest>) -> Reply<CreateUsersResponse> {
        let (caller, request) = accept(call)?;
        let new = convert::to_batch(request.values, to_new)?;
        let made = user::create_many(&self.0, &caller, &new).await;
        let made = made.map_err(|error| of_values(error.renamed("username", "name")))?;
        Ok(Response::new(CreateUsersResponse { users: from_users(made) }))
    }

    async fn update_users(&self, call: Call<UpdateUsersRequest>) -> Reply<UpdateUsersResponse> {
        let (caller, request) = accept(call)?;
        let patches = convert::to_batch(request.values, to_patch)?;
        let changed = user::update(&self.0, &caller, &patches).await;
        let changed = changed.map_err(|error| of_values(error.renamed("user_id", "user_ref")))?;
        Ok(Response::new(UpdateUsersResponse { users: from_users(changed) }))
    }

    async fn delete_users(&self, call: Call<DeleteUsersRequest>) -> Reply<DeleteUsersResponse> {
        let (caller, request) = accept(call)?;
        let refs = convert::to_user_refs(REFS, request.user_refs)?;
        user::delete(&self.0, &caller, &refs).await.map_err(of_refs(REFS))?;
        Ok(Response::new(DeleteUsersResponse {}))
    }
}

fn from_users(found: Vec<Found>) -> Vec<User> {
    found.into_iter().map(convert::from_user).collect()
}

/// What a list is restricted to; the organizations are still to be resolved.
fn to_filter(
    request: ListUsersRequest,
) -> Result<(UserFilter, Vec<Ref<crate::domain::id::OrganizationId>>), Status> {
    let refs = convert::to_organization_filter(ORGANIZATION_REFS, request.organization_refs)?;
    let filter = UserFilter {
        states: convert::to_each("has_states", &request.has_states, enums::to_user_state)?,
        types: convert::to_each("has_types", &request.has_types, enums::to_user_type)?,
        roles: convert::to_each("has_roles", &request.has_roles, enums::to_server_role)?,
        name_query: request.name_query,
        members_of: Vec::new(),
    };
    Ok((filter, refs))
}

fn to_new(path: &str, value: create_users_request::Value) -> Result<(NewUser, Profile), Status> {
    let field = format!("{path}.type");
    let user_type = enums::to_user_type(&field, value.r#type)?.unwrap_or(UserType::Personal);
    if user_type == UserType::System {
        return Err(invalid(field, "must be STANDARD or BOT"));
    }
    let new = NewUser { username: value.name, email: None, user_type, server_role: ServerRole::Member };
    let field = format!("{path}.verification_status");
    let verification = enums::to_verification(&field, value.verification_status)?;
    Ok((new, Profile { description: value.description, url: value.url, verification }))
}

fn to_patch(path: &str, value: update_users_request::Value) -> Result<(Ref<UserId>, UserPatch), Status> {
    let field = format!("{path}.user_ref");
    let reference = convert::to_user_ref(&field, required(&field, value.user_ref)?)?;
    let field = format!("{path}.state");
    let state =
        value.state.map(|state| required(&field, enums::to_user_state(&field, state)?)).transpose()?;
    let field = format!("{path}.verification_status");
    let verification = value.verification_status.map(|status| enums::to_verification(&field, status));
    let verification = verification.transpose()?.flatten();
    Ok((reference, UserPatch { state, description: value.description, url: value.url, verification }))
}
