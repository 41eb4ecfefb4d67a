//! Letters grouped by cause, with what a person changed about the groups.

use std::collections::BTreeMap;

use rapidhash::RapidHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::find::{Entry, Found};
use super::fingerprint::{Fingerprint, fingerprint};
use super::letter::Letter;
use super::seen::{Seen, text};
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;

/// Examples that a group names.
pub const MAX_EXAMPLES: usize = 5;

/// What letters of one group share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Class,
    Origin,
    Consumer,
    Dialect,
    Reason,
    /// A header of the message: a tenant, a schema's version.
    Header(String),
}

impl Key {
    fn word(&self) -> String {
        match self {
            Self::Class => "class".to_owned(),
            Self::Origin => "origin".to_owned(),
            Self::Consumer => "consumer".to_owned(),
            Self::Dialect => "dialect".to_owned(),
            Self::Reason => "reason".to_owned(),
            Self::Header(name) => format!("header:{name}"),
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let plain = [Self::Class, Self::Origin, Self::Consumer, Self::Dialect, Self::Reason];
        let header =
            || word.strip_prefix("header:").filter(|name| !name.is_empty()).map(|name| Self::Header(name.to_owned()));
        plain.into_iter().find(|key| key.word() == word).or_else(header)
    }

    fn value(&self, letter: &Letter, seen: &Seen) -> String {
        let found = match self {
            Self::Class => letter.cause.class().map(str::to_owned),
            Self::Origin => letter.origin.as_ref().map(|origin| origin.name().to_owned()),
            Self::Consumer => letter.consumer.clone(),
            Self::Dialect => Some(letter.dialect.clone()),
            Self::Reason => letter.cause.reason.clone(),
            Self::Header(name) => seen.all(name).next_back().and_then(text),
        };
        found.unwrap_or_default()
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let word = String::deserialize(input)?;
        Self::of_word(&word).ok_or_else(|| {
            let known = "class, origin, consumer, dialect, reason, header:NAME";
            serde::de::Error::custom(format!("there is no key {word}: the keys are {known}"))
        })
    }
}

/// What a person wants of groups other than by cause. Fingerprints are [`Fingerprint::id`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Regroup {
    /// Beside the cause, for all groups.
    pub keys: Vec<Key>,
    /// In place of the cause: groups by `keys` alone.
    pub without_cause: bool,
    /// Groups that are split by more keys.
    pub split: BTreeMap<String, Vec<Key>>,
    /// Groups that belong to another one.
    pub merged: BTreeMap<String, String>,
    /// A name in place of the cause.
    pub names: BTreeMap<String, String>,
}

impl Regroup {
    /// The fingerprint of the group that a letter belongs to.
    #[must_use]
    pub fn of(&self, letter: &Letter, seen: &Seen) -> Fingerprint {
        let values = |keys: &[Key]| keys.iter().map(|key| key.value(letter, seen)).collect::<Vec<_>>();
        let mut found = fingerprint(letter);
        let own = values(&self.keys);
        if self.without_cause && !own.is_empty() {
            found = Fingerprint { shape: own.join(", "), from: "your own key", ..Fingerprint::default() };
        } else if !own.is_empty() {
            found.shape = [&[found.shape], &own[..]].concat().join(", ");
        }
        found = found.with(&own);
        if let Some(keys) = self.split.get(&found.id) {
            let values = values(keys);
            found.shape = [&[found.shape], &values[..]].concat().join(", ");
            found = found.with(&values);
        }
        found
    }

    /// Where a fingerprint's letters are counted; circles of merges end where they began.
    fn target<'a>(&'a self, id: &'a str) -> &'a str {
        let mut at = id;
        for _ in 0..self.merged.len() {
            match self.merged.get(at) {
                Some(next) if next != id => at = next,
                _ => break,
            }
        }
        at
    }
}

