//! "Is this user in that organization?", over gRPC, beside a method that answers a constant.

use std::time::Duration;

use anyhow::{Context as _, Result};
use roster::proto::{
    buf::alpha::registry::v1alpha1::{
        AddOrganizationGroupRequest, CreateOrganizationRequest,
        organization_service_client::OrganizationServiceClient,
    },
    roster::v1::{
        BatchCheckMembershipsRequest, CheckMembershipRequest, OrganizationRef, UserRef,
        batch_check_memberships_request, membership_service_client::MembershipServiceClient,
        organization_ref, user_ref,
    },
};
use tonic::{
    Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use crate::{
    driver::{AsyncStep, Load, by_turns, drive},
    process::Server,
    report::{Figures, Table},
    seed::{Kind, Seeded},
};

/// What is asked by turns.
const LOAD: Load = Load { connections: 8, requests: 12_000 };
const ALONE: Load = Load { connections: 1, requests: 500 };
const BATCHES: Load = Load { connections: 1, requests: 40 };
/// Questions of a batch.
const BATCH: usize = 1_000;

/// A connection of its own to a server.
pub(crate) async fn channel(server: &Server) -> Result<Channel> {
    Ok(Endpoint::new(format!("http://{}", server.address))?
        .timeout(Duration::from_mins(10))
        .connect()
        .await?)
}

/// `message` with the token of who asks.
pub(crate) fn signed<T>(message: T, token: &str) -> Result<Request<T>> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
    Ok(request)
}

/// Makes an organization, and tells its id.
pub(crate) async fn organization(server: &Server, token: &str, name: &str) -> Result<String> {
    let mut client = OrganizationServiceClient::new(channel(server).await?);
    let new = CreateOrganizationRequest { name: name.to_owned() };
    let made = client.create_organization(signed(new, token)?).await?.into_inner().organization;
    Ok(made.context("no organization")?.id)
}

/// Maps a group to an organization.
pub(crate) async fn map(server: &Server, token: &str, organization_id: String, group: &str) -> Result<()> {
    let mut client = OrganizationServiceClient::new(channel(server).await?);
    let group_name = group.to_owned();
    let mapping = AddOrganizationGroupRequest { organization_id, group_name, ..Default::default() };
    client.add_organization_group(signed(mapping, token)?).await?;
    Ok(())
}

/// Who is asked about, by numbers: so many users, in an order without order, each so many after the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    pub(crate) count: usize,
    pub(crate) step: usize,
    pub(crate) first: usize,
}

impl People {
    fn question(self, number: usize) -> CheckMembershipRequest {
        let user = (number * 7_919) % self.count.max(1) * self.step + self.first;
        let (user, acme) = (format!("user{user}"), "acme".to_owned());
        CheckMembershipRequest {
            user_ref: Some(UserRef { value: Some(user_ref::Value::Name(user)) }),
            organization_ref: Some(OrganizationRef { value: Some(organization_ref::Value::Name(acme)) }),
            ..Default::default()
        }
    }
}

struct One {
    people: People,
    token: String,
    /// Questions that were asked before.
    asked: usize,
}

impl AsyncStep<MembershipServiceClient<Channel>> for One {
    async fn step(&self, client: &mut MembershipServiceClient<Channel>, index: usize) -> Result<()> {
        let question = self.people.question(self.asked + index);
        client.check_membership(signed(question, &self.token)?).await?;
        Ok(())
    }
}

struct Batch(One);

impl AsyncStep<MembershipServiceClient<Channel>> for Batch {
    async fn step(&self, client: &mut MembershipServiceClient<Channel>, index: usize) -> Result<()> {
        let Self(One { people, token, asked }) = self;
        let values = (0..BATCH).map(|item| {
            let CheckMembershipRequest { user_ref, organization_ref, minimum_role, .. } =
                people.question((asked + index) * BATCH + item);
            batch_check_memberships_request::Value { user_ref, organization_ref, minimum_role }
        });
        let request = BatchCheckMembershipsRequest { values: values.collect(), ..Default::default() };
        client.batch_check_memberships(signed(request, token)?).await?;
        Ok(())
    }
}

/// A server that is asked about people, with a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) server: &'a Server,
    pub(crate) people: People,
    pub(crate) token: &'a str,
}

impl Asked<'_> {
    /// Single questions, after so many that were asked before.
    pub(crate) async fn one(&self, load: Load, asked: usize) -> Result<Figures> {
        drive(self.server, load, || self.open(), self.from(asked)).await
    }

    /// Batches of 1,000 questions, after so many batches that were asked before.
    pub(crate) async fn batch(&self, load: Load, asked: usize) -> Result<Figures> {
        drive(self.server, load, || self.open(), Batch(self.from(asked))).await
    }

    async fn open(&self) -> Result<MembershipServiceClient<Channel>> {
        Ok(MembershipServiceClient::new(channel(self.server).await?))
    }

    fn from(&self, asked: usize) -> One {
        One { people: self.people, token: self.token.to_owned(), asked }
    }
}

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    seeded.users(users).await?;
    seeded.group("Everyone", 0..users).await?;
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    map(&server, &seeded.api, organization(&server, &seeded.api, "acme").await?, "Everyone").await?;
    let baseline = Server::baseline(&["constant"]).await?;
    let ask =
        |server| Asked { server, people: People { count: users, step: 1, first: 0 }, token: &seeded.api };
    let (bare, ours) = (ask(&baseline), ask(&server));
    let title = format!("CheckMembership by gRPC, {users} members, 8 connections ({})", kind.name());
    let mut table = Table::new(title);
    let one =
        async |asked: Asked<'_>, load: Load, round| Ok([asked.one(load, round * load.requests).await?]);
    let turns = by_turns(async |at| one(bare, LOAD, at).await, async |at| one(ours, LOAD, at).await);
    let [(constant, check)] = turns.await?;
    table.pair(("a constant", constant), ("CheckMembership", check));
    let batches = async |round| Ok([ours.batch(BATCHES, round * BATCHES.requests).await?]);
    let [(alone, batch)] = by_turns(async |at| one(ours, ALONE, at).await, batches).await?;
    table.growth(("CheckMembership, 1 connection", alone), ("BatchCheckMemberships of 1,000", batch));
    Ok(table)
}
