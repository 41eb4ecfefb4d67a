//! What a person points at: files, folders, patterns, standard input, and how each is to be read.
//!
//! A shell expands patterns itself, but not inside quotes, not in the window's path field and not on
//! Windows; so patterns are expanded here too.

mod glob;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::broker::{self, Url, url};
use super::file::{place, unreadable};
use crate::model::error::{Error, Result};

/// One source to open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// A file that can be read at any place; of a database perhaps only one table.
    File {
        path: PathBuf,
        table: Option<String>,
    },
    /// A named pipe, a device or the like: read once, from front to end.
    Stream {
        path: PathBuf,
    },
    Stdin,
    /// Messages of a broker.
    Broker(Box<Url>),
}

impl Address {
    /// A regular file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), table: None }
    }

    /// Short, for lanes and tables.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } | Self::Stream { path } => {
                path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
            }
            Self::Stdin => "standard input".to_owned(),
            Self::Broker(url) => match url.path.last() {
                Some(last) if !last.is_empty() => last.clone(),
                _ => url.hosts.join(","),
            },
        }
    }

    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } | Self::Stream { path } => Some(path),
            Self::Stdin | Self::Broker(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, table: None } | Self::Stream { path } => write!(f, "{}", path.display()),
            Self::File { path, table: Some(table) } => write!(f, "{}{TABLE}{table}", path.display()),
            Self::Stdin => f.write_str("-"),
            Self::Broker(url) => write!(f, "{url}"),
        }
    }
}

const TABLE: &str = "?table=";

/// Turns arguments into sources: `-`, files, `shop.db?table=events`, folders (with all below, sorted,
/// hidden files left out), patterns (`*`, `?`, `[a-z]`, `**`). The same file twice is opened once. What
/// can't be found is an error in its place; the others are still opened.
#[must_use]
pub fn expand(args: &[String]) -> Vec<Result<Target>> {
    let mut found = Found::default();
    for arg in args {
        found.arg = arg.as_str().into();
        found.by_name = true;
        expand_one(arg, &mut found);
    }
    found.targets
}

/// A source and why it is one.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: Address,
    /// Pointed at itself, whatever folders it lies in.
    pub named: bool,
    /// The folders and patterns, as they were typed, that it was found by.
    pub groups: Vec<Arc<str>>,
}

/// The targets so far, without repeats.
#[derive(Default)]
struct Found {
    targets: Vec<Result<Target>>,
    /// Where each stands in `targets`.
    seen: BTreeMap<(PathBuf, Option<String>), usize>,
    folders: BTreeSet<PathBuf>,
    /// What is being expanded now.
    arg: Arc<str>,
    by_name: bool,
}

impl Found {
    fn add(&mut self, address: Address) {
        let real = match &address {
            Address::File { path, table } => (path.canonicalize().unwrap_or_else(|_| path.clone()), table.clone()),
            Address::Stream { path } => (path.clone(), None),
            Address::Stdin => (PathBuf::from("-"), None),
            Address::Broker(url) => (PathBuf::from(url.to_string()), None),
        };
        let at = *self.seen.entry(real).or_insert_with(|| {
            self.targets.push(Ok(Target { address, named: false, groups: Vec::new() }));
            self.targets.len() - 1
        });
        let Some(Ok(target)) = self.targets.get_mut(at) else { return };
        if self.by_name {
            target.named = true;
        } else if !target.groups.contains(&self.arg) {
            target.groups.push(Arc::clone(&self.arg));
        }
    }

    fn fail(&mut self, error: Error) {
        self.targets.push(Err(error));
    }
}

fn expand_one(arg: &str, found: &mut Found) {
    if arg == "-" {
        return found.add(Address::Stdin);
    }
    if url::is_url(arg) {
        let read = Url::parse(arg).and_then(|url| broker::check(&url).map(|()| url));
        return match read {
            Ok(url) => found.add(Address::Broker(Box::new(url))),
            Err(error) => found.fail(error),
        };
    }
    let path = Path::new(arg);
    let cause = match std::fs::metadata(path) {
        Ok(metadata) => return add_existing(path, &metadata, None, found),
        Err(cause) => cause,
    };
    if let Some((file, table)) = arg.rsplit_once(TABLE)
        && let Ok(metadata) = std::fs::metadata(file)
    {
        return add_existing(Path::new(file), &metadata, Some(table), found);
    }
    if std::fs::symlink_metadata(path).is_ok() {
        let error = Error::new("The link leads nowhere", place(path), "Point at the file itself");
        return found.fail(error.because(cause));
    }
    if glob::is_pattern(arg) {
        let before = found.targets.len();
        let repeats = found.seen.len();
        found.by_name = false;
        glob::expand(arg, found);
        if found.targets.len() == before && repeats == 0 {
            found.fail(Error::new("No file fits the pattern", place(path), "Check the pattern and the folder"));
        }
        return;
    }
    found.fail(unreadable(path, &cause));
}

fn add_existing(path: &Path, metadata: &std::fs::Metadata, table: Option<&str>, found: &mut Found) {
    if metadata.is_dir() {
        let before = found.targets.len();
        let repeats = found.seen.len();
        found.by_name = false;
        walk::folder(path, found);
        if found.targets.len() == before && repeats == 0 {
            found.fail(Error::new("The folder holds no files", place(path), "Choose another folder"));
        }
    } else if metadata.is_file() {
        found.add(Address::File { path: path.to_owned(), table: table.map(str::to_owned) });
    } else if is_socket(metadata) {
        found.fail(Error::new("A socket cannot be read as a file", place(path), "Point at a file or a pipe"));
    } else {
        found.add(Address::Stream { path: path.to_owned() });
    }
}

#[cfg(unix)]
fn is_socket(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_socket(_metadata: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;
