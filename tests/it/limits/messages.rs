//! How large a message of an RPC may be.

use roster::proto::buf::alpha::registry::v1alpha1::{
    CreateOrganizationRequest, organization_service_client::OrganizationServiceClient,
};
use serde_json::{Value, json};
use tonic::{Code, Request};

use crate::process::{Serving, serve::dev_token};

/// The codes by gRPC and by Connect of a name so long, on a server that takes messages of `limit`.
async fn codes(limit: &str, length: usize) -> (Code, String) {
    let folder = tempfile::tempdir().unwrap();
    let limit = format!("limits.message={limit}");
    let mut serving = Serving::start(folder.path(), &["--dev", "--set", &limit]).await;
    let token = dev_token(&mut serving).await;
    let name = "x".repeat(length);
    let mut grpc = OrganizationServiceClient::connect(serving.url.clone()).await.unwrap();
    let mut request = Request::new(CreateOrganizationRequest { name: name.clone() });
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let code = grpc.create_organization(request).await.unwrap_err().code();
    let url = format!("{}/buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization", serving.url);
    let connect = reqwest::Client::new().post(url).bearer_auth(&token).json(&json!({ "name": name }));
    let answer: Value = connect.send().await.unwrap().json().await.unwrap();
    (code, answer["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_message_above_the_limit_is_too_much_and_one_below_is_read() {
    let too_much = (Code::ResourceExhausted, "resource_exhausted".to_owned());
    let read = (Code::InvalidArgument, "invalid_argument".to_owned());
    assert_eq!(codes("1KiB", 2 << 10).await, too_much);
    assert_eq!(codes("1KiB", 512).await, read);
    assert_eq!(codes("4MiB", 5 << 20).await, too_much);
    assert_eq!(codes("8MiB", 5 << 20).await, read);
}
