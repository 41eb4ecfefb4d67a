//! Which file this is, as far as a saved index needs to know: its size and digests of its two ends.

use std::io;

use crate::base::hash::hash64;
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// Bytes digested at each end.
pub const END_BYTES: u64 = 64 << 10;

/// Equal identities mean equal bytes for all that a saved index is asked for. What it can't see is a
/// change in the middle that keeps the length; record reads find that out later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    pub bytes: u64,
    pub head: u64,
    pub tail: u64,
}

impl Identity {
    /// Of the first `len` bytes of a source.
    ///
    /// # Errors
    /// When the bytes cannot be read, or there are fewer than `len`.
    pub fn of(bytes: &dyn ReadAt, len: u64) -> io::Result<Self> {
        let end = END_BYTES.min(len);
        Ok(Self { bytes: len, head: digest(bytes, 0, end)?, tail: digest(bytes, len - end, end)? })
    }

    /// Whether `bytes` begin with what this identity was taken of: then only what follows
    /// [`Identity::bytes`] is new.
    #[must_use]
    pub fn is_start_of(&self, bytes: &dyn ReadAt) -> bool {
        Self::of(bytes, self.bytes).is_ok_and(|now| now == *self)
    }
}

fn digest(bytes: &dyn ReadAt, offset: u64, len: u64) -> io::Result<u64> {
    let mut buf = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    if bytes.read_at(&mut buf, ByteOffset(offset))? < buf.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(hash64(&buf))
}
