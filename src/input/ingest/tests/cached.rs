//! A saved index gives the same log as reading does, reads only what was added, and is left alone
//! when the file is another one.

use std::path::Path;
use std::sync::Arc;

use super::said;
use super::words::{opened, text};
use crate::input::decoders::Framing;
use crate::input::ingest::{Log, Options};
use crate::input::sources::file::FileBytes;
use crate::input::sources::identity::Identity;
use crate::model::source::ReadAt;
use crate::store::snapshot::Snapshot;

fn log(file: &Path, cache: Option<&Path>) -> Log {
    let options = Options {
        threads: Some(2),
        block_bytes: 3000,
        cache: cache.map(Path::to_owned),
        cache_from_bytes: 1,
        ..Options::default()
    };
    let log = Log::with(options);
    let bytes: Arc<dyn ReadAt> = Arc::new(FileBytes::open(file).expect("the test's own file"));
    let mut source = opened(Arc::clone(&bytes), Framing::Lines);
    source.identity = bytes.len().and_then(|len| Identity::of(&*bytes, len)).ok();
    log.add(source).expect("one source");
    log.wait_saved();
    log
}

fn read(file: &Path, cache: Option<&Path>) -> Arc<Snapshot> {
    log(file, cache).snapshot()
}

fn indexes(cache: &Path) -> usize {
    std::fs::read_dir(cache.join("indexes")).map_or(0, Iterator::count)
}

/// Rows that a log takes over from an index are there at once.
fn is_restored(file: &Path, cache: &Path) -> bool {
    let damaged = |log: &Log| log.progress().checked.1;
    damaged(&log(file, Some(cache))) == 0
}

#[test]
fn opened_again_it_is_the_same_log() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let (file, cache) = (folder.path().join("log"), folder.path().join("cache"));
    std::fs::write(&file, text(900)).expect("temporary files can be written");
    let plain = said(&read(&file, None));
    assert_eq!(said(&read(&file, Some(&cache))), plain);
    assert_eq!(indexes(&cache), 1);
    assert_eq!(said(&read(&file, Some(&cache))), plain);
    assert!(is_restored(&file, &cache));
}

#[test]
fn what_was_added_is_read() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let (file, cache) = (folder.path().join("log"), folder.path().join("cache"));
    let whole = text(1200);
    let lines: Vec<usize> = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
    for end in [lines[400], lines[401], lines[401] + 5, lines[900], whole.len()] {
        std::fs::write(&file, &whole[..end]).expect("temporary files can be written");
        assert_eq!(said(&read(&file, Some(&cache))), said(&read(&file, None)), "{end} bytes");
    }
}

#[test]
fn a_replaced_file_or_index_is_read_anew() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let (file, cache) = (folder.path().join("log"), folder.path().join("cache"));
    let mut bytes = text(700);
    std::fs::write(&file, &bytes).expect("temporary files can be written");
    read(&file, Some(&cache));
    bytes[20] ^= 1;
    std::fs::write(&file, &bytes).expect("temporary files can be written");
    assert_eq!(said(&read(&file, Some(&cache))), said(&read(&file, None)));
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("temporary files can be written");
    assert_eq!(said(&read(&file, Some(&cache))), said(&read(&file, None)));
    for index in std::fs::read_dir(cache.join("indexes")).expect("made above") {
        let index = index.expect("made above").path();
        std::fs::write(&index, b"not an index, though it has its name").expect("temporary files can be written");
    }
    assert!(!is_restored(&file, &cache));
    assert_eq!(said(&read(&file, Some(&cache))), said(&read(&file, None)));
}

#[test]
fn without_a_cache_nothing_is_written() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let file = folder.path().join("log");
    std::fs::write(&file, text(50)).expect("temporary files can be written");
    read(&file, None);
    assert_eq!(std::fs::read_dir(folder.path()).expect("made above").count(), 1);
}
