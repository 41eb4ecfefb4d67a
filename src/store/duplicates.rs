//! How many events carry an id that occurred before. Exact up to the hash; the hashes are sorted in
//! parts of about a million, so that counting ten million ids needs no more memory than a part a thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::snapshot::Snapshot;
use crate::base::cancel::Cancel;

const PART: u64 = 1 << 20;
/// The work is bound by memory, more bring little.
const MAX_THREADS: usize = 4;

/// None when cancelled.
#[must_use]
pub fn count(snapshot: &Snapshot, cancel: &Cancel) -> Option<u64> {
    let bits = (snapshot.len() / PART + 1).next_power_of_two().trailing_zeros().min(16);
    let (next, duplicates) = (AtomicU64::new(0), AtomicU64::new(0));
    let parts = || {
        let mut part: Vec<u64> = Vec::new();
        loop {
            let top = next.fetch_add(1, Ordering::Relaxed);
            if top >> bits > 0 {
                return;
            }
            duplicates.fetch_add(count_part(snapshot, top, bits, &mut part, cancel), Ordering::Relaxed);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS).min(1 << bits);
    thread::scope(|scope| {
        for i in 1..threads {
            // Without another thread this one does it all.
            let _ = thread::Builder::new().name(format!("duplicates-{i}")).spawn_scoped(scope, parts);
        }
        parts();
    });
    (!cancel.is_cancelled()).then(|| duplicates.into_inner())
}

/// Repeats among the ids whose upper `bits` are `top`.
fn count_part(snapshot: &Snapshot, top: u64, bits: u32, part: &mut Vec<u64>, cancel: &Cancel) -> u64 {
    part.clear();
    for segment in snapshot.segments() {
        if cancel.is_cancelled() {
            return 0;
        }
        let of_part = |id: &&u64| **id != 0 && (bits == 0 || **id >> (64 - bits) == top);
        part.extend(segment.id_hashes().iter().filter(of_part));
    }
    part.sort_unstable();
    part.windows(2).filter(|pair| pair.first() == pair.last()).count() as u64
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
