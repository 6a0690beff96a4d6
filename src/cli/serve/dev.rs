//! What `serve --dev` prints: a token and the lines to paste next (cli floor).

use std::time::Duration;

use crate::services::{Services, bootstrap};

/// The admin that `--dev` makes.
const ADMIN: &str = "admin";
/// How long its token lives.
const DAY: Duration = Duration::from_hours(24);

/// Lines for a shell, in which each step uses what the one before answered.
const LINES: &str = r#"
# Development mode. Paste these lines into another shell; the token lives for a day.
export ROSTER=@URL@ TOKEN=@TOKEN@
value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
rpc() { curl -sS "$ROSTER/buf.alpha.registry.v1alpha1.$1" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d "$2"; }
scim() { curl -sS "$ROSTER/scim/v2/$1" -H "Authorization: Bearer $SCIM_TOKEN" -H "Content-Type: application/scim+json" -d "$2"; }

# 1. a SCIM token, which an identity provider signs in with
export SCIM_TOKEN=$(rpc SCIMTokenService/CreateSCIMToken '{}' | value token)
# 2. an organization
export ORGANIZATION=$(rpc OrganizationService/CreateOrganization '{"name":"acme"}' | value id)
# 3. map the group Engineering to it: its members become admins
rpc OrganizationService/AddOrganizationGroup '{"organization_id":"'$ORGANIZATION'","group_name":"Engineering","role_override":"ORGANIZATION_ROLE_ADMIN"}'
# 4. push a user and a group, as an identity provider does
export USER_ID=$(scim Users '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann@example.com","active":true,"emails":[{"type":"work","value":"ann@example.com"}]}' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
scim Groups '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Engineering","members":[{"value":"'$USER_ID'"}]}'
# 5. list the members of the organization: ann is an admin of acme, through the group
rpc UserService/ListOrganizationUsers '{"organization_id":"'$ORGANIZATION'"}'
"#;

/// The lines, with a token of a day for a server admin.
pub(super) async fn lines(services: &Services, url: &str) -> anyhow::Result<String> {
    let token = bootstrap::development(services, ADMIN, DAY).await?;
    Ok(LINES.replace("@URL@", url).replace("@TOKEN@", token.reveal()))
}
