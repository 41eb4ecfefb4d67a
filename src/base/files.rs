//! Files that are written as a whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// A file that is replaced is whole at any instant. A link is refused: what it leads to may be somebody's. A
/// pipe or a device takes the bytes as they are.
///
/// # Errors
/// `AlreadyExists` where it is not to be replaced; else what the operating system reports.
pub fn write_whole(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
    if !replace {
        return File::create_new(path)?.write_all(bytes);
    }
    if path.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is a link; name the file that it leads to"));
    }
    let there = std::fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    // Other files are readable for whom the system says, temporary ones for nobody else.
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = beside.tempfile_in(folder)?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_replaced_only_when_said_so() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let path = dir.path().join("account.js");
        write_whole(&path, b"one", false).expect("nothing is there");
        assert_eq!(write_whole(&path, b"two", false).expect_err("one is there").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).expect("a file"), b"one");
        write_whole(&path, b"two", true).expect("said so");
        assert_eq!(std::fs::read(&path).expect("a file"), b"two");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused_and_a_device_written() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let (kept, link) = (dir.path().join("kept"), dir.path().join("link"));
        std::fs::write(&kept, "kept").expect("a file");
        std::os::unix::fs::symlink(&kept, &link).expect("a link");
        for replace in [false, true] {
            assert!(write_whole(&link, b"new", replace).is_err());
        }
        assert_eq!(std::fs::read(&kept).expect("a file"), b"kept");
        write_whole(Path::new("/dev/null"), b"gone", true).expect("it takes everything");
        assert!(!std::fs::metadata("/dev/null").expect("it is there").is_file());
    }
}
