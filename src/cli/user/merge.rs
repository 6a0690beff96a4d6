//! `roster user merge`: first what becomes of two accounts of one person, then one of them (cli floor).

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;

use super::account;
use crate::{
    cli::{exit::Exit, failure::Failure, named::Named, session::Session, show, word},
    proto::roster::v1::{
        MergeUsersRequest, MergedMembership, PreviewMergeUsersRequest, UserMerge,
        user_service_client::UserServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The account that ends: its tokens are revoked, and its name is given to nobody else
    #[arg(value_name = "FROM")]
    from: Named,

    /// The account that stays, with its name
    #[arg(value_name = "INTO")]
    into: Named,

    /// Merge without asking; else the command shows what becomes of the accounts, and asks on a terminal
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (from, into) = (Some((&arguments.from).into()), Some((&arguments.into).into()));
    let mut client = session.client(UserServiceClient::with_origin);
    if !arguments.yes {
        let request = PreviewMergeUsersRequest {
            from_user_ref: from.clone(),
            into_user_ref: into.clone(),
            min_revision: 0,
        };
        let planned = client.preview_merge_users(request).await?.into_inner();
        session.show(&planned, |planned| planned.user_merge.as_ref().map(text).unwrap_or_default())?;
        ask()?;
    }
    let request = MergeUsersRequest { from_user_ref: from, into_user_ref: into };
    let done = client.merge_users(request).await?.into_inner();
    session.show(&done, |done| done.user_merge.as_ref().map(text).unwrap_or_default())
}

/// Goes on when a person says so.
fn ask() -> anyhow::Result<()> {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        let mut answer = String::new();
        write!(io::stderr(), "merge them, for good? [y/N] ")?;
        io::stdin().read_line(&mut answer)?;
        if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
            return Ok(());
        }
    }
    Err(Failure::new(Exit::Usage, "nothing was merged").with_hint("--yes merges without asking").into())
}

/// The accounts before and after, and what goes with them.
fn text(merge: &UserMerge) -> String {
    let accounts = [("from", &merge.from), ("into", &merge.into), ("merged", &merge.merged)];
    let accounts = accounts.into_iter().filter_map(|(what, account)| {
        let mut row = account::row(account.as_ref()?);
        row.insert(0, what.to_owned());
        Some(row)
    });
    let accounts = show::table(&[&["account"], account::HEADINGS].concat(), accounts.collect());
    let memberships = merge.memberships.iter().map(membership).collect();
    let memberships = show::table(&["organization", "from", "into", "merged", "source"], memberships);
    let lines = [
        accounts,
        memberships,
        format!("groups that stay: {}", list(&merge.kept_groups)),
        format!("groups that end: {}", list(&merge.ended_groups)),
        format!("API tokens: {} end, {} stay", merge.ended_token_count, merge.kept_token_count),
    ];
    lines.join("\n")
}

fn membership(membership: &MergedMembership) -> Vec<String> {
    vec![
        membership.organization_name.clone(),
        word::role(membership.from_role()),
        word::role(membership.into_role()),
        word::role(membership.merged_role()),
        word::source(membership.merged_source()),
    ]
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return word::NONE.to_owned();
    }
    names.iter().map(|name| show::plain(name)).collect::<Vec<_>>().join(", ")
}