/// Letters with one cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub fingerprint: Fingerprint,
    /// The cause in words, or the name that a person gave it.
    pub cause: String,
    pub count: u64,
    /// The first and the last failure.
    pub first: Option<TimeNs>,
    pub last: Option<TimeNs>,
    /// Topics and queues where the letters were first, most frequent first; empty names are unknown ones.
    pub origins: Vec<(String, u64)>,
    pub consumers: Vec<(String, u64)>,
    /// Services that produced the messages, as the log names them.
    pub services: Vec<(String, u64)>,
    /// Entities that the letters belong to, most frequent first.
    pub entities: Vec<(EntityIx, u64)>,
    pub examples: Vec<EventIx>,
    /// Its entries in [`Found::entries`].
    pub entries: Vec<u32>,
}

/// The groups of what was found: the most letters first, then the latest.
#[must_use]
pub fn groups(found: &Found, regroup: &Regroup) -> Vec<Group> {
    let mut by_id: RapidHashMap<&str, usize> = RapidHashMap::default();
    let mut groups: Vec<(Group, Counts)> = Vec::new();
    for (at, entry) in found.entries.iter().enumerate() {
        let Some(fingerprint) = found.fingerprints.get(entry.fingerprint as usize) else { continue };
        let id = regroup.target(&fingerprint.id);
        let place = *by_id.entry(id).or_insert_with(|| {
            // Merged, it looks like the group that it was merged into, where that is there.
            let shown = found.fingerprints.iter().find(|known| known.id == id).unwrap_or(fingerprint).clone();
            let cause = regroup.names.get(id).cloned().unwrap_or_else(|| shown.cause());
            groups.push((
                Group { fingerprint: Fingerprint { id: id.to_owned(), ..shown }, cause, ..Group::default() },
                Counts::default(),
            ));
            groups.len() - 1
        });
        if let Some((group, counts)) = groups.get_mut(place) {
            group.add(entry, at as u32);
            counts.add(entry, found);
        }
    }
    let finish = |(mut group, counts): (Group, Counts)| {
        group.origins = most_first(counts.origins);
        group.consumers = most_first(counts.consumers);
        group.services = most_first(counts.services);
        group.entities = most_first(counts.entities);
        group
    };
    let mut groups: Vec<Group> = groups.into_iter().map(finish).collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| b.last.cmp(&a.last)).then_with(|| a.cause.cmp(&b.cause)));
    groups
}

impl Group {
    fn add(&mut self, entry: &Entry, at: u32) {
        self.count += 1;
        if let Some(time) = entry.at {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(entry.event);
        }
        self.entries.push(at);
    }

    /// Counts of its letters in `buckets` equal parts of `start..=end`.
    #[must_use]
    pub fn sparkline(&self, found: &Found, (start, end): (TimeNs, TimeNs), buckets: usize) -> Vec<u32> {
        let mut counts = vec![0; buckets];
        let len = (i128::from(end.0) - i128::from(start.0) + 1).max(1);
        let entries = self.entries.iter().filter_map(|&at| found.entries.get(at as usize));
        for time in entries.filter_map(|entry| entry.at).filter(|time| (start..=end).contains(time)) {
            let bucket = (i128::from(time.0) - i128::from(start.0)) * buckets as i128 / len;
            if let Some(count) = counts.get_mut(bucket as usize) {
                *count += 1;
            }
        }
        counts
    }
}

#[derive(Default)]
struct Counts {
    origins: RapidHashMap<String, u64>,
    consumers: RapidHashMap<String, u64>,
    services: RapidHashMap<String, u64>,
    entities: RapidHashMap<EntityIx, u64>,
}

impl Counts {
    fn add(&mut self, entry: &Entry, found: &Found) {
        let word = |at: u32| found.words.get(at as usize).cloned().unwrap_or_default();
        *self.origins.entry(word(entry.origin)).or_default() += 1;
        for (counts, at) in [(&mut self.consumers, entry.consumer), (&mut self.services, entry.service)] {
            let name = word(at);
            if !name.is_empty() {
                *counts.entry(name).or_default() += 1;
            }
        }
        entry.entities.iter().for_each(|entity| *self.entities.entry(*entity).or_default() += 1);
    }
}

fn most_first<T: Ord>(counts: RapidHashMap<T, u64>) -> Vec<(T, u64)> {
    let mut list: Vec<(T, u64)> = counts.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}
