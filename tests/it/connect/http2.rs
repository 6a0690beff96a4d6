//! HTTP/2 frame by frame (RFC 9113): what every client library hides.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{Server, envelope, path};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;

/// RFC 9113 §4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// RFC 7541 §6.2.2: literal, not indexed, new name, no Huffman code.
fn field(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

fn grpc_call(method: &str, message: &[u8]) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "test"),
        (":path", &path(method)),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let head: Vec<u8> = fields.iter().flat_map(|(name, value)| field(name, value)).collect();
    [
        PREFACE.to_vec(),
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS, 1, &head),
        frame(DATA, END_STREAM, 1, &envelope(0, message)),
    ]
    .concat()
}

/// Kinds and ends of the frames on stream 1, up to its end.
async fn frames_of(method: &str, message: &[u8]) -> Vec<(u8, bool)> {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&grpc_call(method, message)).await.unwrap();
    let mut frames = Vec::new();
    while !frames.last().is_some_and(|(_, is_end)| *is_end) {
        let mut prefix = [0; 9];
        stream.read_exact(&mut prefix).await.unwrap();
        let [a, b, c, kind, flags, .., id] = prefix;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        if id == 1 && matches!(kind, DATA | HEADERS) {
            frames.push((kind, flags & END_STREAM != 0));
        }
    }
    frames
}

#[tokio::test]
async fn a_trailers_only_error_ends_on_its_headers() {
    // grpc-go reports "server closed the stream without sending trailers" if a DATA frame comes between
    assert_eq!(frames_of("Fail", b"\x08\x05").await, [(HEADERS, true)]);
}

#[tokio::test]
async fn an_answer_ends_on_its_trailers() {
    assert_eq!(frames_of("Echo", b"").await, [(HEADERS, false), (DATA, false), (HEADERS, true)]);
}
