//! Folders: every file below, sorted by name, without hidden ones and without a database's companions.

use std::path::{Path, PathBuf};

use super::super::file::unreadable;
use super::{Address, Found};

/// Deeper folders are not entered; a tree of real logs never comes near.
const MAX_DEPTH: usize = 64;

/// Endings of the files that SQLite keeps beside a database; they are read with it.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

pub(super) fn folder(path: &Path, found: &mut Found) {
    enter(path, 0, found);
}

/// The entries of a folder in the order of their names, hidden ones left out.
pub(super) fn entries(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn enter(path: &Path, depth: usize, found: &mut Found) {
    // A link may lead back up: each real folder is entered once.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if depth > MAX_DEPTH || !found.folders.insert(real) {
        return;
    }
    let entries = match entries(path) {
        Ok(entries) => entries,
        Err(cause) => return found.fail(unreadable(path, &cause)),
    };
    for entry in entries {
        // Broken links, pipes and devices inside a folder were not asked for.
        let Ok(metadata) = std::fs::metadata(&entry) else { continue };
        if metadata.is_dir() {
            enter(&entry, depth + 1, found);
        } else if metadata.is_file() && !is_companion(&entry) {
            found.add(Address::file(entry));
        }
    }
}

fn is_companion(path: &Path) -> bool {
    path.to_str().is_some_and(|text| {
        COMPANIONS.iter().any(|end| text.strip_suffix(end).is_some_and(|base| Path::new(base).is_file()))
    })
}
