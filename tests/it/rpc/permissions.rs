//! Who may do what: every RPC, by every kind of caller.

mod asking;
mod calls;
mod roster;
mod world;

use tonic::{Code, Status};

use crate::support::Harness;
use world::{CALLERS, World};

/// `.` is allowed; `U` unauthenticated, `P` permission denied, `N` not found, `X` unimplemented.
///
/// The columns: nobody, a SCIM token, a user who is no member, a member, a writer, an admin and an owner of the
/// organization, and a server admin who is no member of it. The token, user and member that the RPCs act on are
/// someone else's and another member.
const TABLE: &str = "
SCIMTokenService/CreateSCIMToken                 U U P P P P P .
SCIMTokenService/ListSCIMTokens                  U U P P P P P .
SCIMTokenService/DeleteSCIMToken                 U U P P P P P .
TokenService/CreateToken (own)                   U U . . . . . .
TokenService/CreateToken (of another)            U U P P P P P .
TokenService/GetToken                            U U N N N N N .
TokenService/ListTokens (own)                    U U . . . . . .
TokenService/ListTokens (of another)             U U P P P P P .
TokenService/DeleteToken                         U U N N N N N .
AuthnService/GetCurrentUser                      U U . . . . . .
AuthnService/GetCurrentUserSubject               U U . . . . . .
AdminService/CreateMachineUser                   U U P P P P P .
AdminService/ForceDeleteUser                     U U P P P P P .
AdminService/UpdateUserVerificationStatus        U U P P P P P .
AdminService/UpdateOrganizationVerificationStatus U U N P P P P .
AuditService/ListAuditedEvents                   U U P P P P P .
OwnerService/GetOwnerByName                      U U N . . . . .
AuthzService/UserCanSeeOrganizationSettings      U U N . . . . .
AuthzService/UserCanAddOrganizationMember        U U N . . . . .
AuthzService/UserCanUpdateOrganizationMember     U U N . . . . .
AuthzService/UserCanRemoveOrganizationMember     U U N . . . . .
AuthzService/UserCanDeleteOrganization           U U N . . . . .
AuthzService/UserCanDeleteUser                   U U . . . . . .
AuthzService/UserCanSeeServerAdminPanel          U U . . . . . .
AuthzService/UserCanDeleteRepository             U U X X X X X X
DisplayService/DisplayOrganizationElements       U U N . . . . .
DisplayService/DisplayUserElements               U U . . . . . .
DisplayService/DisplayServerElements             U U . . . . . .
DisplayService/DisplayPluginElements             U U X X X X X X
UserService/CreateUser                           U U P P P P P .
UserService/GetUser                              U U . . . . . .
UserService/GetUserByUsername                    U U . . . . . .
UserService/ListUsers                            U U . . . . . .
UserService/ListOrganizationUsers                U U N . . . . .
UserService/CountUsers                           U U . . . . . .
UserService/DeactivateUser                       U U P P P P P .
UserService/UpdateUserServerRole                 U U P P P P P .
UserService/UpdateUserSettings                   U U P P P P P .
OrganizationService/GetOrganization              U U N . . . . .
OrganizationService/GetOrganizationByName        U U N . . . . .
OrganizationService/ListOrganizations            U U . . . . . .
OrganizationService/ListUserOrganizations        U U . . . . . .
OrganizationService/GetUserOrganization          U U N . . . . .
OrganizationService/CreateOrganization           U U . . . . . .
OrganizationService/DeleteOrganization           U U N P P P . .
OrganizationService/DeleteOrganizationByName     U U N P P P . .
OrganizationService/AddOrganizationMember        U U N P P . . .
OrganizationService/AddOrganizationMember OWNER  U U N P P P . .
OrganizationService/UpdateOrganizationMember     U U N P P . . .
OrganizationService/UpdateOrganizationMember OWNER U U N P P P . .
OrganizationService/RemoveOrganizationMember     U U N P P . . .
OrganizationService/GetOrganizationSettings      U U N . . . . .
OrganizationService/UpdateOrganizationSettings   U U N P P . . .
OrganizationService/AddOrganizationGroup         U U N P P . . .
OrganizationService/AddOrganizationGroup OWNER   U U N P P P . .
OrganizationService/UpdateOrganizationGroup      U U N P P . . .
OrganizationService/UpdateOrganizationGroup OWNER U U N P P P . .
OrganizationService/RemoveOrganizationGroup      U U N P P . . .
owner.v1.UserService/GetCurrentUser              U U . . . . . .
owner.v1.UserService/GetUsers                    U U . . . . . .
owner.v1.UserService/ListUsers                   U U . . . . . .
owner.v1.UserService/CreateUsers                 U U P P P P P .
owner.v1.UserService/UpdateUsers                 U U P P P P P .
owner.v1.UserService/UpdateUsers INACTIVE        U U P P P P P .
owner.v1.UserService/DeleteUsers                 U U P P P P P .
owner.v1.OwnerService/GetOwners                  U U N . . . . .
owner.v1.OrganizationService/GetOrganizations    U U N . . . . .
owner.v1.OrganizationService/ListOrganizations   U U . . . . . .
owner.v1.OrganizationService/CreateOrganizations U U . . . . . .
owner.v1.OrganizationService/CreateOrganizations VERIFIED U U P P P P P .
owner.v1.OrganizationService/UpdateOrganizations U U N P P . . .
owner.v1.OrganizationService/UpdateOrganizations VERIFIED U U N P P P P .
owner.v1.OrganizationService/DeleteOrganizations U U N P P P . .
owner.v1.OrganizationService/GetOrganizationSettings U U N . . . . .
owner.v1.OrganizationService/UpdateOrganizationSettings U U N P P . . .
roster.v1.ScimTokenService/CreateScimToken       U U P P P P P .
roster.v1.ScimTokenService/ListScimTokens        U U P P P P P .
roster.v1.ScimTokenService/GetScimToken          U U P P P P P .
roster.v1.ScimTokenService/UpdateScimToken       U U P P P P P .
roster.v1.ScimTokenService/DeleteScimToken       U U P P P P P .
roster.v1.MembershipService/CheckMembership      U U N . . . . .
roster.v1.MembershipService/BatchCheckMemberships U U N . . . . .
roster.v1.MembershipService/ListMemberships      U U N . . . . .
roster.v1.MembershipService/ListMemberships (of user) U U . . . . . .
roster.v1.MembershipService/ExplainMembership    U U N . . . . .
roster.v1.MembershipService/WatchMemberships     U U N . . . . .
roster.v1.MembershipService/WatchMemberships (all) U U P P P P P .
roster.v1.IdpGroupService/ListIdpGroups          U U P P P P P .
roster.v1.IdpGroupService/ListIdpGroupMembers    U U P P P P P .
roster.v1.IdpGroupService/ListOrganizationGroups U U . . . . . .
roster.v1.IdpGroupService/PreviewOrganizationGroup U U N P P . . .
roster.v1.IdpGroupService/PreviewOrganizationGroup OWNER U U N P P P . .
roster.v1.JitService/ListJitOrganizations        U U P P P P P .
roster.v1.JitService/SetJitOrganization          U U P P P P P .
roster.v1.JitService/RemoveJitOrganization       U U P P P P P N
roster.v1.JitService/PreviewJitOrganization      U U P P P P P .
roster.v1.JitService/ListAdminEmails             U U P P P P P .
roster.v1.JitService/AddAdminEmail               U U P P P P P .
roster.v1.JitService/RemoveAdminEmail            U U P P P P P .
roster.v1.ProvisioningService/GetReadiness       U U P P P P P .
roster.v1.ProvisioningService/PauseProvisioning  U U P P P P P .
roster.v1.ProvisioningService/ResumeProvisioning U U P P P P P .
roster.v1.ProvisioningService/ListProvisioningRequests U U P P P P P .
roster.v1.ProvisioningService/GetProvisioningRequest U U P P P P P N
roster.v1.ProvisioningService/ListLargeRemovals  U U P P P P P .
roster.v1.ProvisioningService/ReleaseLargeRemoval U U P P P P P N
";

fn letter(outcome: &Result<(), Status>) -> char {
    match outcome.as_ref().map_err(Status::code) {
        Ok(()) => '.',
        Err(Code::Unauthenticated) => 'U',
        Err(Code::PermissionDenied) => 'P',
        Err(Code::NotFound) => 'N',
        Err(Code::Unimplemented) => 'X',
        Err(_) => '?',
    }
}

/// The name of an RPC and what the table says of it.
fn cells(row: &str) -> (&str, String) {
    let (name, columns) = row.split_at(row.len() - (2 * CALLERS - 1));
    (name.trim_end(), columns.to_owned())
}

#[tokio::test]
async fn every_rpc_lets_in_whom_the_table_says() {
    let server = Harness::start().await;
    let mut world = World::new(&server).await;
    for row in TABLE.trim().lines() {
        let (name, expected) = cells(row);
        let mut seen = Vec::new();
        for caller in 0..CALLERS {
            let outcome = calls::call(name, &world, caller).await;
            seen.push(letter(&outcome).to_string());
            if outcome.is_ok() {
                world.renew(&server).await;
            }
        }
        assert_eq!(seen.join(" "), expected, "{name}");
    }
}
