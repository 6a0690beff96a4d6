//! Gateway floor: `TokenService`.

use tonic::Response;

use crate::{
    domain::{
        clock::Timestamp,
        name,
        page::PageRequest,
        token::{NOTE_MAX, check_expire_time},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha as convert, to_id, to_id_if_given, to_timestamp},
        status::{All, Violations},
    },
    proto::buf::alpha::registry::v1alpha1::{
        CreateTokenRequest, CreateTokenResponse, DeleteTokenRequest, DeleteTokenResponse, GetTokenRequest,
        GetTokenResponse, ListTokensRequest, ListTokensResponse, token_service_server as server,
    },
    services::{
        Services,
        token::{self, NewToken},
    },
};

/// The API tokens of users.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct TokenService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::TokenService for TokenService {
    async fn create_token(&self, call: Call<CreateTokenRequest>) -> Reply<CreateTokenResponse> {
        let (caller, request) = accept(call)?;
        let new = to_new(request, self.0.now())?;
        let (_, secret) = token::create(&self.0, &caller, &new).await?;
        Ok(Response::new(CreateTokenResponse { token: secret.reveal().to_owned() }))
    }

    async fn get_token(&self, call: Call<GetTokenRequest>) -> Reply<GetTokenResponse> {
        let (caller, request) = accept(call)?;
        let found = token::get(&self.0, &caller, to_id("token_id", &request.token_id)?).await?;
        Ok(Response::new(GetTokenResponse { token: Some(convert::from_token(found)) }))
    }

    async fn list_tokens(&self, call: Call<ListTokensRequest>) -> Reply<ListTokensResponse> {
        let (caller, request) = accept(call)?;
        let (page, owner) = (
            PageRequest::new(request.page_size, &request.page_token, request.reverse),
            to_id_if_given("user_id", &request.user_id),
        )
            .all()?;
        let found = token::list(&self.0, &caller, owner, &page).await?.map(convert::from_token);
        let (tokens, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListTokensResponse { tokens, next_page_token }))
    }

    async fn delete_token(&self, call: Call<DeleteTokenRequest>) -> Reply<DeleteTokenResponse> {
        let (caller, request) = accept(call)?;
        token::delete(&self.0, &caller, to_id("token_id", &request.token_id)?).await?;
        Ok(Response::new(DeleteTokenResponse {}))
    }
}

fn to_new(request: CreateTokenRequest, now: Timestamp) -> Result<NewToken, Violations> {
    let end = request.expire_time.map(|time| to_timestamp("expire_time", time)).transpose();
    let (user_id, (), expire_time) = (
        to_id_if_given("user_id", &request.user_id),
        name::check_length("note", &request.note, NOTE_MAX),
        end.and_then(|end| Ok(check_expire_time(end, now).map(|_| end)?)),
    )
        .all()?;
    Ok(NewToken { note: request.note, expire_time, user_id })
}
