//! The letters of a log. Bytes are searched for the texts that a letter has first, as a filter does, so
//! that a log without letters costs one look at its bytes; only what has one is decoded.

use std::sync::Arc;

use rapidhash::RapidHashMap;

use super::config::Config;
use super::dialects;
use super::fingerprint::Fingerprint;
use super::letter::{Evidence, Letter, Stage};
use super::seen::Seen;
use crate::analysis::OnProgress;
use crate::analysis::query::{self, Answer};
use crate::base::cancel::Cancel;
use crate::model::filter::{Expr, Filter, Node, Test};
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// One letter, as short as groups need it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub event: EventIx,
    /// When it failed.
    pub at: Option<TimeNs>,
    /// Place in [`Found::fingerprints`].
    pub fingerprint: u32,
    /// Places in [`Found::words`].
    pub origin: u32,
    pub consumer: u32,
    pub service: u32,
    pub entities: Box<[EntityIx]>,
    pub evidence: Evidence,
}

/// What was found, in the order of rows.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub entries: Vec<Entry>,
    pub fingerprints: Vec<Fingerprint>,
    pub words: Vec<String>,
    /// Messages that wait in a retry topic, and those that were put back with a letter's headers on them.
    pub retrying: u64,
    pub put_back: u64,
    /// Records that were looked at, of how many.
    pub looked: u64,
    pub of: u64,
    /// Records that could not be read again.
    pub unread: u64,
    config: Config,
    answer: Option<Answer>,
    segments: Vec<Arc<Segment>>,
    /// What each candidate was, with where it lies, so that it need not be read again.
    verdicts: Vec<(EventIx, Verdict)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Place in `entries`.
    Letter(u32),
    Retrying,
    PutBack,
    Nothing,
}

impl Found {
    /// The entry of an event.
    #[must_use]
    pub fn entry(&self, event: EventIx) -> Option<&Entry> {
        self.entries.binary_search_by_key(&event, |entry| entry.event).ok().and_then(|at| self.entries.get(at))
    }
}

/// `on_progress` is told rows done and rows of the log. `None` when cancelled.
#[must_use]
pub fn find(snapshot: &Snapshot, config: &Config, cancel: &Cancel, on_progress: OnProgress<'_>) -> Option<Found> {
    find_again(snapshot, config, None, cancel, on_progress)
}

