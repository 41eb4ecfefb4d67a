//! Small files that a person names: reducers, and what is exported as text or as a picture. On threads, since a dead network
//! drive would stop the window; nothing that is there is overwritten unless it was said so.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;

use eframe::egui::ColorImage;

use crate::analysis::lints::Config;
use crate::app::jobs::Waker;
use crate::app::session::Event;
use crate::app::workspace::Workspace;
use crate::base::files::write_whole;
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

/// The answer comes as [`Event::SessionRead`] or [`Event::Warned`].
pub fn read_session(path: String, events: SyncSender<Event>, waker: Waker) {
    spawn("read session", events, waker, move || match read(&home(&path)) {
        Ok(text) => {
            Workspace::parse(&text, &path).map_or_else(Event::Warned, |session| Event::SessionRead(Box::new(session)))
        }
        Err(cause) => Event::Warned(error("The session could not be read", &path, "Check the path", &cause)),
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
    spawn("write file", events, waker, move || match write_whole(&home(&path), text.as_bytes(), replace) {
        Ok(()) => Event::Said(format!("Saved {path}")),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Event::Occupied(path),
        Err(cause) => Event::Warned(error("The file could not be written", &path, "Check the folder", &cause)),
    });
}

/// The part of the window's pixels within left, top, right and bottom, as a PNG. The answer comes as for
/// [`write_text`].
pub fn write_picture(
    path: String,
    (window, part): (Arc<ColorImage>, [f32; 4]),
    replace: bool,
    events: SyncSender<Event>,
    waker: Waker,
) {
    spawn("write picture", events, waker, move || {
        match png(&window, part).and_then(|b| write_whole(&home(&path), &b, replace)) {
            Ok(()) => Event::Said(format!("Saved {path}")),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Event::Occupied(path),
            Err(cause) => Event::Warned(error("The picture could not be written", &path, "Check the folder", &cause)),
        }
    });
}

fn png(window: &ColorImage, [left, top, right, bottom]: [f32; 4]) -> io::Result<Vec<u8>> {
    let [width, height] = window.size;
    let inside = |at: f32, most: usize| (at.max(0.0).round() as usize).min(most);
    let (left, right) = (inside(left, width), inside(right, width));
    let (top, bottom) = (inside(top, height), inside(bottom, height));
    let rows = window.pixels.chunks(width.max(1)).skip(top).take(bottom.saturating_sub(top));
    let pixels = rows.flat_map(|row| row.get(left..right).unwrap_or_default());
    let bytes: Vec<u8> = pixels.flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let size = (right.saturating_sub(left) as u32, bottom.saturating_sub(top) as u32);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&bytes).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(file)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_the_part_that_was_asked_for() {
        let bytes: Vec<u8> = (0..12).flat_map(|gray| [gray; 3]).collect();
        let window = ColorImage::from_rgb([4, 3], &bytes);
        let file = png(&window, [1.0, 1.2, 2.9, 9.0]).expect("it is encoded");
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("it is small")];
        let info = reader.next_frame(&mut bytes).expect("a picture");
        assert_eq!((info.width, info.height), (2, 2));
        assert_eq!(bytes, [5, 5, 5, 6, 6, 6, 9, 9, 9, 10, 10, 10]);
        assert!(png(&window, [9.0, 9.0, 12.0, 12.0]).is_err(), "nothing of it is in the window");
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
            std::fs::write(&path, bytes).expect("a small file");
            assert_eq!(read(&path).map_err(|e| e.kind()).as_deref(), expected.as_ref().map(|t| *t));
        }
    }
}
