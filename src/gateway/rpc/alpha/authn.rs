//! Gateway floor: `AuthnService`.

use tonic::Response;

use crate::{
    gateway::rpc::{Call, Reply, auth::accept, convert::alpha as convert},
    proto::buf::alpha::registry::v1alpha1::{
        GetCurrentUserRequest, GetCurrentUserResponse, GetCurrentUserSubjectRequest,
        GetCurrentUserSubjectResponse, authn_service_server as server,
    },
    services::{Services, user},
};

/// Who the caller is.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct AuthnService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::AuthnService for AuthnService {
    async fn get_current_user(&self, call: Call<GetCurrentUserRequest>) -> Reply<GetCurrentUserResponse> {
        let (caller, _) = accept(call)?;
        let user = user::current(&self.0, &caller).await?;
        Ok(Response::new(GetCurrentUserResponse { user: Some(convert::from_user(user)) }))
    }

    /// The subject is the account's id: it outlives a rename.
    async fn get_current_user_subject(
        &self,
        call: Call<GetCurrentUserSubjectRequest>,
    ) -> Reply<GetCurrentUserSubjectResponse> {
        let (caller, _) = accept(call)?;
        let user = user::current(&self.0, &caller).await?;
        Ok(Response::new(GetCurrentUserSubjectResponse { subject: user.id.to_string() }))
    }
}
