//! What `ProvisioningService` refuses.

use roster::proto::roster::v1::{PauseProvisioningRequest, ResumeProvisioningRequest};
use tonic::Code;

use crate::support::{Harness, field_of};

#[tokio::test]
async fn a_pause_has_a_reason_and_a_token_that_is_there() {
    let server = Harness::start().await;
    let mut client = server.admin_calls().provisioning();
    let unknown = "0190c0de00007000800000000badcafe";
    let cases = [
        ("", " ", Code::InvalidArgument, "reason"),
        ("", &"x".repeat(351), Code::InvalidArgument, "reason"),
        ("x", "why", Code::InvalidArgument, "scim_token_id"),
        (unknown, "why", Code::NotFound, "scim_token_id"),
    ];
    for (scim_token_id, reason, code, field) in cases {
        let (scim_token_id, reason) = (scim_token_id.to_owned(), reason.to_owned());
        let request = PauseProvisioningRequest { scim_token_id, reason };
        let status = client.pause_provisioning(request).await.unwrap_err();
        assert_eq!((status.code(), field_of(&status).as_str()), (code, field));
    }
    let request = ResumeProvisioningRequest { scim_token_id: unknown.to_owned() };
    let status = client.resume_provisioning(request).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "scim_token_id"));
}
