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
    let known = |event| before.and_then(|before| Some((before, before.known(snapshot, event)?)));
    let fresh: Vec<EventIx> = answer.rows.iter().filter(|&event| known(event).is_none()).collect();
    let mut looked = look_at_all(snapshot, &fresh, config, cancel)?.into_iter();
    for event in answer.rows.iter() {
        let verdict = match known(event) {
            Some((before, verdict)) => found.take(before, verdict, &mut words),
            None => found.add(event, looked.next().unwrap_or(Look::Nothing), &mut words),
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

/// Threads that read letters; a log of nothing but letters has millions.
const THREADS: usize = 4;

/// What a candidate is, in the words of its own record.
enum Look {
    Letter(Box<Looked>),
    Retrying,
    PutBack,
    Nothing,
}

struct Looked {
    at: Option<TimeNs>,
    print: Fingerprint,
    origin: String,
    consumer: String,
    service: String,
    entities: Box<[EntityIx]>,
    evidence: Evidence,
}

/// In the order of `events`. `None` when cancelled.
fn look_at_all(snapshot: &Snapshot, events: &[EventIx], config: &Config, cancel: &Cancel) -> Option<Vec<Look>> {
    let read = |part: &[EventIx]| -> Vec<Look> {
        part.iter().take_while(|_| !cancel.is_cancelled()).map(|&event| look(snapshot, event, config)).collect()
    };
    let parts: Vec<&[EventIx]> = events.chunks(events.len().div_ceil(THREADS).max(64)).collect();
    let Some((first, rest)) = parts.split_first() else { return Some(Vec::new()) };
    let mut looked = std::thread::scope(|scope| {
        let spawn = |part: &'_ [EventIx]| {
            let part = part.to_vec();
            std::thread::Builder::new().name("letters".to_owned()).spawn_scoped(scope, move || read(&part))
        };
        let others: Vec<_> = rest.iter().map(|part| (*part, spawn(part))).collect();
        let mut looked = read(first);
        for (part, other) in others {
            // Without a thread this one does it.
            looked
                .append(&mut other.map_or_else(|_| read(part), |other| other.join().expect("reading does not panic")));
        }
        looked
    });
    looked.truncate(events.len());
    (!cancel.is_cancelled()).then_some(looked)
}

fn look(snapshot: &Snapshot, event: EventIx, config: &Config) -> Look {
    let Some((letter, seen)) = read(snapshot, event, config) else { return Look::Nothing };
    match letter.stage {
        Stage::Retrying => return Look::Retrying,
        Stage::PutBack => return Look::PutBack,
        Stage::Dead => {}
    }
    let entities = seen.entities.iter().filter_map(|entity| snapshot.find_entity(&entity.kind, &entity.id)).collect();
    Look::Letter(Box::new(Looked {
        at: letter.failed_at.or_else(|| snapshot.time(event)),
        print: config.groups.of(&letter, &seen),
        origin: letter.origin.as_ref().map_or_else(String::new, |origin| origin.name().to_owned()),
        consumer: letter.consumer.unwrap_or_default(),
        service: snapshot.service_name(snapshot.service_ix(event)).to_owned(),
        entities,
        evidence: letter.evidence,
    }))
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
    fn known(&self, snapshot: &Snapshot, event: EventIx) -> Option<Verdict> {
        let at = snapshot.segment_of(event)?;
        let same = Arc::ptr_eq(snapshot.segments().get(at)?, self.segments.get(at)?);
        let known = self.verdicts.binary_search_by_key(&event, |(event, _)| *event).ok()?;
        let (_, verdict) = self.verdicts.get(known).filter(|_| same)?;
        Some(*verdict)
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

    fn add(&mut self, event: EventIx, look: Look, words: &mut Words) -> Verdict {
        let looked = match look {
            Look::Letter(looked) => *looked,
            Look::Retrying => return Verdict::Retrying,
            Look::PutBack => return Verdict::PutBack,
            Look::Nothing => return Verdict::Nothing,
        };
        let entry = Entry {
            event,
            at: looked.at,
            fingerprint: words.print(looked.print, &mut self.fingerprints),
            origin: words.of(&looked.origin),
            consumer: words.of(&looked.consumer),
            service: words.of(&looked.service),
            entities: looked.entities,
            evidence: looked.evidence,
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
