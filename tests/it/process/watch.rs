//! A stream that watches does not keep the process from ending.

use roster::proto::roster::v1::{
    WatchMembershipsRequest, membership_service_client::MembershipServiceClient,
};
use tonic::{Code, Request, transport::Channel};

use super::{Serving, serve::dev_token};

#[tokio::test]
async fn a_signal_ends_the_streams() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    let token = dev_token(&mut serving).await;
    let channel = Channel::from_shared(serving.url.clone()).unwrap().connect().await.unwrap();
    let mut request = Request::new(WatchMembershipsRequest { snapshot: true, ..Default::default() });
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let mut stream =
        MembershipServiceClient::new(channel).watch_memberships(request).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    serving.signal("-TERM").await;
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(serving.end().await.0, Some(0));
}
