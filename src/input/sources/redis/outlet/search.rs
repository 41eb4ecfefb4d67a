//! Messages looked for by the requeue ids that they carry, from where their stream ended before they were sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::link::Link;
use super::super::streams::{Facts, Pages, facts};
use crate::base::text::plural;
use crate::input::sources::outlet::{ID_HEADER, Presence};
use crate::model::error::Result;
use crate::model::message::EntryId;

/// Where a stream ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The id that was given last.
    last: String,
    /// Entries added until then, where the server counts them.
    added: Option<u64>,
}

/// By stream.
pub(super) type Marks = BTreeMap<String, Mark>;

impl Mark {
    pub(super) fn of(facts: &Facts) -> Self {
        Self { last: facts.last.to_string(), added: facts.added.or((facts.length == 0).then_some(0)) }
    }
}

/// What a look gave.
pub(super) struct Search {
    pub found: BTreeMap<String, EntryId>,
    /// Entries after the mark that are there.
    seen: u64,
    /// Entries that were added after it, where that is known.
    added: Option<u64>,
}

impl Search {
    /// # Errors
    /// When the server does not tell.
    pub(super) fn run(link: &mut Link, stream: &str, mark: &Mark, ids: &BTreeSet<&str>) -> Result<Self> {
        // A mark that cannot be read is the beginning.
        let last: EntryId = mark.last.parse().unwrap_or_default();
        let (mut found, mut seen) = (BTreeMap::new(), 0);
        let Some(from) = last.next() else { return Ok(Self { found, seen, added: None }) };
        let before = facts(link, stream)?.unwrap_or_default();
        let mut pages = Pages::new(from, before.last);
        while found.len() < ids.len() {
            let page = pages.read(link, stream)?;
            if page.is_empty() {
                break;
            }
            seen += page.len() as u64;
            for entry in page {
                let id = entry.fields.iter().rev().find(|(name, _)| name == ID_HEADER.as_bytes());
                let id = id.and_then(|(_, value)| std::str::from_utf8(value).ok()).filter(|id| ids.contains(id));
                if let Some(id) = id {
                    found.insert(id.to_owned(), entry.id);
                }
            }
        }
        let added = before.added.zip(mark.added).and_then(|(now, then)| now.checked_sub(then));
        Ok(Self { found, seen, added })
    }

    /// What it means that an id was not found.
    pub(super) fn absence(&self, stream: &str) -> Presence {
        match self.added {
            Some(added) if added == self.seen => Presence::Absent,
            Some(added) => {
                let gone = plural(added.saturating_sub(self.seen), "entry", "entries");
                Presence::CannotTell(format!("{gone} of {stream} that came since are trimmed or deleted"))
            }
            None => Presence::CannotTell(format!("it is not in {stream}, and what was deleted there is not counted")),
        }
    }
}
