//! A file of messages' records as a place where messages are put: one record a line, each batch on the disk
//! before it counts as sent.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::outlet::{Guarantee, Hold, ID_HEADER, Outcome, Outgoing, Outlet, Presence};
use crate::model::error::{Error, Place, Result};
use crate::model::message::Message;

/// Before the path, where a broker's URL could stand too.
pub const SCHEME: &str = "file:";

struct Records {
    path: PathBuf,
    /// Locked for as long as it is written.
    file: File,
}

/// # Errors
/// When the file cannot be written, or another process writes it.
pub fn outlet(path: &str) -> Result<Box<dyn Outlet>> {
    let path = PathBuf::from(path);
    let failed = |cause: std::io::Error| wrong(&path).because(cause);
    let file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed)?;
    file.try_lock().map_err(|_| wrong(&path).because("another process is writing it"))?;
    Ok(Box::new(Records { path, file }))
}

fn wrong(path: &Path) -> Error {
    let place = Place::File { path: path.display().to_string(), offset: None };
    Error::new("The file cannot be written", place, "Check the folder and the disk, or name another file")
}

impl Records {
    fn append(&mut self, batch: &[Outgoing]) -> std::io::Result<()> {
        let mut lines = Vec::new();
        for outgoing in batch {
            outgoing.message.write(&mut lines);
            lines.push(b'\n');
        }
        self.file.write_all(&lines)?;
        self.file.sync_all()
    }

    /// Ids of the records from `start` on. A line that was not written to its end is taken off again.
    fn ids(&mut self, start: u64) -> std::io::Result<BTreeSet<String>> {
        self.file.seek(SeekFrom::Start(start))?;
        let mut lines = BufReader::new(&self.file);
        let (mut ids, mut whole, mut line) = (BTreeSet::new(), start, Vec::new());
        loop {
            line.clear();
            let len = lines.read_until(b'\n', &mut line)?;
            if len == 0 {
                return Ok(ids);
            }
            if line.last() != Some(&b'\n') {
                break;
            }
            whole += len as u64;
            let message = Message::read(&line).unwrap_or_default();
            let id = message.headers.iter().find(|(name, _)| name == ID_HEADER);
            ids.extend(id.and_then(|(_, value)| value.text()).map(str::to_owned));
        }
        self.file.set_len(whole)?;
        self.file.sync_all()?;
        Ok(ids)
    }
}

impl Outlet for Records {
    fn guarantee(&self) -> Guarantee {
        Guarantee::FoundAgain
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        Ok(batch.iter().map(|_| Hold::Held).collect())
    }

    /// The file's length.
    fn mark(&mut self, _batch: &[Outgoing]) -> Result<String> {
        let len = self.file.metadata().map_err(|cause| wrong(&self.path).because(cause))?.len();
        Ok(len.to_string())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        match self.append(batch) {
            Ok(()) => batch.iter().map(|_| Outcome::Confirmed(self.path.display().to_string())).collect(),
            Err(cause) => {
                let error = wrong(&self.path).because(cause);
                batch.iter().map(|_| Outcome::Unknown(error.clone())).collect()
            }
        }
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        batch.iter().map(|_| Outcome::Confirmed(String::new())).collect()
    }

    fn release(&mut self, _batch: &[Outgoing]) {}

    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let failed = |cause: std::io::Error| wrong(&self.path).because(cause);
        let len = self.file.metadata().map_err(failed)?.len();
        let Some(start) = mark.parse::<u64>().ok().filter(|start| *start <= len) else {
            let why = "the file is shorter than it was";
            return Ok(batch.iter().map(|_| Presence::CannotTell(why.to_owned())).collect());
        };
        let place = self.path.display().to_string();
        let ids = self.ids(start).map_err(|cause| wrong(&self.path).because(cause))?;
        let presence = |outgoing: &Outgoing| {
            if ids.contains(&outgoing.requeue_id) { Presence::There(place.clone()) } else { Presence::Absent }
        };
        Ok(batch.iter().map(presence).collect())
    }
}
