//! Negotiation and limits of the content codings.

use super::*;

fn answer(accepted: Option<&'static str>, of_request: Compression) -> Compression {
    Compression::of_answer(accepted.map(HeaderValue::from_static).as_ref(), of_request)
}

#[test]
fn the_answer_takes_the_first_known_coding_that_the_client_lists() {
    let identity = Compression::Identity;
    assert_eq!(answer(Some("br, zstd,gzip"), identity), Compression::Zstd);
    assert_eq!(answer(Some("gzip;q=0, zstd"), identity), Compression::Zstd);
    assert_eq!(answer(Some("gzip;q=0.5"), identity), Compression::Gzip);
    assert_eq!(answer(Some("br"), Compression::Gzip), identity);
}

#[test]
fn a_client_that_lists_nothing_accepts_what_it_sent() {
    assert_eq!(answer(None, Compression::Gzip), Compression::Gzip);
    assert_eq!(answer(None, Compression::Identity), Compression::Identity);
}

#[test]
fn what_is_compressed_comes_back_and_the_limit_is_on_what_comes_out() {
    let text = Bytes::from(vec![b'a'; 1000]);
    for coding in [Compression::Identity, Compression::Gzip, Compression::Zstd] {
        let packed = coding.compress(text.clone()).unwrap();
        assert_eq!(coding.decompress(packed.clone(), 1000).unwrap(), text);
        let error = coding.decompress(packed, 999).unwrap_err();
        assert_eq!(error.code(), tonic::Code::ResourceExhausted, "{coding:?}");
    }
}

#[test]
fn garbage_is_the_clients_fault() {
    for coding in [Compression::Gzip, Compression::Zstd] {
        let error = coding.decompress(Bytes::from_static(b"not compressed"), 1000).unwrap_err();
        assert_eq!(error.code(), tonic::Code::InvalidArgument, "{coding:?}");
    }
}

#[test]
fn a_zstd_window_above_8_mib_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(24).unwrap();
    encoder.write_all(&vec![0; 1 << 20]).unwrap();
    let packed = encoder.finish().unwrap();
    let error = Compression::Zstd.decompress(packed.into(), 4 << 20).unwrap_err();
    assert_eq!(error.code(), tonic::Code::InvalidArgument);
}

/// `data` in this coding, as a member or frame of its own.
fn packed(coding: Compression, data: &[u8]) -> Vec<u8> {
    coding.compress(Bytes::copy_from_slice(data)).unwrap().to_vec()
}

#[test]
fn compressed_data_of_which_nothing_comes_out_are_given_up_early() {
    let (gzip, zstd) = (Compression::Gzip, Compression::Zstd);
    // a name without an end (RFC 1952 §2.3.1), blocks that are stored empty (RFC 1951 §3.2.4), and frames to skip (RFC 8878 §3.1.2)
    let mut name = vec![0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0];
    name.resize(4 << 20, b'x');
    let mut blocks = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
    blocks.extend([0, 0, 0, 0xff, 0xff].iter().cycle().take(4 << 20));
    let skipped = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(1 << 19);
    for (what, coding, data) in [
        ("members", gzip, packed(gzip, b"").repeat(200_000)),
        ("a name", gzip, name),
        ("blocks", gzip, blocks),
        ("frames", zstd, packed(zstd, b"").repeat(400_000)),
        ("frames to skip", zstd, skipped),
    ] {
        assert!(data.len() > metered::allowance(1 << 20), "{what}");
        let error = coding.decompress(data.into(), 4 << 20).unwrap_err();
        assert_eq!(error.code(), tonic::Code::InvalidArgument, "{what}");
        assert!(error.message().contains("too much compressed data"), "{what}: {error:?}");
    }
}

#[test]
fn several_members_are_one_message() {
    for coding in [Compression::Gzip, Compression::Zstd] {
        let both = [packed(coding, b"{\"a\":"), packed(coding, b"1}")].concat();
        assert_eq!(coding.decompress(both.into(), 100).unwrap(), "{\"a\":1}", "{coding:?}");
    }
}
