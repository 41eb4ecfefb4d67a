//! Rows of one segment grouped by a key: an entity or a correlation.
//!
//! Keys are numbered in the order of first appearance, so those that this segment saw first are one
//! run of numbers and need no list; only keys seen before it are listed, in order.

use std::ops::Range;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Postings {
    pub(in crate::store) first_new: u32,
    pub(in crate::store) new: u32,
    pub(in crate::store) old_keys: Box<[u32]>,
    /// New keys first, then old ones, and the end.
    pub(in crate::store) starts: Box<[u32]>,
    pub(in crate::store) rows: Box<[u16]>,
    /// One bit for each of `rows`.
    pub(in crate::store) streams: Box<[u64]>,
}

impl Postings {
    /// The rows of a key in their order; empty where it does not occur.
    #[must_use]
    pub fn rows(&self, key: u32) -> &[u16] {
        self.range(key).and_then(|range| self.rows.get(range)).unwrap_or(&[])
    }

    /// Every key of the segment with its rows, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u16])> + '_ {
        self.keys().map(|(key, i)| (key, self.slice(i).and_then(|range| self.rows.get(range)).unwrap_or(&[])))
    }

    /// Whether the `i`-th row of `key` has it as its stream.
    #[must_use]
    pub fn is_stream(&self, key: u32, i: usize) -> bool {
        self.range(key).filter(|range| i < range.len()).is_some_and(|range| self.bit(range.start + i))
    }

    /// Every key with its rows, each with whether it has the key as its stream, in the order of keys and rows.
    pub fn marked(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (u16, bool)> + '_)> + '_ {
        self.keys().map(|(key, i)| {
            let range = self.slice(i).unwrap_or_default();
            let rows = range.filter_map(|at| Some((*self.rows.get(at)?, self.bit(at))));
            (key, rows)
        })
    }

    /// Keys that occur in this segment.
    #[must_use]
    pub fn key_count(&self) -> usize {
        self.new as usize + self.old_keys.len()
    }

    /// Numbers of the keys that this segment saw first.
    #[must_use]
    pub fn new_keys(&self) -> Range<u32> {
        self.first_new..self.first_new + self.new
    }

    /// Keys that appeared before this segment and occur in it, in order.
    #[must_use]
    pub fn old_keys(&self) -> &[u32] {
        &self.old_keys
    }

    pub(in crate::store) fn bytes(&self) -> usize {
        self.old_keys.len() * 4 + self.starts.len() * 4 + self.rows.len() * 2 + self.streams.len() * 8
    }

    fn range(&self, key: u32) -> Option<Range<usize>> {
        match key.checked_sub(self.first_new) {
            Some(i) if i < self.new => self.slice(i as usize),
            _ => self.slice(self.new as usize + self.old_keys.binary_search(&key).ok()?),
        }
    }

    /// Every key with its place in `starts`, in the order of keys.
    fn keys(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        let old = self.old_keys.iter().enumerate().map(|(i, &key)| (key, self.new as usize + i));
        // A key born here may have a smaller number than an old one only where segments were joined.
        let before = self.old_keys.partition_point(|&key| key < self.first_new);
        let new = (0..self.new).map(|i| (self.first_new + i, i as usize));
        old.clone().take(before).chain(new).chain(old.skip(before))
    }

    fn bit(&self, at: usize) -> bool {
        self.streams.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn slice(&self, i: usize) -> Option<Range<usize>> {
        Some(*self.starts.get(i)? as usize..*self.starts.get(i + 1)? as usize)
    }
}

/// What postings are made of: rows from `first` on, each with the keys that end at its `ends`.
pub(in crate::store) struct Keys<'a> {
    /// Ends in `locals`, one a row.
    pub ends: &'a [u32],
    /// Where the first row's keys start in `locals`.
    pub start: u32,
    /// Keys in the batch's own numbers.
    pub locals: &'a [u32],
    /// The log's number of each local key.
    pub globals: &'a [u32],
    /// Keys from here on are new in this segment.
    pub first_new: u32,
    /// Whether the first key of a row is its stream.
    pub streams: bool,
}

