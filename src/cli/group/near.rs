//! Names of groups that are near one that nobody has pushed (cli floor).

use crate::{
    cli::{session::Session, show::plain},
    proto::roster::v1::{ListIdpGroupsRequest, idp_group_service_client::IdpGroupServiceClient},
};

/// So many names are offered at most.
const OFFERED: usize = 5;
/// The largest page of groups.
const PAGE: u32 = 250;

/// That nobody has pushed a group of this name, with those that may be meant. Nothing if there is one, and nothing if the
/// caller may not see: that is no reason to fail.
pub(super) async fn unpushed(session: &Session, name: &str) -> Option<String> {
    let exact = pushed(session, name).await?;
    if exact.iter().any(|group| key(group) == key(name)) {
        return None;
    }
    let mut near = exact;
    near.extend(pushed(session, "").await?.into_iter().filter(|group| is_near(group, name)));
    near.sort();
    near.dedup();
    near.truncate(OFFERED);
    let offered =
        if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    let name = plain(name);
    Some(format!(
        "no group named {name} has been pushed yet: the mapping takes effect when one is{}",
        plain(&offered)
    ))
}

/// The names of the first groups that have this in their names.
async fn pushed(session: &Session, name: &str) -> Option<Vec<String>> {
    let request = ListIdpGroupsRequest {
        page_size: PAGE,
        name_query: name.to_owned(),
        reverse: true,
        ..ListIdpGroupsRequest::default()
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let found = client.list_idp_groups(request).await.ok()?.into_inner();
    Some(found.idp_groups.into_iter().map(|group| group.display_name).collect())
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A name that differs in a few characters or in what is no letter, or is a part of the other.
fn is_near(group: &str, name: &str) -> bool {
    let letters =
        |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (group, name) = (letters(group), letters(name));
    if group.is_empty() || name.is_empty() {
        return false;
    }
    let few = (name.chars().count() / 4).max(1);
    group.contains(&name) || name.contains(&group) || strsim::damerau_levenshtein(&group, &name) <= few
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_meant_is_near() {
        for (group, name) in [
            ("Engineering", "engineerign"),
            ("Engineering", "Eng"),
            ("eng-backend", "Eng Backend"),
            ("Sales", "Sale"),
        ] {
            assert!(is_near(group, name), "{group} {name}");
        }
        for (group, name) in [("Engineering", "Sales"), ("Ops", "Eng"), ("—", "Eng"), ("Eng", "—")] {
            assert!(!is_near(group, name), "{group} {name}");
        }
    }
}
