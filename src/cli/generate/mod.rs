//! Makes event logs of any size: a shop with accounts, orders, payments and shipments over six
//! services, with the flaws of real logs, the same for the same seed everywhere.
//!
//! Times are slightly out of order (±400 ms, and one line in 500 is up to 200 lines late), one event
//! in a thousand is written twice, one line in two thousand is damaged, one event in a hundred
//! belongs to a single account. The truth about all of it is counted on the way and kept beside the
//! log, so that readers can be held to it.

mod damage;
mod line;
mod shop;
mod tally;
mod truth;
mod world;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use truth::{KindCount, Samples, ServiceCount, Truth, TypeCount};

use crate::model::error::{Error, Place, Result};
use damage::spoil;
use line::Line;
use tally::Tally;
use world::World;

/// Where the truth about the log at `out` is kept.
#[must_use]
pub fn truth_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".truth.json");
    PathBuf::from(name)
}

/// Writes a log of `events` lines (damaged and repeated ones included) to `out`, and its truth
/// beside it.
///
/// # Errors
/// When a file cannot be written, or when `out` exists and is not such a log: nothing else is ever
/// overwritten.
pub fn generate(events: u64, seed: u64, out: &Path) -> Result<Truth> {
    let beside = truth_path(out);
    if (out.exists() && !beside.exists()) || out.is_symlink() || beside.is_symlink() {
        let next_step = "Choose another name; only logs with their truth beside them are made anew";
        return Err(Error::new("exists and was not made by generate", at(out), next_step));
    }
    // The truth comes first: whatever happens later, the log can be made anew.
    File::create(&beside).map_err(|e| unwritable(&beside, e))?;
    let file = File::create(out).map_err(|e| unwritable(out, e))?;
    let truth = write_log(events, seed, BufWriter::with_capacity(1 << 20, file)).map_err(|e| unwritable(out, e))?;
    let text = serde_json::to_string_pretty(&truth).expect("plain counts and names always become JSON");
    std::fs::write(&beside, text + "\n").map_err(|e| unwritable(&beside, e))?;
    Ok(truth)
}

fn at(path: &Path) -> Place {
    Place::File { path: path.display().to_string(), offset: None }
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
    Error::new("cannot be written", at(path), "Check the folder and the space on its disk").because(cause)
}

/// The log itself, to anything that can be written.
///
/// # Errors
/// Those of the writer.
pub fn write_log(lines: u64, seed: u64, mut out: impl Write) -> io::Result<Truth> {
    let mut world = World::new(lines, seed);
    let mut tally = Tally::new(lines, seed);
    let mut line = Line::default();
    let mut later = Later::default();
    let mut written = 0;
    while written < lines {
        if let Some(due) = later.due(written, lines) {
            out.write_all(&due)?;
            tally.line(due.len() as u64);
            written += 1;
            continue;
        }
        let facts = world.next(&mut line);
        let rng = world.rng();
        let room = lines - written - later.waiting();
        match rng.below(100_000) {
            0..50 => tally.damaged(spoil(&mut line, facts.time_ms, rng)),
            50..150 if room >= 2 => {
                tally.event(&facts, false);
                tally.event(&facts, true);
                later.put(written + 1 + rng.below(1_000), &line);
            }
            150..350 => {
                tally.event(&facts, false);
                later.put(written + 1 + rng.below(200), &line);
                continue;
            }
            _ => tally.event(&facts, false),
        }
        out.write_all(&line.bytes)?;
        tally.line(line.bytes.len() as u64);
        written += 1;
    }
    out.flush()?;
    Ok(tally.finish())
}

/// Lines that are written after others: repeats and late ones.
#[derive(Default)]
struct Later {
    heap: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
    put: u64,
}

impl Later {
    fn put(&mut self, due: u64, line: &Line) {
        self.put += 1;
        self.heap.push(Reverse((due, self.put, line.bytes.clone())));
    }

    fn waiting(&self) -> u64 {
        self.heap.len() as u64
    }

