//! Generated clients that carry an `authorization` header.

use roster::proto::buf::{
    alpha::registry::v1alpha1::{
        admin_service_client::AdminServiceClient, authn_service_client::AuthnServiceClient,
        organization_service_client::OrganizationServiceClient,
        scim_token_service_client::ScimTokenServiceClient, token_service_client::TokenServiceClient,
        user_service_client::UserServiceClient,
    },
    registry::owner::v1,
};
use roster::proto::roster::v1 as roster_v1;
use tonic::{
    Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use super::{Harness, Person};

/// A channel on which every call carries the same credentials.
pub(crate) type Authorized = InterceptedService<Channel, Credentials>;

/// The value of the `authorization` header, if there is one.
#[derive(Clone)]
pub(crate) struct Credentials(Option<String>);

impl Interceptor for Credentials {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(authorization) = &self.0 {
            request.metadata_mut().insert("authorization", authorization.parse().unwrap());
        }
        Ok(request)
    }
}

impl Harness {
    /// Calls with this `authorization` header, or without one.
    pub(crate) fn with_authorization(&self, authorization: Option<String>) -> Calls {
        Calls(InterceptedService::new(self.channel.clone(), Credentials(authorization)))
    }

    /// Calls with this token.
    pub(crate) fn with_token(&self, token: &str) -> Calls {
        self.with_authorization(Some(format!("Bearer {token}")))
    }

    /// Calls of this person.
    pub(crate) fn calls_of(&self, person: &Person) -> Calls {
        self.with_token(&person.token)
    }

    /// Calls of the first admin.
    pub(crate) fn admin_calls(&self) -> Calls {
        self.calls_of(&self.admin)
    }
}

/// The clients of one caller.
#[derive(Clone)]
pub(crate) struct Calls(pub(crate) Authorized);

impl Calls {
    pub(crate) fn admin(&self) -> AdminServiceClient<Authorized> {
        AdminServiceClient::new(self.0.clone())
    }

    pub(crate) fn authn(&self) -> AuthnServiceClient<Authorized> {
        AuthnServiceClient::new(self.0.clone())
    }

    pub(crate) fn organizations(&self) -> OrganizationServiceClient<Authorized> {
        OrganizationServiceClient::new(self.0.clone())
    }

    pub(crate) fn scim_tokens(&self) -> ScimTokenServiceClient<Authorized> {
        ScimTokenServiceClient::new(self.0.clone())
    }

    pub(crate) fn tokens(&self) -> TokenServiceClient<Authorized> {
        TokenServiceClient::new(self.0.clone())
    }

    pub(crate) fn users(&self) -> UserServiceClient<Authorized> {
        UserServiceClient::new(self.0.clone())
    }

    pub(crate) fn roster_scim_tokens(
        &self,
    ) -> roster_v1::scim_token_service_client::ScimTokenServiceClient<Authorized> {
        roster_v1::scim_token_service_client::ScimTokenServiceClient::new(self.0.clone())
    }

    pub(crate) fn memberships(
        &self,
    ) -> roster_v1::membership_service_client::MembershipServiceClient<Authorized> {
        roster_v1::membership_service_client::MembershipServiceClient::new(self.0.clone())
    }

    pub(crate) fn jit(&self) -> roster_v1::jit_service_client::JitServiceClient<Authorized> {
        roster_v1::jit_service_client::JitServiceClient::new(self.0.clone())
    }

    pub(crate) fn idp_groups(
        &self,
    ) -> roster_v1::idp_group_service_client::IdpGroupServiceClient<Authorized> {
        roster_v1::idp_group_service_client::IdpGroupServiceClient::new(self.0.clone())
    }

    pub(crate) fn provisioning(
        &self,
    ) -> roster_v1::provisioning_service_client::ProvisioningServiceClient<Authorized> {
        roster_v1::provisioning_service_client::ProvisioningServiceClient::new(self.0.clone())
    }

    pub(crate) fn owner_organizations(
        &self,
    ) -> v1::organization_service_client::OrganizationServiceClient<Authorized> {
        v1::organization_service_client::OrganizationServiceClient::new(self.0.clone())
    }

    pub(crate) fn owner_users(&self) -> v1::user_service_client::UserServiceClient<Authorized> {
        v1::user_service_client::UserServiceClient::new(self.0.clone())
    }
}
