//! Gateway floor: `roster.v1.MembershipService`.

use futures::stream::{BoxStream, StreamExt, unfold};
use tonic::{Response, Status};

use crate::{
    domain::page::PageRequest,
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::{required, roster as convert},
        status::{All, Violations, each, invalid, of_values},
    },
    proto::roster::v1::{
        BatchCheckMembershipsRequest, BatchCheckMembershipsResponse, CheckMembershipRequest,
        CheckMembershipResponse, ExplainMembershipRequest, ExplainMembershipResponse, ListMembershipsRequest,
        ListMembershipsResponse, OrganizationRef, UserRef, WatchMembershipsRequest, WatchMembershipsResponse,
        list_memberships_request::Scope, membership_service_server as server,
    },
    services::{
        Services,
        membership::{
            self, Question,
            watch::{Feed, Watch, Wish},
        },
    },
};

/// Most questions of a batch.
const BATCH_MAX: usize = 1_000;

/// Who is a member of what, and why.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct MembershipService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::MembershipService for MembershipService {
    type WatchMembershipsStream = BoxStream<'static, Result<WatchMembershipsResponse, Status>>;

    async fn check_membership(&self, call: Call<CheckMembershipRequest>) -> Reply<CheckMembershipResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let question = to_question("", request.user_ref, request.organization_ref, request.minimum_role)?;
        let answer = membership::ask(&self.0, &caller, &[question]).await?;
        let decision = answer.decisions.into_iter().next().map(convert::from_decision);
        Ok(Response::new(CheckMembershipResponse { decision, revision: answer.revision }))
    }

    async fn batch_check_memberships(
        &self,
        call: Call<BatchCheckMembershipsRequest>,
    ) -> Reply<BatchCheckMembershipsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        if request.values.is_empty() || request.values.len() > BATCH_MAX {
            return Err(invalid("values", format!("must have 1 to {BATCH_MAX} items")).into());
        }
        let questions = each(request.values.into_iter().enumerate().map(|(index, value)| {
            let item = format!("values[{index}].");
            to_question(&item, value.user_ref, value.organization_ref, value.minimum_role)
        }))?;
        let answer = membership::ask(&self.0, &caller, &questions).await.map_err(of_values)?;
        let decisions = answer.decisions.into_iter().map(convert::from_decision).collect();
        Ok(Response::new(BatchCheckMembershipsResponse { decisions, revision: answer.revision }))
    }

    async fn list_memberships(&self, call: Call<ListMembershipsRequest>) -> Reply<ListMembershipsResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let page = PageRequest::new(request.page_size, &request.page_token, request.reverse)?;
        let found = match required("scope", request.scope)? {
            Scope::OrganizationRef(given) => {
                let organization = convert::to_organization_ref("organization_ref", Some(given))?;
                membership::list_members(&self.0, &caller, &organization, &page).await?
            }
            Scope::UserRef(given) => {
                let user = convert::to_user_ref("user_ref", Some(given))?;
                membership::list_of_user(&self.0, &caller, &user, &page).await?
            }
        };
        let found = found.map(convert::from_held);
        let (memberships, next_page_token) = (found.items, found.next_page_token);
        Ok(Response::new(ListMembershipsResponse { memberships, next_page_token }))
    }

    async fn watch_memberships(
        &self,
        call: Call<WatchMembershipsRequest>,
    ) -> Reply<Self::WatchMembershipsStream> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let organization = request.organization_ref;
        let organization =
            organization.map(|given| convert::to_organization_ref("organization_ref", Some(given)));
        let user = request.user_ref.map(|given| convert::to_user_ref("user_ref", Some(given)));
        let (organization, user) = (organization.transpose(), user.transpose()).all()?;
        let wish = Wish { organization, user, snapshot: request.snapshot, after: request.after_revision };
        let watch = Watch::open(&self.0, caller, wish).await?;
        Ok(Response::new(unfold(Some(watch.feed()), follow).boxed()))
    }

    async fn explain_membership(
        &self,
        call: Call<ExplainMembershipRequest>,
    ) -> Reply<ExplainMembershipResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let (user, organization) = (
            convert::to_user_ref("user_ref", request.user_ref),
            convert::to_organization_ref("organization_ref", request.organization_ref),
        )
            .all()?;
        let (explanation, revision) = membership::explain(&self.0, &caller, &user, &organization).await?;
        Ok(Response::new(convert::from_explanation(explanation, revision)))
    }
}

/// A question whose fields are named with `item` in front.
fn to_question(
    item: &str,
    user: Option<UserRef>,
    organization: Option<OrganizationRef>,
    minimum_role: i32,
) -> Result<Question, Violations> {
    let (user, organization, least) = (
        convert::to_user_ref(&format!("{item}user_ref"), user),
        convert::to_organization_ref(&format!("{item}organization_ref"), organization),
        convert::to_role(&format!("{item}minimum_role"), minimum_role),
    )
        .all()?;
    Ok(Question { user, organization, least })
}

/// One message of a stream, and how it goes on: not after an error.
async fn follow(feed: Option<Feed>) -> Option<(Result<WatchMembershipsResponse, Status>, Option<Feed>)> {
    let mut feed = feed?;
    match feed.next().await {
        Ok(told) => Some((Ok(convert::from_told(told)), Some(feed))),
        Err(error) => Some((Err(error.into()), None)),
    }
}