/// Reused between segments.
#[derive(Debug, Default)]
pub(in crate::store) struct Scratch {
    /// Per local key: how often it occurs, then where its next row goes.
    places: Vec<u32>,
    old: Vec<(u32, u32)>,
}

impl Postings {
    pub(in crate::store) fn build(keys: &Keys<'_>, scratch: &mut Scratch) -> Self {
        let end = keys.ends.last().copied().unwrap_or(keys.start);
        let locals = keys.locals.get(keys.start as usize..end as usize).unwrap_or(&[]);
        let Scratch { places, old } = scratch;
        places.clear();
        places.resize(keys.globals.len(), 0);
        old.clear();
        for &local in locals {
            places[local as usize] += 1;
        }
        // New keys appear in the order of their numbers, so their rows can be laid out at once.
        let mut starts: Vec<u32> = Vec::with_capacity(keys.globals.len() + 1);
        let mut next = 0;
        for (local, (place, &global)) in places.iter_mut().zip(keys.globals).enumerate() {
            if *place == 0 {
                continue;
            }
            if global >= keys.first_new {
                starts.push(next);
                next += std::mem::replace(place, next);
            } else {
                old.push((global, local as u32));
            }
        }
        let new = starts.len() as u32;
        old.sort_unstable();
        for &(_, local) in old.iter() {
            starts.push(next);
            let place = &mut places[local as usize];
            next += std::mem::replace(place, next);
        }
        starts.push(next);
        let mut rows = vec![0u16; next as usize].into_boxed_slice();
        let mut streams = if keys.streams { vec![0u64; rows.len().div_ceil(64)] } else { Vec::new() };
        let mut at = keys.start;
        for (row, &end) in keys.ends.iter().enumerate() {
            let mut first = keys.streams;
            for &local in &keys.locals[at as usize..end as usize] {
                let place = &mut places[local as usize];
                let bit = *place as usize;
                *place += 1;
                rows[bit] = row as u16;
                if std::mem::take(&mut first) {
                    streams[bit / 64] |= 1 << (bit % 64);
                }
            }
            at = end;
        }
        Self {
            first_new: keys.first_new,
            new,
            old_keys: old.iter().map(|&(global, _)| global).collect(),
            starts: starts.into(),
            rows,
            streams: streams.into(),
        }
    }

    /// Postings of two neighbouring segments as one; rows of `next` are moved by `shift`.
    pub(in crate::store) fn joined(a: &Self, next: &Self, shift: u16) -> Self {
        let new_start = if a.new == 0 { next.first_new } else { a.first_new };
        let new_end = next.first_new + next.new;
        // Numbers that someone else gave between the two are no part of the run.
        let is_run = a.new == 0 || next.new == 0 || a.first_new + a.new == next.first_new;
        let (first_new, new_end) = match (is_run, next.new) {
            (true, 0) => (a.first_new, a.first_new + a.new),
            (true, _) => (new_start, new_end),
            (false, _) => (new_end, new_end),
        };
        let mut all: Vec<(u32, u16, bool)> = Vec::with_capacity(a.rows.len() + next.rows.len());
        for (postings, shift) in [(a, 0), (next, shift)] {
            for (key, i) in postings.keys() {
                for at in postings.slice(i).unwrap_or(0..0) {
                    let row = postings.rows.get(at).copied().unwrap_or(0) + shift;
                    all.push((key, row, postings.bit(at)));
                }
            }
        }
        // New keys stand before old ones.
        let is_new = |key: u32| (first_new..new_end).contains(&key);
        all.sort_by_key(|&(key, row, _)| (!is_new(key), key, row));
        let mut joined = Self { first_new, new: new_end - first_new, ..Self::default() };
        let (mut old_keys, mut starts) = (Vec::new(), Vec::new());
        let mut streams =
            vec![0u64; if a.streams.len() + next.streams.len() == 0 { 0 } else { all.len().div_ceil(64) }];
        let mut last = None;
        for (at, &(key, _, stream)) in all.iter().enumerate() {
            if last != Some(key) {
                // Keys that lost all their rows keep their place.
                while is_new(key) && (starts.len() as u32) < key - first_new {
                    starts.push(at as u32);
                }
                if !is_new(key) {
                    while (starts.len() as u32) < joined.new {
                        starts.push(at as u32);
                    }
                    old_keys.push(key);
                }
                starts.push(at as u32);
                last = Some(key);
            }
            if stream {
                streams[at / 64] |= 1 << (at % 64);
            }
        }
        while (starts.len() as u32) < joined.new {
            starts.push(all.len() as u32);
        }
        starts.push(all.len() as u32);
        joined.rows = all.iter().map(|&(_, row, _)| row).collect();
        joined.old_keys = old_keys.into();
        joined.starts = starts.into();
        joined.streams = streams.into();
        joined
    }

