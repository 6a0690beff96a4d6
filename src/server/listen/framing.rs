//! Where the requests of a connection of HTTP/1.1 begin, and which of them say twice how long they are.
//!
//! A request with `Content-Length` beside `Transfer-Encoding` may be an attempt to smuggle another past a proxy
//! (RFC 9112 §6.3). hyper takes the first of them away before anybody sees the request, so its bytes are looked at
//! as they come. hyper decides what a request is, and this only notes: where it lost its way, it notes nothing. But for targets
//! that hyper would refuse without a word: see [`target`].

mod target;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longer heads are refused anyway.
const HEAD_MAX: usize = 1 << 20;
/// Digits of the length of a chunk.
const SIZE_MAX: usize = 16;

/// What is wrong with a request of a connection; clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct Ambiguity(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    both: AtomicBool,
    foreign: AtomicBool,
}

impl Ambiguity {
    /// Whether one had both. Then hyper closes the connection after it, so it was the last.
    pub(super) fn is_found(&self) -> bool {
        self.0.both.load(Relaxed)
    }

    /// Whether the target of one had a character that none may have. The connection ends with the answer.
    pub(super) fn has_foreign_target(&self) -> bool {
        self.0.foreign.load(Relaxed)
    }
}

/// A stream whose requests are looked at.
pub(super) struct Framed<S> {
    inner: S,
    at: At,
    found: Ambiguity,
}

/// What comes next.
enum At {
    /// The rest of a head, of which this came.
    Head(Vec<u8>),
    /// So many bytes of a body, and then a head.
    Body(u64),
    /// The length of a chunk, of which these digits came; or what follows them.
    Size(Vec<u8>, bool),
    /// So many bytes of a chunk, and the end of its line.
    Chunk(u64),
    /// A line after the last chunk, with the number of its bytes.
    Trailer(usize),
    /// Nothing that is understood.
    Nowhere,
}

impl<S> Framed<S> {
    pub(super) fn new(inner: S, found: Ambiguity) -> Self {
        Self { inner, at: At::Head(Vec::new()), found }
    }

    fn observe(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !matches!(self.at, At::Nowhere) {
            bytes = match &mut self.at {
                At::Head(head) => {
                    let (taken, ended) = take_head(head, bytes);
                    if ended {
                        self.at = after(head, &self.found);
                    } else if head.len() > HEAD_MAX {
                        self.at = At::Nowhere;
                    }
                    bytes.get(taken..).unwrap_or_default()
                }
                At::Body(left) => {
                    let rest = skip(left, bytes);
                    if *left == 0 {
                        self.at = At::Head(Vec::new());
                    }
                    rest
                }
                At::Chunk(left) => {
                    let rest = skip(left, bytes);
                    if *left == 0 {
                        self.at = At::Size(Vec::new(), false);
                    }
                    rest
                }
                At::Size(..) | At::Trailer(_) | At::Nowhere => self.step(bytes),
            };
        }
    }

    /// One byte of what frames chunks (RFC 9112 §7.1).
    fn step<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else { return bytes };
        match (&mut self.at, byte) {
            (At::Size(digits, _), b'\n') => self.at = sized(digits),
            (At::Size(digits, is_over), byte) => {
                *is_over |= !byte.is_ascii_hexdigit();
                if !*is_over && digits.len() < SIZE_MAX {
                    digits.push(byte);
                } else if !*is_over {
                    self.at = At::Nowhere;
                }
            }
            (At::Trailer(0), b'\n') => self.at = At::Head(Vec::new()),
            (At::Trailer(length), b'\n') => *length = 0,
            (At::Trailer(length), byte) => *length += usize::from(byte != b'\r'),
            _ => {}
        }
        rest
    }
}

/// Takes what belongs to the head: how much, and whether that is all of it.
fn take_head(head: &mut Vec<u8>, bytes: &[u8]) -> (usize, bool) {
    for (at, &byte) in bytes.iter().enumerate() {
        // empty lines before a request are none of it (RFC 9112 §2.2)
        if head.is_empty() && matches!(byte, b'\r' | b'\n') {
            continue;
        }
        head.push(byte);
        if byte == b'\n' && (head.ends_with(b"\n\n") || head.ends_with(b"\n\r\n")) {
            return (at + 1, true);
        }
    }
    (bytes.len(), false)
}

/// Takes at most so many bytes.
fn skip<'a>(left: &mut u64, bytes: &'a [u8]) -> &'a [u8] {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *left -= taken as u64;
    bytes.get(taken..).unwrap_or_default()
}

/// What follows a head.
fn after(head: &[u8], found: &Ambiguity) -> At {
    // HTTP/2, which frames by other means (RFC 9113 §3.4)
    if head.starts_with(b"PRI * HTTP/2.0") {
        return At::Nowhere;
    }
    let (mut length, mut is_coded) = (None, false);
    for line in head.split(|&byte| byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        is_coded |= name.eq_ignore_ascii_case(b"transfer-encoding");
        if name.eq_ignore_ascii_case(b"content-length") {
            length =
                Some(std::str::from_utf8(value).unwrap_or_default().trim_start_matches(':').trim().parse());
        }
    }
    if is_coded && length.is_some() {
        found.0.both.store(true, Relaxed);
    }
    match (is_coded, length) {
        (true, _) => At::Size(Vec::new(), false),
        (false, None | Some(Ok(0))) => At::Head(Vec::new()),
        (false, Some(Ok(length))) => At::Body(length),
        (false, Some(Err(_))) => At::Nowhere,
    }
}

/// What follows the length of a chunk.
fn sized(digits: &[u8]) -> At {
    let size = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match size {
        Some(0) => At::Trailer(0),
        // and the line break after it
        Some(size) => size.checked_add(2).map_or(At::Nowhere, At::Chunk),
        None => At::Nowhere,
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Framed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let (At::Head(head), Some(fresh)) = (&self.at, buffer.filled_mut().get_mut(before..))
            && target::mend(head, fresh)
        {
            self.found.0.foreign.store(true, Relaxed);
        }
        self.observe(buffer.filled().get(before..).unwrap_or_default());
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Framed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
