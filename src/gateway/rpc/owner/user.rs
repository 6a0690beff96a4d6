//! Gateway floor: `buf.registry.owner.v1.UserService`. Batches are atomic, and answer in the order of the request.

use tonic::Response;

use crate::{
    domain::{
        id::{OrganizationId, UserId},
        name,
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
        status::{All, Violations, at, invalid, of_refs, of_values},
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
fn to_filter(request: ListUsersRequest) -> Result<(UserFilter, Vec<Ref<OrganizationId>>), Violations> {
    let (refs, (), states, types, roles) = (
        convert::to_organization_filter(ORGANIZATION_REFS, request.organization_refs),
        name::check_length("name_query", &request.name_query, name::NAME_MAX),
        convert::to_each("has_states", &request.has_states, enums::to_user_state),
        convert::to_each("has_types", &request.has_types, enums::to_user_type),
        convert::to_each("has_roles", &request.has_roles, enums::to_server_role),
    )
        .all()?;
    let filter = UserFilter { states, types, roles, name_query: request.name_query, members_of: Vec::new() };
    Ok((filter, refs))
}

fn to_new(path: &str, value: create_users_request::Value) -> Result<(NewUser, Profile), Violations> {
    let ((), user_type, verification, (), ()) = (
        at(path, name::check_name("name", &value.name)),
        to_type(&format!("{path}.type"), value.r#type),
        enums::to_verification(&format!("{path}.verification_status"), value.verification_status),
        at(path, name::check_description(&value.description)),
        at(path, name::check_url(&value.url)),
    )
        .all()?;
    let new = NewUser { username: value.name, email: None, user_type, server_role: ServerRole::Member };
    Ok((new, Profile { description: value.description, url: value.url, verification }))
}

/// The type of a new account.
fn to_type(field: &str, number: i32) -> Result<UserType, Violations> {
    match enums::to_user_type(field, number)?.unwrap_or(UserType::Personal) {
        UserType::System => Err(invalid(field, "must be STANDARD or BOT")),
        made => Ok(made),
    }
}

fn to_patch(path: &str, value: update_users_request::Value) -> Result<(Ref<UserId>, UserPatch), Violations> {
    let field = |name| format!("{path}.{name}");
    let state = |state| {
        let field = field("state");
        required(&field, enums::to_user_state(&field, state)?)
    };
    let verification = |status| enums::to_verification(&field("verification_status"), status);
    let (reference, state, verification, (), ()) = (
        required(&field("user_ref"), value.user_ref)
            .and_then(|given| convert::to_user_ref(&field("user_ref"), given)),
        value.state.map(state).transpose(),
        value.verification_status.map(verification).transpose(),
        at(path, name::check_description(value.description.as_deref().unwrap_or_default())),
        at(path, name::check_url(value.url.as_deref().unwrap_or_default())),
    )
        .all()?;
    let verification = verification.flatten();
    Ok((reference, UserPatch { state, description: value.description, url: value.url, verification }))
}
