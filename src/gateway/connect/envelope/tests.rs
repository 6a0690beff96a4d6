//! The cutter, whatever the network does to the pieces.

use proptest::prelude::*;

use super::*;

/// Flags and data.
type Message = (u8, Vec<u8>);

/// All whole messages, and whether nothing was left over.
fn cut_all(pieces: &[&[u8]], max: usize) -> Result<(Vec<Message>, bool), Status> {
    let mut cutter = Cutter::new(max);
    let mut out = Vec::new();
    for piece in pieces {
        cutter.push(piece);
        while let Some(envelope) = cutter.cut()? {
            out.push((envelope.flags, envelope.data.to_vec()));
        }
    }
    Ok((out, cutter.is_empty()))
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_envelopes(
        messages in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        size in 1usize..17,
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|(flags, data)| wrap(*flags, data).unwrap()).collect();
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(cut_all(&pieces, 40).unwrap(), (messages, true));
    }
}

#[test]
fn a_message_above_the_limit_is_refused_by_its_prefix_alone() {
    let error = cut_all(&[&[0, 0, 0, 0, 11]], 10).unwrap_err();
    assert_eq!(error.code(), tonic::Code::ResourceExhausted);
    assert_eq!(cut_all(&[&[0, 0, 0, 0, 10]], 10).unwrap(), (vec![], false));
}
