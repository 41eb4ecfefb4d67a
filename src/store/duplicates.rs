//! How many events carry an id that occurred before. Exact up to the hash; the hashes are sorted in
//! parts of about a million, so that counting ten million ids needs no more than one part's memory.

use super::snapshot::Snapshot;
use crate::base::cancel::Cancel;

const PART: u64 = 1 << 20;

/// None when cancelled.
#[must_use]
pub fn count(snapshot: &Snapshot, cancel: &Cancel) -> Option<u64> {
    let bits = (snapshot.len() / PART + 1).next_power_of_two().trailing_zeros().min(16);
    let mut duplicates = 0;
    let mut part: Vec<u64> = Vec::new();
    for top in 0..1u64 << bits {
        part.clear();
        for segment in snapshot.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            let of_part = |id: &&u64| **id != 0 && (bits == 0 || **id >> (64 - bits) == top);
            part.extend(segment.id_hashes().iter().filter(of_part));
        }
        part.sort_unstable();
        duplicates += part.windows(2).filter(|pair| pair.first() == pair.last()).count() as u64;
    }
    Some(duplicates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[track_caller]
    fn check(ids: &[&str], expected: u64) {
        let mut builder = Builder::new().batch_rows(2);
        for id in ids {
            builder.push(TestEvent { id: (*id).to_owned(), ..TestEvent::default() });
        }
        assert_eq!(count(&builder.build(), &Cancel::new()), Some(expected));
    }

    #[test]
    fn repeats_count_without_the_first() {
        check(&[], 0);
        check(&["a", "b", "a", "c", "a", "b"], 3);
        check(&["", "", ""], 0);
    }
}