/// The same for a log that has grown: what has not changed since `before` is not looked at again.
#[must_use]
pub fn find_again(
    snapshot: &Snapshot,
    config: &Config,
    before: Option<&Found>,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Option<Found> {
    let before = before.filter(|before| before.config == *config);
    let last = before.and_then(|before| before.answer.as_ref());
    let answer = query::evaluate_again(&filter(config), snapshot, last, cancel, on_progress);
    if !answer.complete {
        return None;
    }
    let mut words = Words::default();
    let mut found = Found {
        looked: snapshot.len() - answer.unread,
        of: snapshot.len(),
        unread: answer.unread,
        config: config.clone(),
        segments: snapshot.segments().to_vec(),
        ..Found::default()
    };
    for event in answer.rows.iter() {
        if cancel.is_cancelled() {
            return None;
        }
        let verdict = match before.and_then(|before| before.known(snapshot, event)) {
            Some((before, verdict)) => found.take(before, verdict, &mut words),
            None => found.look(snapshot, event, config, &mut words),
        };
        found.verdicts.push((event, verdict));
        match verdict {
            Verdict::Retrying => found.retrying += 1,
            Verdict::PutBack => found.put_back += 1,
            Verdict::Letter(_) | Verdict::Nothing => {}
        }
    }
    found.answer = Some(answer);
    found.words = words.list;
    Some(found)
}

/// One event's letter with the record that it was read from. `None` where it is none.
#[must_use]
pub fn read(snapshot: &Snapshot, event: EventIx, config: &Config) -> Option<(Letter, Seen)> {
    let (source, _) = snapshot.source_of(event)?;
    let source = snapshot.sources().get(source.at())?;
    let seen = Seen::new(&snapshot.record(event).ok()?, source.decode.as_ref())?;
    Some((dialects::read(&seen, config)?, seen))
}

fn filter(config: &Config) -> Filter {
    let test = Test::Regex { pattern: dialects::pattern(config), ignore_case: false };
    Filter { root: Some(Node { expr: Expr::Test(test), at: 0..0 }) }
}

impl Found {
    /// What became of an event before, where its segment has not changed.
    fn known(&self, snapshot: &Snapshot, event: EventIx) -> Option<(&Self, Verdict)> {
        let at = snapshot.segment_of(event)?;
        let same = Arc::ptr_eq(snapshot.segments().get(at)?, self.segments.get(at)?);
        let known = self.verdicts.binary_search_by_key(&event, |(event, _)| *event).ok()?;
        let (_, verdict) = self.verdicts.get(known).filter(|_| same)?;
        Some((self, *verdict))
    }

    fn take(&mut self, before: &Self, verdict: Verdict, words: &mut Words) -> Verdict {
        let Verdict::Letter(at) = verdict else { return verdict };
        let Some(entry) = before.entries.get(at as usize) else { return Verdict::Nothing };
        let mut word = |at: u32| words.of(before.words.get(at as usize).map_or("", String::as_str));
        let (origin, consumer, service) = (word(entry.origin), word(entry.consumer), word(entry.service));
        let print = before.fingerprints.get(entry.fingerprint as usize).cloned().unwrap_or_default();
        let entry = Entry {
            fingerprint: words.print(print, &mut self.fingerprints),
            origin,
            consumer,
            service,
            ..entry.clone()
        };
        self.push(entry)
    }

    fn look(&mut self, snapshot: &Snapshot, event: EventIx, config: &Config, words: &mut Words) -> Verdict {
        let Some((letter, seen)) = read(snapshot, event, config) else { return Verdict::Nothing };
        match letter.stage {
            Stage::Retrying => return Verdict::Retrying,
            Stage::PutBack => return Verdict::PutBack,
            Stage::Dead => {}
        }
        let print = config.groups.of(&letter, &seen);
        let service = snapshot.service_name(snapshot.service_ix(event));
        let entities = snapshot.envelope(event).map(|envelope| envelope.entities).unwrap_or_default();
        let entities = entities.iter().filter_map(|entity| snapshot.find_entity(&entity.kind, &entity.id)).collect();
        let entry = Entry {
            event,
            at: letter.failed_at.or_else(|| snapshot.time(event)),
            fingerprint: words.print(print, &mut self.fingerprints),
            origin: words.of(letter.origin.as_ref().map_or("", |origin| origin.name())),
            consumer: words.of(letter.consumer.as_deref().unwrap_or_default()),
            service: words.of(service),
            entities,
            evidence: letter.evidence,
        };
        self.push(entry)
    }

    fn push(&mut self, entry: Entry) -> Verdict {
        self.entries.push(entry);
        Verdict::Letter(self.entries.len() as u32 - 1)
    }
}

/// Each text and fingerprint once.
#[derive(Default)]
struct Words {
    list: Vec<String>,
    places: RapidHashMap<String, u32>,
    prints: RapidHashMap<String, u32>,
}

impl Words {
    fn of(&mut self, word: &str) -> u32 {
        if let Some(place) = self.places.get(word) {
            return *place;
        }
        let place = self.list.len() as u32;
        self.list.push(word.to_owned());
        self.places.insert(word.to_owned(), place);
        place
    }

    fn print(&mut self, print: Fingerprint, list: &mut Vec<Fingerprint>) -> u32 {
        *self.prints.entry(print.id.clone()).or_insert_with(|| {
            list.push(print);
            list.len() as u32 - 1
        })
    }
}
