//! What everyone may call, and what every method has: health, reflection, sizes, compression, unknown methods.

use futures::stream;
use prost::Message;
use prost_types::FileDescriptorProto;
use roster::proto::buf::alpha::registry::v1alpha1::{
    GetCurrentUserRequest, UpdateOrganizationSettingsRequest,
};
use serde_json::Value;
use tonic::{Code, Status, codec::CompressionEncoding};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::support::{Harness, reason_of};

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

/// The error by which a call of `method` ends, and the HTTP status, by Connect with this content type.
async fn by_connect(server: &Harness, method: &str, content_type: &str) -> (u16, Value) {
    let url = format!("{}/{method}", server.app.url);
    let client = reqwest::Client::new();
    let request = if content_type.is_empty() {
        client.get(format!("{url}?connect=v1&encoding=json&message=%7B%7D"))
    } else {
        client.post(url).header("content-type", content_type).body("{}")
    };
    let answer = request.bearer_auth(&server.admin.token).send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.bytes().await.unwrap());
    let end = if content_type.contains("connect+") { &body[5..] } else { &body };
    let end: Value = serde_json::from_slice(end).unwrap();
    (status, if status == 200 { end["error"].clone() } else { end })
}

#[tokio::test]
async fn what_is_not_served_is_named_in_each_protocol() {
    let server = Harness::start().await;
    for (method, sentence) in [
        (
            "buf.registry.module.v1.ModuleService/GetModules",
            "this server does not serve buf.registry.module.v1.ModuleService: ",
        ),
        ("roster.v1.MembershipService/Nothing", "roster.v1.MembershipService has no method Nothing"),
        ("nothing", "this server does not serve nothing: "),
    ] {
        for (content_type, http) in [
            ("application/json", 501),
            ("application/proto", 501),
            ("", 501),
            ("application/connect+json", 200),
        ] {
            let (status, error) = by_connect(&server, method, content_type).await;
            assert_eq!(
                (status, error["code"].as_str()),
                (http, Some("unimplemented")),
                "{content_type} {error}"
            );
            assert!(error["message"].as_str().unwrap().starts_with(sentence), "{error}");
            assert_eq!(error["details"][0]["type"], "google.rpc.ErrorInfo");
        }
        for content_type in ["application/grpc", "application/grpc-web+proto"] {
            let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
            let request =
                client.post(format!("{}/{method}", server.app.url)).bearer_auth(&server.admin.token);
            let answer =
                request.header("content-type", content_type).body(vec![0_u8; 5]).send().await.unwrap();
            let status = Status::from_header_map(answer.headers()).unwrap();
            assert_eq!(
                (answer.status().as_u16(), status.code()),
                (200, Code::Unimplemented),
                "{content_type}"
            );
            assert!(status.message().starts_with(sentence), "{status:?}");
            assert_eq!(reason_of(&status), "UNIMPLEMENTED");
        }
    }
}

/// As `grpcurl` does: the types in an error's details are asked for by their names.
#[tokio::test]
async fn reflection_describes_the_details_of_errors() {
    let server = Harness::start().await;
    let mut client = ServerReflectionClient::new(server.with_authorization(None).0);
    for name in ["Status", "ErrorInfo", "BadRequest", "BadRequest.FieldViolation", "RetryInfo"] {
        let symbol = MessageRequest::FileContainingSymbol(format!("google.rpc.{name}"));
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(symbol) };
        let answers = client.server_reflection_info(stream::iter([request])).await;
        let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap().message_response;
        let Some(MessageResponse::FileDescriptorResponse(found)) = answer else {
            panic!("{name}: {answer:?}")
        };
        let file = FileDescriptorProto::decode(found.file_descriptor_proto[0].as_slice()).unwrap();
        assert_eq!(file.package(), "google.rpc");
    }
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
