//! Small files that a person names: reducers and what is exported. On threads, since a dead network
//! drive would stop the window; nothing that is there is overwritten unless it was said so.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;

use crate::analysis::lints::Config;
use crate::app::jobs::Waker;
use crate::app::session::Event;
use crate::model::error::{Error, Place};

/// A reducer is a page or two; what is longer is something else.
const LONGEST: u64 = 1 << 20;

/// The answer comes as [`Event::ReducerRead`] or [`Event::Failed`].
pub fn read_reducer(kind: String, path: String, events: SyncSender<Event>, waker: Waker) {
    spawn("read reducer", events, waker, move || match read(&home(&path)) {
        Ok(text) => Event::ReducerRead { kind, path, text: text.into() },
        Err(cause) => Event::Warned(error("The reducer could not be read", &path, "Check the path", &cause)),
    });
}

/// The answer comes as [`Event::LintConfigRead`] or [`Event::Warned`].
pub fn read_lint_config(path: String, events: SyncSender<Event>, waker: Waker) {
    spawn("read lint configuration", events, waker, move || match read(&home(&path)) {
        Ok(text) => Config::parse(&text, &path).map_or_else(Event::Warned, Event::LintConfigRead),
        Err(cause) => Event::Warned(error("The configuration could not be read", &path, "Check the path", &cause)),
    });
}

/// The answer comes as [`Event::Said`], [`Event::Occupied`] or [`Event::Warned`].
pub fn write_text(path: String, text: Arc<str>, replace: bool, events: SyncSender<Event>, waker: Waker) {
    spawn("write file", events, waker, move || match write(&home(&path), &text, replace) {
        Ok(()) => Event::Said(format!("Saved {path}")),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Event::Occupied(path),
        Err(cause) => Event::Warned(error("The file could not be written", &path, "Check the folder", &cause)),
    });
}

/// Does something on a thread of its own and tells what came of it.
pub(super) fn spawn(
    name: &str,
    events: SyncSender<Event>,
    waker: Waker,
    work: impl FnOnce() -> Event + Send + 'static,
) {
    let failed = events.clone();
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = events.send(work());
        waker.wake();
    });
    if let Err(cause) = spawned {
        let error = Error::new("No thread could be started", Place::Nowhere, "Close other programs and try again");
        let _ = failed.try_send(Event::Warned(error.because(cause)));
    }
}

fn error(summary: &str, path: &str, next: &str, cause: &io::Error) -> Error {
    Error::new(summary, Place::File { path: path.to_owned(), offset: None }, next).because(cause)
}

/// `~/x` → the home folder's `x`.
fn home(path: &str) -> PathBuf {
    let rest = path.strip_prefix("~/").zip(directories::UserDirs::new());
    rest.map_or_else(|| PathBuf::from(path), |(rest, dirs)| dirs.home_dir().join(rest))
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// A file that is replaced is whole at any instant.
fn write(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    if !replace {
        return File::create_new(path)?.write_all(text.as_bytes());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    if let Ok(there) = fs::metadata(path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.write_all(text.as_bytes())?;
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
        write(&path, "one", false).expect("nothing is there");
        assert_eq!(write(&path, "two", false).expect_err("one is there").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path).expect("text"), "one");
        write(&path, "two", true).expect("said so");
        assert_eq!(read(&path).expect("text"), "two");
    }

    #[test]
    fn only_short_text_is_read() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let path = dir.path().join("x");
        for (bytes, expected) in [
            (b"\xef\xbb\xbfon A".to_vec(), Ok("on A")),
            (b"\xff\xfe".to_vec(), Err(io::ErrorKind::InvalidData)),
            (vec![b'x'; (LONGEST + 1) as usize], Err(io::ErrorKind::FileTooLarge)),
        ] {
            fs::write(&path, bytes).expect("a small file");
            assert_eq!(read(&path).map_err(|e| e.kind()).as_deref(), expected.as_ref().map(|t| *t));
        }
    }
}
