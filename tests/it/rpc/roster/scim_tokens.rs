//! SCIM tokens with descriptions and profiles.

use roster::{
    domain::scim_token::ClientProfile,
    proto::roster::v1::{
        CreateScimTokenRequest, DeleteScimTokenRequest, ListScimTokensRequest, ScimToken,
        ScimTokenProfile as Profile, ScimTokenUsage, UpdateScimTokenRequest,
    },
    services::scim_token,
};
use tonic::Code;

use crate::support::{Harness, field_of};

#[tokio::test]
async fn a_token_is_made_listed_changed_and_deleted() {
    let server = Harness::start().await;
    let mut tokens = server.admin_calls().roster_scim_tokens();
    let (description, profile) = ("Okta, production".to_owned(), Profile::Okta.into());
    let request = CreateScimTokenRequest { description, profile, expire_time: None };
    let made = tokens.create_scim_token(request).await.unwrap().into_inner();
    let token = made.scim_token.unwrap();
    assert_eq!(token.created_by_user_id, server.admin.id());
    let (_, stored) = scim_token::authenticate(&server.services, &made.secret).await.unwrap();
    assert_eq!(stored.profile, ClientProfile::Okta);

    let scim_token_id = token.id.clone();
    let profile = Some(Profile::Entra.into());
    let request = UpdateScimTokenRequest { scim_token_id: scim_token_id.clone(), description: None, profile };
    let changed = tokens.update_scim_token(request).await.unwrap().into_inner().scim_token.unwrap();
    assert_eq!((changed.description.as_str(), changed.profile()), ("Okta, production", Profile::Entra));
    let (_, stored) = scim_token::authenticate(&server.services, &made.secret).await.unwrap();
    assert_eq!(stored.profile, ClientProfile::Entra);

    let listed = tokens.list_scim_tokens(ListScimTokensRequest::default()).await.unwrap().into_inner();
    let unused = Some(ScimTokenUsage::default());
    assert_eq!(listed.scim_tokens, [ScimToken { usage: unused, ..changed }]);
    let request = DeleteScimTokenRequest { scim_token_id };
    tokens.delete_scim_token(request.clone()).await.unwrap();
    assert!(scim_token::authenticate(&server.services, &made.secret).await.is_err());
    let status = tokens.delete_scim_token(request).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "scim_token_id"));
}

#[tokio::test]
async fn what_breaks_a_rule_is_named() {
    let server = Harness::start().await;
    let mut tokens = server.admin_calls().roster_scim_tokens();
    let long = CreateScimTokenRequest { description: "x".repeat(351), ..Default::default() };
    let status = tokens.create_scim_token(long).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "description"));
    let scim_token_id = server.scim_token().await.0.to_string();
    for profile in [0, 9] {
        let request = UpdateScimTokenRequest {
            scim_token_id: scim_token_id.clone(),
            profile: Some(profile),
            description: None,
        };
        let status = tokens.update_scim_token(request).await.unwrap_err();
        assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "profile"));
    }
}
