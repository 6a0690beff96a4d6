//! Decisions that are given again while the database is as it was (services floor).

use super::ask::{Decisions, Question};
use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{Decision, MemberKey},
        role::OrganizationRole,
    },
    services::{
        memory::{Answers, Epoch},
        reference::Ref,
    },
};

/// Most decisions that are remembered: some 15 MB.
const DECISIONS: usize = 1 << 16;

/// Who asks, as far as it matters, about whom, and where.
type Asked = (Option<UserId>, Ref<UserId>, Ref<OrganizationId>);
/// Who and where by id, the role, and a revision up to which every change is in it.
type Answered = (MemberKey, Option<OrganizationRole>, u64);

/// The decisions of late.
#[derive(Debug)]
pub(in crate::services) struct Remembered(Answers<Asked, Answered>);

impl Default for Remembered {
    fn default() -> Self {
        Self(Answers::new(DECISIONS))
    }
}

impl Remembered {
    /// All of the answers, or none.
    pub(super) fn recall(
        &self,
        epoch: Option<Epoch>,
        caller: &Caller,
        questions: &[Question],
    ) -> Option<Decisions> {
        epoch?;
        let mut decisions = Vec::with_capacity(questions.len());
        let mut revision = u64::MAX;
        for question in questions {
            let (key, role, at) = self.0.get(epoch, &asked(caller, question))?;
            decisions.push(Decision::new(key, role, question.least));
            revision = revision.min(at);
        }
        Some(Decisions { decisions, revision })
    }

    pub(super) fn keep(
        &self,
        epoch: Option<Epoch>,
        caller: &Caller,
        questions: &[Question],
        given: &Decisions,
    ) {
        for (question, decision) in questions.iter().zip(&given.decisions) {
            self.0.put(epoch, asked(caller, question), &(decision.key, decision.role, given.revision));
        }
    }
}

/// All server admins see the same; of others each sees what it may.
fn asked(caller: &Caller, question: &Question) -> Asked {
    let caller = caller.user_id().filter(|_| !caller.actor.is_server_admin());
    (caller, question.user.clone(), question.organization.clone())
}
