//! Entities by name as people count: `order-9` before `order-10`.
//!
//! A million strings compared pairwise would take a second, so each name gets a number first that
//! orders it: the part in which ids of its kind differ, as a number where it is one. Only names
//! with equal numbers are compared as text.

use crate::model::ids::EntityIx;
use crate::store::snapshot::Snapshot;

/// In the order of kind names, then ids.
pub(super) fn sort_by_name(entities: &mut [EntityIx], snapshot: &Snapshot) {
    let kinds = snapshot.kinds();
    let mut by_name: Vec<usize> = (0..kinds.len()).collect();
    by_name.sort_by_key(|&kind| &kinds[kind].name);
    let mut rank_of_kind = vec![0_u16; kinds.len()];
    by_name.iter().enumerate().for_each(|(rank, &kind)| rank_of_kind[kind] = rank as u16);

    let shared = shared_starts(entities, snapshot);
    let id = |ix: EntityIx| snapshot.entity(ix).map_or((0, ""), |entity| (entity.kind.at(), entity.id));
    let mut keyed: Vec<(u16, u64, EntityIx)> = entities
        .iter()
        .map(|&ix| {
            let (kind, text) = id(ix);
            let rest = text.get(shared.get(kind).copied().unwrap_or(0)..).unwrap_or(text);
            (rank_of_kind.get(kind).copied().unwrap_or(u16::MAX), key(rest.as_bytes()), ix)
        })
        .collect();
    keyed.sort_unstable_by_key(|&(rank, key, _)| (rank, key));
    for equal in keyed.chunk_by_mut(|a, b| (a.0, a.1) == (b.0, b.1)) {
        if equal.len() > 1 {
            equal.sort_unstable_by_key(|&(.., ix)| (id(ix).1, ix));
        }
    }
    entities.iter_mut().zip(keyed).for_each(|(slot, (.., ix))| *slot = ix);
}

/// For each kind, how many bytes all its ids start with, digits at the end of that left out.
fn shared_starts(entities: &[EntityIx], snapshot: &Snapshot) -> Vec<usize> {
    let mut starts: Vec<Option<&str>> = vec![None; snapshot.kinds().len()];
    for entity in entities.iter().filter_map(|&ix| snapshot.entity(ix)) {
        let Some(start) = starts.get_mut(entity.kind.at()) else { continue };
        *start = Some(match *start {
            None => entity.id,
            Some(start) if entity.id.starts_with(start) => start,
            Some(start) => {
                let same = start.bytes().zip(entity.id.bytes()).take_while(|(a, b)| a == b).count();
                &start[..start.floor_char_boundary(same)]
            }
        });
    }
    starts
        .into_iter()
        .map(|start| start.map_or(0, |s| s.trim_end_matches(|c: char| c.is_ascii_digit()).len()))
        .collect()
}

const BODY: u32 = 62;

/// Other characters before digits, numbers by value, then everything else by its first bytes. Numbers
/// only count as such where no letter follows: `3f` and `12ab` are no numbers.
fn key(text: &[u8]) -> u64 {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_number =
        (1..=18).contains(&digits) && !text.get(digits).is_some_and(|&b| b.is_ascii_alphabetic() || b >= 0x80);
    if is_number {
        let value = text.iter().take(digits).fold(0_u64, |value, b| value * 10 + u64::from(b - b'0'));
        return 1 << BODY | value;
    }
    let class = match text.first() {
        Some(b) if *b >= b'0' => 2_u64,
        _ => 0,
    };
    let head = (0..7).fold(0_u64, |head, i| head << 8 | u64::from(text.get(i).copied().unwrap_or(0)));
    class << BODY | head
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_order_names_as_people_count() {
        let names = ["", "-a", "0", "7", "9-b", "10", "10-a", "12ab", "3f", "a", "aaaaaaa", "b"];
        for pair in names.windows(2) {
            assert!(key(pair[0].as_bytes()) <= key(pair[1].as_bytes()), "{pair:?}");
        }
    }
}
