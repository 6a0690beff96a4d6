//! What is too much, and what is not.

use super::*;

const CREATE_USERS: &str = "buf.registry.owner.v1.CreateUsersRequest";

fn repeated(field: &[u8], length: usize) -> Vec<u8> {
    field.iter().copied().cycle().take(field.len() * (length / field.len())).collect()
}

fn code(name: &str, message: &[u8]) -> Option<tonic::Code> {
    check(name, message).err().map(|status| status.code())
}

#[test]
fn more_fields_than_bytes_give_reason_for_are_refused() {
    let too_many = Some(tonic::Code::ResourceExhausted);
    // a list of empty messages, at any length that is not tiny
    for length in [32 << 10, 1 << 20, 4 << 20] {
        assert_eq!(code(CREATE_USERS, &repeated(&[0x0a, 0], length)), too_many, "{length}");
    }
    // the same field, again and again; one that is unknown; and groups
    for field in [&[0x08, 0][..], &[0x7a, 0], &[0x7b, 0x7c]] {
        assert_eq!(code(CREATE_USERS, &repeated(field, 1 << 20)), too_many, "{field:?}");
    }
    // within one message of the list
    let inner = repeated(&[0x0a, 0], 1 << 20);
    let mut outer = vec![0x0a, 0x80, 0x80, 0x40];
    outer.extend(&inner);
    assert_eq!(code(CREATE_USERS, &outer), too_many);
}

#[test]
fn a_list_of_ids_passes_and_what_is_no_protobuf_is_left_to_who_decodes() {
    let mut id = vec![0x7a, 32];
    id.extend([b'f'; 32]);
    assert_eq!(code(CREATE_USERS, &repeated(&id, 4 << 20)), None);
    let text = repeated(&[0x0a, 0], 1 << 20);
    for broken in [&[0xff; 20][..], &[0x0a, 0xff, 0xff, 0x7f], &[0x0f], &[0x0a], &text[..2]] {
        assert_eq!(code(CREATE_USERS, broken), None, "{broken:?}");
    }
    assert_eq!(code("no.such.Message", &text), None);
}
