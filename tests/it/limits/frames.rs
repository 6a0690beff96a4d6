//! A client of HTTP/2 that says what it takes, frame by frame (RFC 9113).

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::PATIENCE;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(super) const WINDOW_UPDATE: u8 = 8;

pub(super) const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const ACK: u8 = 0x1;
/// §6.5.2
pub(super) const INITIAL_WINDOW_SIZE: u16 = 4;

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    /// Whether it ends its stream.
    pub(super) fn is_end(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }
}

pub(super) struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// A connection with these settings.
    pub(super) async fn connect(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        Self::from(address, [127, 0, 0, 1], settings).await
    }

    /// The same from another address of this machine.
    pub(super) async fn from(address: SocketAddr, own: [u8; 4], settings: &[(u16, u32)]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((own, 0))).unwrap();
        let mut peer = Self { stream: socket.connect(address).await.unwrap() };
        peer.stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let pairs =
            settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat());
        peer.send(SETTINGS, 0, 0, &pairs.collect::<Vec<_>>()).await;
        peer
    }

    /// Sends a frame; it is no failure of the test when nobody takes it.
    pub(super) async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat();
        self.stream.write_all(&frame).await.is_ok()
    }

    /// Sends the head of a request.
    pub(super) async fn ask(
        &mut self,
        stream: u32,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        is_end: bool,
    ) {
        let own = [(":method", method), (":scheme", "http"), (":authority", "x"), (":path", path)];
        let head: Vec<u8> = own.iter().chain(headers).flat_map(|(name, value)| field(name, value)).collect();
        let flags = END_HEADERS | if is_end { END_STREAM } else { 0 };
        self.send(HEADERS, flags, stream, &head).await;
    }

    /// The next frame but for pings and settings, which it answers; none at the end of the connection.
    pub(super) async fn next(&mut self) -> Option<Frame> {
        loop {
            let mut prefix = [0; 9];
            let read = timeout(PATIENCE, self.stream.read_exact(&mut prefix)).await;
            read.expect("a frame, or the end, in time").ok()?;
            let [a, b, c, kind, flags, id @ ..] = prefix;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            self.stream.read_exact(&mut payload).await.ok()?;
            match (kind, flags & ACK) {
                (PING, 0) => drop(self.send(PING, ACK, 0, &payload).await),
                (SETTINGS, 0) => drop(self.send(SETTINGS, ACK, 0, &[]).await),
                (PING | SETTINGS, _) => {}
                _ => return Some(Frame { kind, flags, stream: u32::from_be_bytes(id), payload }),
            }
        }
    }

    /// Reads to the end of the connection, and gives the frames.
    pub(super) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }
}

/// RFC 7541 §6.2.2: literal, not indexed, new name, no Huffman code.
fn field(name: &str, value: &str) -> Vec<u8> {
    [&[0][..], &length(name.len()), name.as_bytes(), &length(value.len()), value.as_bytes()].concat()
}

/// RFC 7541 §5.1, with a prefix of seven bits.
fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length).expect("short enough for a test") {
        short if short < 127 => vec![short],
        long => vec![127, long - 127],
    }
}
