//! What is told of memberships agrees with what they are: previews come true, and every role is explained.

use std::collections::BTreeMap;

use roster::{
    domain::{
        id::{OrganizationId, UserId},
        membership::{Counts, Effective},
        page::PageRequest,
    },
    services::{
        Error, jit,
        membership::{self, Question},
        organization_group::{self, Preview, Proposal, RoleChange},
        user::Ref,
    },
};

use super::{Step, World};

type Held = BTreeMap<UserId, Effective>;

/// What a preview tells of a step, and the members before it.
pub(super) struct Foreseen {
    organization: OrganizationId,
    preview: Result<Preview, Error>,
    before: Held,
}

impl Foreseen {
    /// The preview of a step that has one.
    pub(super) async fn of(world: &World, step: Step) -> Option<Self> {
        let (services, admin) = (&world.services, &world.admin);
        let mapping = async |o: usize, n: usize, proposal| {
            let (reference, name) = (Ref::Id(world.organizations[o]), format!("GROUP {n}"));
            (o, organization_group::preview(services, admin, &reference, &name, proposal).await)
        };
        let everyone = async |o: usize, proposal| {
            (o, jit::preview(services, admin, &Ref::Id(world.organizations[o]), proposal).await)
        };
        let (organization, preview) = match step {
            Step::MapGroup(o, n, role) => mapping(o, n, Proposal::Add(Some(role))).await,
            Step::ChangeMapping(o, n, role) => mapping(o, n, Proposal::Update(RoleChange::Set(role))).await,
            Step::UnmapGroup(o, n) => mapping(o, n, Proposal::Remove).await,
            Step::SetEveryone(o, role) => everyone(o, jit::Proposal::Set(role)).await,
            Step::RemoveEveryone(o) => everyone(o, jit::Proposal::Remove).await,
            _ => return None,
        };
        let organization = world.organizations[organization];
        Some(Self { organization, preview, before: members(world, organization).await })
    }

    /// The step did what was foreseen, and nothing else.
    pub(super) async fn assert_came_true(self, world: &World, step: Step, outcome: &Result<(), Error>) {
        let after = members(world, self.organization).await;
        let preview = match (self.preview, outcome) {
            (Ok(preview), Ok(())) => preview,
            (Err(told), Err(real)) => {
                assert_eq!((told.kind, told.reason, &told.message), (real.kind, real.reason, &real.message));
                return;
            }
            (told, real) => panic!("{step:?}: foreseen {told:?}, but {real:?}"),
        };
        let mut expected = self.before.clone();
        for change in preview.effects() {
            let (organization, user) = change.key;
            assert_eq!(organization, self.organization);
            assert_eq!(self.before.get(&user).copied(), change.before, "{step:?}");
            match change.after {
                Some(held) => expected.insert(user, held),
                None => expected.remove(&user),
            };
        }
        assert_eq!(expected, after, "{step:?}");
        assert_counts(preview.counts(), &self.before, &after, preview.effects().len());
    }
}

fn assert_counts(counts: Counts, before: &Held, after: &Held, told: usize) {
    let count = |count: usize| u64::try_from(count).unwrap();
    let added = after.keys().filter(|user| !before.contains_key(user)).count();
    let removed = before.keys().filter(|user| !after.contains_key(user)).count();
    let moved =
        |(user, held): &(&UserId, &Effective)| after.get(user).is_some_and(|now| now.role != held.role);
    let changed = before.iter().filter(moved).count();
    let staying = told - added - removed - changed;
    let expected = Counts {
        added: count(added),
        changed: count(changed),
        removed: count(removed),
        staying: count(staying),
    };
    assert_eq!(counts, expected);
}

async fn members(world: &World, organization: OrganizationId) -> Held {
    let page = PageRequest::new(250, "", false).unwrap();
    let listed = membership::list_of_organization(&world.services, &world.admin, organization, &page).await;
    listed.unwrap().items.into_iter().map(|member| (member.user.id, member.effective)).collect()
}

/// Every effective role has a grant that gives it, whoever is no member has none, and a question is answered by
/// the same role.
pub(super) async fn assert_explained(world: &World) {
    for &organization in &world.organizations {
        let held = members(world, organization).await;
        for &(_, user) in &world.users {
            let (user_ref, organization_ref) = (Ref::Id(user), Ref::Id(organization));
            let told = membership::explain(&world.services, &world.admin, &user_ref, &organization_ref).await;
            let explanation = told.unwrap().0;
            let role = held.get(&user).copied();
            assert_eq!(explanation.effective, role);
            assert_eq!(explanation.grants.is_empty(), role.is_none());
            assert!(role.is_none_or(|role| explanation.grants[0].grant.effective == role));
            assert!(explanation.withheld.is_empty() || explanation.deactivated);
            let question = Question { user: user_ref, organization: organization_ref, least: None };
            let answer = membership::ask(&world.services, &world.admin, &[question]).await.unwrap();
            assert_eq!(answer.decisions[0].role, role.map(|held| held.role));
        }
    }
}