    /// The next one that is due, or any once there is room for no more than these.
    fn due(&mut self, written: u64, lines: u64) -> Option<Vec<u8>> {
        let Reverse((due, _, _)) = self.heap.peek()?;
        if *due > written && written + self.waiting() < lines {
            return None;
        }
        self.heap.pop().map(|Reverse((_, _, line))| line)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn log(lines: u64, seed: u64) -> (Truth, Vec<u8>) {
        let mut bytes = Vec::new();
        let truth = write_log(lines, seed, &mut bytes).expect("memory can be written");
        (truth, bytes)
    }

    /// The counts again, by a plain reader.
    fn naive(bytes: &[u8]) -> Truth {
        let mut truth = Truth::default();
        let mut ids = BTreeSet::new();
        let mut entities: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut correlations = BTreeSet::new();
        let mut times = BTreeSet::new();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            truth.lines += 1;
            truth.bytes += line.len() as u64;
            let Ok(event) = serde_json::from_slice::<serde_json::Value>(line) else {
                truth.undecodable += 1;
                continue;
            };
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            truth.events += 1;
            truth.duplicate_ids += u64::from(!ids.insert(text("eventId")));
            correlations.insert(text("correlationId"));
            times.insert(text("timestamp"));
            *entities.entry((text("entityType"), text("aggregateId"))).or_default() += 1;
            for (kind, key) in [("order", "orderId"), ("account", "accountId")] {
                if let Some(id) = event["data"][key].as_str() {
                    *entities.entry((kind.to_owned(), id.to_owned())).or_default() += 1;
                }
            }
        }
        truth.distinct_events = ids.len() as u64;
        truth.entities = entities.len() as u64;
        truth.correlations = correlations.len() as u64;
        truth.first = times.first().cloned().unwrap_or_default();
        truth.last = times.last().cloned().unwrap_or_default();
        truth.samples.heavy_entity_events =
            entities.get(&("account".to_owned(), "acc-00000000".to_owned())).copied().unwrap_or_default();
        truth
    }

    #[test]
    fn the_truth_is_what_a_plain_reader_counts() {
        for (lines, seed) in [(1, 1), (2, 9), (40, 3), (30_000, 42)] {
            let (truth, bytes) = log(lines, seed);
            let naive = naive(&bytes);
            assert_eq!(truth.lines, lines);
            let key = |t: &Truth| {
                (
                    t.lines,
                    t.bytes,
                    t.events,
                    t.distinct_events,
                    t.undecodable,
                    t.duplicate_ids,
                    t.entities,
                    t.correlations,
                )
            };
            assert_eq!(key(&truth), key(&naive), "{lines} lines, seed {seed}");
            let same_instant = |a: &str, b: &str| {
                let parse = |t: &str| chrono::DateTime::parse_from_rfc3339(t).ok();
                assert_eq!(parse(a), parse(b));
            };
            same_instant(&truth.first, &naive.first);
            same_instant(&truth.last, &naive.last);
            assert_eq!(truth.samples.heavy_entity_events, naive.samples.heavy_entity_events);
            assert_eq!(truth.types.iter().map(|t| t.events).sum::<u64>(), truth.events);
            assert_eq!(truth.services.iter().map(|s| s.events).sum::<u64>(), truth.events);
        }
    }

    #[test]
    fn shares_are_as_promised() {
        let (truth, bytes) = log(60_000, 7);
        let near = |what: &str, n: u64, expected: u64| {
            assert!(n.abs_diff(expected) * 3 <= expected, "{what}: {n}, expected about {expected}");
        };
        near("repeats", truth.duplicate_ids, 60);
        near("damaged", truth.undecodable, 30);
        near("heavy account", truth.samples.heavy_entity_events, 600);
        near("bytes a line", truth.bytes / truth.lines, 340);
        assert_eq!(truth.services.len(), 6);
        assert!(bytes.windows(truth.samples.rare_text.len()).any(|w| w == truth.samples.rare_text.as_bytes()));
    }

    #[test]
    fn a_seed_gives_one_log_and_another_seed_another() {
        assert_eq!(log(2_000, 5), log(2_000, 5));
        assert_ne!(log(2_000, 5).1, log(2_000, 6).1);
    }

    #[test]
    fn nothing_but_generated_logs_is_overwritten() {
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        let out = folder.path().join("shop.ndjson");
        assert_eq!(generate(10, 1, &out).map(|t| t.lines).ok(), Some(10));
        assert_eq!(generate(20, 1, &out).map(|t| t.lines).ok(), Some(20));
        let mine = folder.path().join("mine.ndjson");
        std::fs::write(&mine, "precious\n").expect("temporary files can be written");
        assert!(generate(10, 1, &mine).is_err());
        assert_eq!(std::fs::read_to_string(&mine).ok().as_deref(), Some("precious\n"));
    }
}
