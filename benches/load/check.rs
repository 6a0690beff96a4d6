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
    driver::{AsyncStep, Load, drive},
    process::Server,
    report::Table,
    seed::{Kind, Seeded},
};

const LOAD: Load = Load { connections: 8, requests: 60_000 };
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

/// Makes an organization, and maps a group to it.
pub(crate) async fn map(server: &Server, token: &str, organization: &str, group: &str) -> Result<()> {
    let mut client = OrganizationServiceClient::new(channel(server).await?);
    let new = CreateOrganizationRequest { name: organization.to_owned() };
    let made = client.create_organization(signed(new, token)?).await?.into_inner().organization;
    let organization_id = made.context("no organization")?.id;
    let group_name = group.to_owned();
    let mapping = AddOrganizationGroupRequest { organization_id, group_name, ..Default::default() };
    client.add_organization_group(signed(mapping, token)?).await?;
    Ok(())
}

fn question(number: usize, users: usize) -> CheckMembershipRequest {
    let name = format!("user{}", (number * 7_919) % users.max(1));
    CheckMembershipRequest {
        user_ref: Some(UserRef { value: Some(user_ref::Value::Name(name)) }),
        organization_ref: Some(OrganizationRef {
            value: Some(organization_ref::Value::Name("acme".to_owned())),
        }),
        ..Default::default()
    }
}

struct One {
    users: usize,
    token: String,
}

impl AsyncStep<MembershipServiceClient<Channel>> for One {
    async fn step(&self, client: &mut MembershipServiceClient<Channel>, index: usize) -> Result<()> {
        client.check_membership(signed(question(index, self.users), &self.token)?).await?;
        Ok(())
    }
}

struct Batch(One);

impl AsyncStep<MembershipServiceClient<Channel>> for Batch {
    async fn step(&self, client: &mut MembershipServiceClient<Channel>, index: usize) -> Result<()> {
        let Self(One { users, token }) = self;
        let values = (0..BATCH).map(|item| {
            let CheckMembershipRequest { user_ref, organization_ref, minimum_role, .. } =
                question(index * BATCH + item, *users);
            batch_check_memberships_request::Value { user_ref, organization_ref, minimum_role }
        });
        client
            .batch_check_memberships(signed(
                BatchCheckMembershipsRequest { values: values.collect(), ..Default::default() },
                token,
            )?)
            .await?;
        Ok(())
    }
}

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    let members = seeded.users(users).await?;
    seeded.group("Everyone", &members).await?;
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    map(&server, &seeded.api, "acme", "Everyone").await?;
    let baseline = Server::baseline(&["constant"]).await?;
    let one = || One { users, token: seeded.api.clone() };
    let mut figures = Vec::new();
    for server in [&baseline, &server] {
        let open = || async { Ok(MembershipServiceClient::new(channel(server).await?)) };
        drive(server, Load { requests: LOAD.requests / 10, ..LOAD }, open, one()).await?;
        figures.push(drive(server, LOAD, open, one()).await?);
    }
    let [bare, ours] = figures.try_into().ok().context("two servers")?;
    let title = format!("CheckMembership by gRPC, {users} members, 8 connections ({})", kind.name());
    let mut table = Table::new(title);
    table.pair(("a constant", bare), ("CheckMembership", ours));
    let open = || async { Ok(MembershipServiceClient::new(channel(&server).await?)) };
    let single = Load { connections: 1, requests: 2_000 };
    let alone = drive(&server, single, open, one()).await?;
    let batch = drive(&server, Load { requests: 200, ..single }, open, Batch(one())).await?;
    table.growth(("CheckMembership, 1 connection", alone), ("BatchCheckMemberships of 1,000", batch));
    Ok(table)
}