    /// The same without the rows for which `gone` holds. Keys that lose all rows stay, without rows.
    pub(in crate::store) fn without(&self, gone: impl Fn(u16) -> bool) -> Self {
        let mut starts = Vec::with_capacity(self.starts.len());
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut streams = vec![0u64; self.streams.len()];
        starts.push(0);
        for i in 0..self.key_count() {
            for at in self.slice(i).unwrap_or(0..0) {
                let Some(&row) = self.rows.get(at).filter(|&&row| !gone(row)) else { continue };
                if self.bit(at) {
                    streams[rows.len() / 64] |= 1 << (rows.len() % 64);
                }
                rows.push(row);
            }
            starts.push(rows.len() as u32);
        }
        streams.truncate(if self.streams.is_empty() { 0 } else { rows.len().div_ceil(64) });
        Self {
            first_new: self.first_new,
            new: self.new,
            old_keys: self.old_keys.clone(),
            starts: starts.into(),
            rows: rows.into(),
            streams: streams.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// `old` keys were known before; the batch's local number of a key is its first appearance.
    fn check(lists: &[Vec<u32>], old: u32) {
        let (mut ends, mut locals, mut order) = (Vec::new(), Vec::new(), Vec::<u32>::new());
        for list in lists {
            for key in list {
                let local = order.iter().position(|k| k == key).unwrap_or_else(|| {
                    order.push(*key);
                    order.len() - 1
                });
                locals.push(local as u32);
            }
            ends.push(locals.len() as u32);
        }
        let mut next = old;
        let globals: Vec<u32> = order
            .iter()
            .map(|&key| {
                if key < old {
                    key
                } else {
                    next += 1;
                    next - 1
                }
            })
            .collect();
        let keys = Keys { ends: &ends, start: 0, locals: &locals, globals: &globals, first_new: old, streams: true };
        let postings = Postings::build(&keys, &mut Scratch::default());
        let mut naive: BTreeMap<u32, Vec<(u16, bool)>> = BTreeMap::new();
        let mut at = 0;
        for (row, list) in lists.iter().enumerate() {
            for i in 0..list.len() {
                naive.entry(globals[locals[at] as usize]).or_default().push((row as u16, i == 0));
                at += 1;
            }
        }
        let listed: BTreeMap<u32, Vec<(u16, bool)>> = postings
            .iter()
            .map(|(key, rows)| {
                assert_eq!(postings.rows(key), rows);
                (key, rows.iter().enumerate().map(|(i, &row)| (row, postings.is_stream(key, i))).collect())
            })
            .collect();
        assert_eq!(listed, naive);
        assert!(postings.rows(next).is_empty());
        let odd = postings.without(|row| row % 2 == 1);
        for (key, rows) in &naive {
            let kept: Vec<(u16, bool)> = rows.iter().copied().filter(|(row, _)| row % 2 == 0).collect();
            let found: Vec<(u16, bool)> =
                odd.rows(*key).iter().enumerate().map(|(i, &row)| (row, odd.is_stream(*key, i))).collect();
            assert_eq!(found, kept);
        }
    }

    proptest! {
        #[test]
        fn postings_equal_a_naive_grouping(
            lists in proptest::collection::vec(proptest::collection::btree_set(0..40u32, 0..5), 0..80), old in 0..40u32) {
            let lists: Vec<Vec<u32>> = lists.into_iter().map(|set| set.into_iter().rev().collect()).collect();
            check(&lists, old);
        }
    }
}
