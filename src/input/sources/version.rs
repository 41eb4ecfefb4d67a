//! A followed file's bytes until it is overwritten. Its events before that stay listed, and what stands at
//! their places now is something else: reading them is an error from then on, never another record.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::file::FileBytes;
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// See the module's documentation.
#[derive(Debug)]
pub struct Version {
    bytes: Arc<dyn ReadAt>,
    mine: u64,
    now: Arc<AtomicU64>,
}

impl Version {
    #[must_use]
    pub fn first(bytes: Arc<FileBytes>) -> Self {
        Self { bytes, mine: 0, now: Arc::default() }
    }

    /// The bytes from now on; this version has none any more.
    #[must_use]
    pub fn next(&self) -> Self {
        let mine = self.now.fetch_add(1, Ordering::AcqRel) + 1;
        Self { bytes: Arc::clone(&self.bytes), mine, now: Arc::clone(&self.now) }
    }
}

impl ReadAt for Version {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        let got = self.bytes.read_at(buf, offset)?;
        // Afterwards: the file may have been overwritten meanwhile.
        if self.now.load(Ordering::Acquire) == self.mine {
            return Ok(got);
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "the file was overwritten after this event was read"))
    }

    fn len(&self) -> io::Result<u64> {
        self.bytes.len()
    }

    fn own_way(&self) -> Option<Box<dyn ReadAt>> {
        let bytes = Arc::from(self.bytes.own_way()?);
        Some(Box::new(Self { bytes, mine: self.mine, now: Arc::clone(&self.now) }))
    }
}
