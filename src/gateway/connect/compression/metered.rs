//! Compressed data, of which no more is taken than what comes out of it gives reason for.
//!
//! A format has ways to say nothing at length: members, frames, blocks and names that hold no data. Each costs the decoder
//! time, and a limit on what comes out never ends it.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

/// What may be taken before anything came out: headers, and the longest part of which nothing comes out yet.
const BEFORE: usize = 64 << 10;
/// How much is handed out at once.
const PART: usize = 4 << 10;

/// How much may be taken when `out` bytes came out. Data that do not compress grow by less than a hundredth.
pub(super) fn allowance(out: usize) -> usize {
    out.saturating_mul(2).saturating_add(BEFORE)
}

/// A reader that fails when more is taken than is allowed.
pub(super) struct Metered<'a> {
    rest: &'a [u8],
    taken: usize,
    allowed: &'a Cell<usize>,
}

impl<'a> Metered<'a> {
    /// Of `data`, as much as `allowed` says at the time.
    pub(super) fn new(data: &'a [u8], allowed: &'a Cell<usize>) -> Self {
        Self { rest: data, taken: 0, allowed }
    }
}

impl BufRead for Metered<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.rest.is_empty() && self.taken >= self.allowed.get() {
            return Err(io::Error::other("too much compressed data for what comes out of it"));
        }
        Ok(self.rest.get(..PART.min(self.rest.len())).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.taken = self.taken.saturating_add(count);
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
