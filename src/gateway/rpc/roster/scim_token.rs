//! Gateway floor: `roster.v1.ScimTokenService`.

use tonic::Response;

use crate::{
    domain::{
        clock::Timestamp,
        name,
        page::PageRequest,
        scim_token::{NewScimToken, ScimTokenPatch, check_expire_time},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{required, roster as convert, to_id, to_timestamp},
        status::{All, Violations},
    },
    proto::roster::v1::{
        CreateScimTokenRequest, CreateScimTokenResponse, DeleteScimTokenRequest, DeleteScimTokenResponse,
        GetScimTokenRequest, GetScimTokenResponse, ListScimTokensRequest, ListScimTokensResponse,
        UpdateScimTokenRequest, UpdateScimTokenResponse, scim_token_service_server as server,
    },
    services::{Error, Services, revision, scim_token},
};

const ID: &str = "scim_token_id";

/// The bearer secrets of IdPs, with descriptions and profiles.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct ScimTokenService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::ScimTokenService for ScimTokenService {
    async fn create_scim_token(&self, call: Call<CreateScimTokenRequest>) -> Reply<CreateScimTokenResponse> {
        let (caller, request) = accept(call)?;
        let new = to_new(request, self.0.now())?;
        let (token, secret) = scim_token::create_described(&self.0, &caller, new).await?;
        let scim_token = Some(convert::from_scim_token(token));
        Ok(Response::new(CreateScimTokenResponse {
            scim_token,
            secret: secret.reveal().to_owned(),
            token: secret.reveal().to_owned(),
            revision: revision::made().unwrap_or_default(),
        }))
    }

    async fn list_scim_tokens(&self, call: Call<ListScimTokensRequest>) -> Reply<ListScimTokensResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let found = scim_token::list(&self.0, &caller, &page).await?;
        let ids: Vec<_> = found.items.iter().map(|token| token.id).collect();
        let mut usage = scim_token::usage(&self.0, &caller, &ids).await?;
        let found = found.map(|token| {
            let usage = usage.remove(&token.id).unwrap_or_default();
            convert::from_used_token(token, usage)
        });
        let (scim_tokens, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListScimTokensResponse { scim_tokens, next_page_token }))
    }

    async fn get_scim_token(&self, call: Call<GetScimTokenRequest>) -> Reply<GetScimTokenResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let id = to_id(ID, &request.scim_token_id)?;
        let token = scim_token::get(&self.0, &caller, id).await.map_err(named)?;
        let usage = scim_token::usage(&self.0, &caller, &[id]).await?.remove(&id).unwrap_or_default();
        let scim_token = Some(convert::from_used_token(token, usage));
        Ok(Response::new(GetScimTokenResponse { scim_token }))
    }

    async fn update_scim_token(&self, call: Call<UpdateScimTokenRequest>) -> Reply<UpdateScimTokenResponse> {
        let (caller, request) = accept(call)?;
        let profile = request.profile.map(|number| {
            let profile = convert::to_profile("profile", number)?;
            required("profile", profile)
        });
        let (id, profile, ()) = (
            to_id(ID, &request.scim_token_id),
            profile.transpose(),
            name::check_description(request.description.as_deref().unwrap_or_default()),
        )
            .all()?;
        let patch = ScimTokenPatch { description: request.description, profile };
        let token = scim_token::update(&self.0, &caller, id, &patch).await.map_err(named)?;
        let scim_token = Some(convert::from_scim_token(token));
        Ok(Response::new(UpdateScimTokenResponse {
            scim_token,
            revision: revision::made().unwrap_or_default(),
        }))
    }

    async fn delete_scim_token(&self, call: Call<DeleteScimTokenRequest>) -> Reply<DeleteScimTokenResponse> {
        let (caller, request) = accept(call)?;
        let id = to_id(ID, &request.scim_token_id)?;
        scim_token::delete(&self.0, &caller, id).await.map_err(named)?;
        Ok(Response::new(DeleteScimTokenResponse { revision: revision::made().unwrap_or_default() }))
    }
}

fn to_new(request: CreateScimTokenRequest, now: Timestamp) -> Result<NewScimToken, Violations> {
    let end = request.expire_time.map(|time| to_timestamp("expire_time", time)).transpose();
    let ((), profile, expire_time) = (
        name::check_description(&request.description),
        convert::to_profile("profile", request.profile),
        end.and_then(|end| Ok(check_expire_time(end, now)?)),
    )
        .all()?;
    Ok(NewScimToken { description: request.description, profile: profile.unwrap_or_default(), expire_time })
}

/// The id of a token has another name than in the published API.
fn named(error: Error) -> Error {
    error.renamed("token_id", ID)
}
