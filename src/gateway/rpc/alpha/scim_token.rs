//! Gateway floor: `SCIMTokenService`.

use tonic::Response;

use crate::{
    domain::{page::PageRequest, scim_token::ClientProfile},
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{alpha as convert, to_id, to_timestamp},
    },
    proto::buf::alpha::registry::v1alpha1::{
        CreateScimTokenRequest, CreateScimTokenResponse, DeleteScimTokenRequest, DeleteScimTokenResponse,
        ListScimTokensRequest, ListScimTokensResponse, scim_token_service_server as server,
    },
    services::{Services, scim_token},
};

/// The bearer secrets of IdPs.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct ScimTokenService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::ScimTokenService for ScimTokenService {
    async fn create_scim_token(&self, call: Call<CreateScimTokenRequest>) -> Reply<CreateScimTokenResponse> {
        let (caller, request) = accept(call)?;
        let end = request.expire_time.map(|time| to_timestamp("expire_time", time)).transpose()?;
        let (_, secret) = scim_token::create(&self.0, &caller, end, ClientProfile::default()).await?;
        Ok(Response::new(CreateScimTokenResponse { token: secret.reveal().to_owned() }))
    }

    async fn list_scim_tokens(&self, call: Call<ListScimTokensRequest>) -> Reply<ListScimTokensResponse> {
        let (caller, request) = accept(call)?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let found = scim_token::list(&self.0, &caller, &page).await?.map(convert::from_scim_token);
        let (tokens, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListScimTokensResponse { tokens, next_page_token }))
    }

    async fn delete_scim_token(&self, call: Call<DeleteScimTokenRequest>) -> Reply<DeleteScimTokenResponse> {
        let (caller, request) = accept(call)?;
        scim_token::delete(&self.0, &caller, to_id("token_id", &request.token_id)?).await?;
        Ok(Response::new(DeleteScimTokenResponse {}))
    }
}
