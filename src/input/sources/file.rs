//! A file's own bytes, by positioned reads. No memory map: a writer that truncates a mapped file kills
//! its reader, while a positioned read just finds fewer bytes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::handles::{Handle, open_again};
use crate::model::error::{Error, Place, Result};
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// A file to read. It stays the file that was opened, whatever its name points at later.
#[derive(Debug)]
pub struct FileBytes {
    handle: Arc<Handle>,
    path: PathBuf,
}

impl FileBytes {
    /// # Errors
    /// When the file cannot be opened for reading.
    pub fn open(path: &Path) -> Result<Self> {
        let handle = Handle::open(path).map_err(|cause| unreadable(path, &cause))?;
        Ok(Self { handle, path: path.to_owned() })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// # Errors
    /// What the operating system reports.
    pub fn metadata(&self) -> io::Result<std::fs::Metadata> {
        self.handle.metadata(&self.path)
    }
}

impl ReadAt for FileBytes {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        fill_at(&*self.handle.file(&self.path)?, buf, offset.0)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    /// Opened once more: the system too counts who reads a file that is open, for each read.
    fn own_way(&self) -> Option<Box<dyn ReadAt>> {
        let shared = self.handle.file(&self.path).ok()?;
        let own = shared.metadata().and_then(|known| open_again(&self.path, &known));
        Some(Box::new(OpenFile(own.map_or(shared, Arc::new))))
    }
}

/// A file that stays open for as long as this is there.
#[derive(Debug)]
struct OpenFile(Arc<File>);

impl ReadAt for OpenFile {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        fill_at(&self.0, buf, offset.0)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// Where a file is, for errors.
pub(crate) fn place(path: &Path) -> Place {
    Place::File { path: path.display().to_string(), offset: None }
}

/// The error for a file that the operating system does not give.
pub(crate) fn unreadable(path: &Path, cause: &io::Error) -> Error {
    let next_step = match cause.kind() {
        io::ErrorKind::NotFound => "Check the path",
        io::ErrorKind::PermissionDenied => "Check who may read it",
        _ => "Check the disk and the path",
    };
    Error::new("Cannot read the file", place(path), next_step).because(cause)
}

/// Reads until `buf` is full or the file ends.
pub(crate) fn fill_at(file: &File, buf: &mut [u8], mut offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match read_some_at(file, rest, offset) {
            Ok(0) => break,
            Ok(n) => {
                done += n;
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`.
pub(crate) fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match write_some_at(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                bytes = bytes.get(n..).unwrap_or_default();
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_some_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(unix)]
fn write_some_at(file: &File, buf: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, buf, offset)
}

#[cfg(windows)]
fn read_some_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

#[cfg(windows)]
fn write_some_at(file: &File, buf: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, buf, offset)
}
