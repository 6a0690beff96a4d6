//! A stream by Connect over HTTP/1.1 on a bare socket, which reads nothing until it is told to.

use std::net::SocketAddr;

use prost::Message;
use roster::proto::roster::v1::{WatchMembershipsRequest, WatchMembershipsResponse};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::support::streams::{Ending, end_of_connect};

/// What the system may keep for the socket, in bytes.
const BUFFER: u32 = 4 << 10;

/// A connection on which the server answers.
pub(super) struct Socket(TcpStream);

impl Socket {
    /// Begins to watch, and waits for the first bytes of the answer.
    pub(super) async fn watch(url: &str, token: &str, wish: &WatchMembershipsRequest) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(BUFFER).unwrap();
        let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let body = envelope(&wish.encode_to_vec());
        let head = format!(
            "POST /roster.v1.MembershipService/WatchMemberships HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/connect+proto\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        Self(stream)
    }

    /// Reads to the end of the connection: the messages that came whole, and how the stream ended, if it tells.
    pub(super) async fn read(mut self) -> (Vec<WatchMembershipsResponse>, Option<Ending>) {
        let mut bytes = Vec::new();
        // a connection that is reset ends as well
        let _ = self.0.read_to_end(&mut bytes).await;
        let head = bytes.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
        let (mut messages, data) = (Vec::new(), unchunked(&bytes[head..]));
        let mut rest = data.as_slice();
        while let [flags, a, b, c, d, after @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let Some((message, after)) = after.split_at_checked(length) else { break };
            rest = after;
            match flags {
                0 => messages.push(WatchMembershipsResponse::decode(message).unwrap()),
                2 => return (messages, Some(end_of_connect(message))),
                other => panic!("{other}"),
            }
        }
        (messages, None)
    }
}

/// Connect, "Streaming-Request".
fn envelope(message: &[u8]) -> Vec<u8> {
    [&[0], u32::try_from(message.len()).unwrap().to_be_bytes().as_slice(), message].concat()
}

/// RFC 9112 §7.1; the last chunk may be cut off.
fn unchunked(mut coded: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some(end) = coded.windows(2).position(|part| part == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&coded[..end]).unwrap(), 16).unwrap();
        let Some(chunk) = coded.get(end + 2..end + 2 + length).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        data.extend_from_slice(chunk);
        coded = coded.get(end + 4 + length..).unwrap_or_default();
    }
    data
}
