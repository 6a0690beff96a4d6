//! What everyone may call, and what every method has: health, reflection, sizes, compression, unknown methods.

use futures::stream;
use roster::proto::buf::alpha::registry::v1alpha1::{
    GetCurrentUserRequest, UpdateOrganizationSettingsRequest,
};
use tonic::{Code, codec::CompressionEncoding};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::support::Harness;

#[tokio::test]
async fn health_of_each_service_is_open_to_everyone() {
    let server = Harness::start().await;
    let mut client = HealthClient::new(server.with_authorization(None).0);
    for service in ["", "buf.alpha.registry.v1alpha1.SCIMTokenService", "buf.registry.owner.v1.UserService"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        assert_eq!(client.check(request).await.unwrap().into_inner().status(), ServingStatus::Serving);
    }
    let request = HealthCheckRequest { service: "no.such.Service".to_owned() };
    assert_eq!(client.check(request).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_what_is_served_and_describes_it() {
    let server = Harness::start().await;
    let mut client = ServerReflectionClient::new(server.with_authorization(None).0);
    let ask = |request| ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let requests = stream::iter([
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol("buf.registry.owner.v1.OrganizationService".to_owned())),
    ]);
    let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
    let listed = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(listed)) = listed else { panic!("{listed:?}") };
    let mut names: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
    names.sort();
    let expected = [
        "buf.alpha.registry.v1alpha1.AdminService",
        "buf.alpha.audit.v1alpha1.AuditService",
        "buf.alpha.registry.v1alpha1.AuthnService",
        "buf.alpha.registry.v1alpha1.AuthzService",
        "buf.alpha.registry.v1alpha1.DisplayService",
        "buf.alpha.registry.v1alpha1.OrganizationService",
        "buf.alpha.registry.v1alpha1.SCIMTokenService",
        "buf.alpha.registry.v1alpha1.TokenService",
        "buf.alpha.registry.v1alpha1.UserService",
        "buf.registry.owner.v1.OrganizationService",
        "buf.registry.owner.v1.UserService",
        "grpc.health.v1.Health",
    ];
    assert!(expected.iter().all(|name| names.iter().any(|found| found == name)), "{names:?}");
    assert!(!names.iter().any(|name| name.ends_with("EchoService")), "{names:?}");
    let described = answers.message().await.unwrap().unwrap().message_response;
    assert!(matches!(described, Some(MessageResponse::FileDescriptorResponse(_))), "{described:?}");
}

#[tokio::test]
async fn a_service_that_is_not_served_is_unimplemented() {
    let server = Harness::start().await;
    let method = "buf.alpha.registry.v1alpha1.RepositoryService/GetRepository";
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request = client.post(format!("{}/{method}", server.app.url)).bearer_auth(&server.admin.token);
    let request = request.header("content-type", "application/grpc").body(vec![0_u8; 5]);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["grpc-status"], "12");
}

#[tokio::test]
async fn who_is_not_let_in_gets_a_status_in_the_headers_alone() {
    let server = Harness::start().await;
    let url = format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", server.app.url);
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request = client.post(url).header("content-type", "application/grpc").body(vec![0_u8; 5]);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(response.headers()["grpc-status"], "16");
    assert!(response.headers().contains_key("grpc-status-details-bin"));
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn gzip_is_spoken_both_ways() {
    let server = Harness::start().await;
    let mut client = server.admin_calls().authn();
    client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    let answer = client.get_current_user(GetCurrentUserRequest {}).await.unwrap();
    assert_eq!(answer.metadata().get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(answer.into_inner().user.unwrap().username, "root");
}

#[tokio::test]
async fn a_message_above_four_mebibytes_is_refused() {
    let server = Harness::start().await;
    let description = Some("d".repeat(4 << 20));
    let request = UpdateOrganizationSettingsRequest { description, ..Default::default() };
    let status =
        server.admin_calls().organizations().update_organization_settings(request).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
}
