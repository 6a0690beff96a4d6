use tonic::Status;

use super::*;
use crate::domain::{
    id::UserId,
    role::{OrganizationRole, RepositoryRole},
};

#[test]
fn times_come_back_as_they_went() {
    for micros in [0, 1, -1, 999_999, -1_000_001, 1_700_000_000_123_456, -62_135_596_800_000_000] {
        let wire = from_timestamp(Timestamp::from_micros(micros)).unwrap();
        assert!((0..1_000_000_000).contains(&wire.nanos), "{micros}");
        assert_eq!(to_timestamp("t", wire).unwrap(), Timestamp::from_micros(micros));
    }
}

#[test]
fn times_outside_of_protobufs_range_are_refused() {
    for (seconds, nanos) in
        [(253_402_300_800, 0), (-62_135_596_801, 0), (i64::MAX, 0), (0, -1), (0, 1_000_000_000)]
    {
        let status =
            Status::from(to_timestamp("expire_time", ProtoTimestamp { seconds, nanos }).unwrap_err());
        assert!(status.message().starts_with("expire_time: must be a time"), "{status:?}");
    }
}

#[test]
fn what_is_no_id_names_its_field() {
    let status = Status::from(to_id::<UserId>("user_id", "42").unwrap_err());
    assert_eq!(status.message(), "user_id: an id is 32 lower-case hex digits");
    assert_eq!(to_id_if_given::<UserId>("user_id", "").unwrap(), None);
}

#[test]
fn unknown_numbers_of_enums_name_their_field() {
    let status = Status::from(alpha::to_organization_role("organization_role", 9).unwrap_err());
    assert_eq!(status.message(), "organization_role: 9 is not a value of this enum");
}

#[test]
fn roles_come_back_as_they_went() {
    use OrganizationRole::{Admin, Machine, Member, Owner};
    for role in [Member, Machine, Admin, Owner] {
        let wire = alpha::from_organization_role(role).into();
        assert_eq!(alpha::to_organization_role("role", wire).unwrap(), Some(role));
    }
    for role in [RepositoryRole::Owner, RepositoryRole::Write, RepositoryRole::Read] {
        let wire = alpha::from_repository_role(role).into();
        assert_eq!(alpha::to_repository_role("role", wire).unwrap(), Some(role));
    }
}
