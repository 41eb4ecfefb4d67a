//! Names that snapshots share with the writer: small lists of types, services and kinds with their
//! counts, and the long list of entities in immutable chunks.

use std::sync::Arc;

use crate::model::ids::KindIx;

/// A type or a service with the number of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name: Arc<str>,
    pub events: u64,
}

/// A kind of entity. `events` counts an event once, however many entities of the kind it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindName {
    pub name: Arc<str>,
    pub entities: u64,
    pub events: u64,
}

/// An entity as a person knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntityName<'a> {
    pub kind: KindIx,
    pub id: &'a str,
}

/// Entities with consecutive numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Chunk {
    pub first: u32,
    pub kinds: Box<[u16]>,
    /// Ends in `text`.
    pub ends: Box<[u32]>,
    pub text: Box<str>,
}

impl Chunk {
    pub fn len(&self) -> u32 {
        self.kinds.len() as u32
    }

    pub fn get(&self, i: usize) -> Option<EntityName<'_>> {
        let end = *self.ends.get(i)? as usize;
        let start = i.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&start| start as usize);
        Some(EntityName { kind: KindIx(*self.kinds.get(i)?), id: self.text.get(start..end)? })
    }

    pub fn bytes(&self) -> usize {
        self.kinds.len() * 2 + self.ends.len() * 4 + self.text.len() + size_of::<Self>()
    }

    fn joined(&self, next: &Self) -> Self {
        let shift = self.text.len() as u32;
        Self {
            first: self.first,
            kinds: self.kinds.iter().chain(&next.kinds).copied().collect(),
            ends: self.ends.iter().copied().chain(next.ends.iter().map(|end| end + shift)).collect(),
            text: [&*self.text, &*next.text].concat().into(),
        }
    }
}

/// Every entity's name. Cloning copies a list of pointers.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct EntityNames {
    pub chunks: Vec<Arc<Chunk>>,
}

/// Smaller chunks are joined with the one before, so that a followed log does not collect thousands.
const SMALL_CHUNK: u32 = 4096;

impl EntityNames {
    pub fn len(&self) -> u32 {
        self.chunks.last().map_or(0, |chunk| chunk.first + chunk.len())
    }

    pub fn push(&mut self, chunk: Arc<Chunk>) {
        if chunk.len() == 0 {
            return;
        }
        debug_assert_eq!(chunk.first, self.len(), "entities are numbered without gaps");
        let fits = |last: &Arc<Chunk>| {
            last.len() + chunk.len() <= SMALL_CHUNK && last.text.len() + chunk.text.len() < u32::MAX as usize
        };
        match self.chunks.last_mut() {
            Some(last) if fits(last) => *last = Arc::new(last.joined(&chunk)),
            _ => self.chunks.push(chunk),
        }
    }

    pub fn get(&self, entity: u32) -> Option<EntityName<'_>> {
        let after = self.chunks.partition_point(|chunk| chunk.first <= entity);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        chunk.get((entity - chunk.first) as usize)
    }

    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes() + size_of::<Arc<Chunk>>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_join_while_they_are_small() {
        let mut names = EntityNames::default();
        let mut expected = Vec::new();
        for round in 0..200u32 {
            let ids: Vec<String> = (0..round % 90).map(|i| format!("{round}-{i}é")).collect();
            let mut end = 0;
            let ends = ids.iter().map(|id| {
                end += id.len() as u32;
                end
            });
            let chunk = Chunk {
                first: names.len(),
                ends: ends.collect(),
                kinds: ids.iter().map(|_| round as u16).collect(),
                text: ids.concat().into(),
            };
            names.push(Arc::new(chunk));
            expected.extend(ids.into_iter().map(|id| (round as u16, id)));
        }
        assert!(names.chunks.len() < 5);
        for (i, (kind, id)) in expected.iter().enumerate() {
            assert_eq!(names.get(i as u32), Some(EntityName { kind: KindIx(*kind), id }));
        }
        assert_eq!(names.get(names.len()), None);
    }
}
