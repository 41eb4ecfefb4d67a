//! How fast a large event log becomes usable, and what it costs to hold it.
//!
//!   cargo bench --bench ingest -- [FILE] [--threads N] [--events N]
//!
//! Without FILE a log of N events (3,000,000: about 1 GB) is generated once into the target folder.
//! Wall times are of a warm file: it is read once before. Ratios against other programs are
//! `benches/peers.sh`'s.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventglass::cli::generate;
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::{CorrelationIx, EntityIx};
use eventglass::store::snapshot::Snapshot;

struct Arguments {
    file: PathBuf,
    threads: usize,
    rounds: usize,
}

fn main() {
    let arguments = arguments();
    let bytes = warm(&arguments.file);
    println!("{} with {} threads", arguments.file.display(), arguments.threads);
    let mut best: Option<Duration> = None;
    for _ in 0..arguments.rounds {
        let start = Instant::now();
        let log = opened(&arguments, None);
        let first = until_first_rows(&log, start);
        log.wait();
        let wall = start.elapsed();
        best = Some(best.map_or(wall, |best| best.min(wall)));
        let snapshot = log.snapshot();
        let gbps = bytes as f64 / 1e9 / wall.as_secs_f64();
        println!("open + index {wall:>8.1?}  {gbps:.2} GB/s  first rows {first:.1?}  {} events", snapshot.len());
    }
    let log = opened(&arguments, None);
    log.wait();
    let settled = resident("RssAnon");
    let peak = resident("VmHWM");
    let start = Instant::now();
    log.wait_valid();
    println!("background check {:.1?}", start.elapsed());
    let snapshot = log.snapshot();
    memory(&snapshot, settled, peak);
    println!(
        "entities {}  correlations {}  undecodable {}  duplicate ids {:?}",
        snapshot.entity_count(),
        snapshot.correlation_count(),
        snapshot.undecodable(),
        snapshot.duplicate_ids()
    );
    lookups(&snapshot);
    drop((log, snapshot));
    reopen(&arguments);
    if let Some(best) = best {
        println!("best open + index {best:.1?}");
    }
}

fn arguments() -> Arguments {
    let (mut file, mut threads, mut events, mut rounds) = (None, 2, 3_000_000, 3);
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        let mut number = || given.next().and_then(|n| n.parse().ok());
        match word.as_str() {
            "--threads" => threads = number().unwrap_or(threads),
            "--events" => events = number().unwrap_or(3_000_000) as u64,
            "--rounds" => rounds = number().unwrap_or(rounds),
            "--bench" => {}
            _ => file = Some(PathBuf::from(word)),
        }
    }
    Arguments { file: file.unwrap_or_else(|| generated(events)), threads, rounds }
}

fn generated(events: u64) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("shop-{events}.ndjson"));
    if !file.exists() {
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        generate::generate(events, 42, &file).expect("the target folder has room");
    }
    file
}

fn warm(file: &Path) -> u64 {
    let mut source = std::fs::File::open(file).expect("the file is there");
    std::io::copy(&mut source, &mut std::io::sink()).expect("the file can be read")
}

fn opened(arguments: &Arguments, cache: Option<PathBuf>) -> Log {
    let address = Address::File { path: arguments.file.clone(), table: None };
    let log = Log::with(Options { threads: Some(arguments.threads), cache, ..Options::default() });
    let source = open(&address, &OpenOptions::default()).expect("an event log");
    log.add(source).expect("one source");
    log
}

fn until_first_rows(log: &Log, start: Instant) -> Duration {
    while log.snapshot().is_empty() {
        std::thread::sleep(Duration::from_micros(200));
    }
    start.elapsed()
}

fn memory(snapshot: &Snapshot, settled: u64, peak: u64) {
    let events = snapshot.len().max(1) as f64;
    println!("index {:.1} bytes an event", snapshot.bytes() as f64 / events);
    for (part, bytes) in snapshot.memory() {
        println!("    {part:<26} {:.2}", bytes as f64 / events);
    }
    println!("process: anonymous {:.1}, peak {:.1} bytes an event", settled as f64 / events, peak as f64 / events);
}

fn lookups(snapshot: &Arc<Snapshot>) {
    let entities = snapshot.entity_count().max(1);
    each("one entity's events", 2000, |n| {
        let entity = EntityIx((n as u32).wrapping_mul(2_654_435_761) % entities);
        snapshot.entity_events(entity).count()
    });
    let correlations = snapshot.correlation_count().max(1);
    each("one correlation's events", 2000, |n| {
        let correlation = CorrelationIx((n as u32).wrapping_mul(2_654_435_761) % correlations);
        snapshot.correlation_events(correlation).count()
    });
    each("one event id", 5, |n| snapshot.find_event_id(&format!("absent-{n}")).len());
}

fn each(what: &str, times: usize, mut ask: impl FnMut(usize) -> usize) {
    let mut found = 0;
    let mut walls: Vec<Duration> = (0..times)
        .map(|n| {
            let start = Instant::now();
            found += ask(n);
            start.elapsed()
        })
        .collect();
    walls.sort_unstable();
    let worst = walls[walls.len() * 99 / 100];
    println!("{what}: median {:.1?}, 99th percentile {worst:.1?}, {found} events", walls[walls.len() / 2]);
}

fn reopen(arguments: &Arguments) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = opened(arguments, Some(folder.path().to_owned()));
    log.wait_saved();
    drop(log);
    for _ in 0..3 {
        let start = Instant::now();
        let log = opened(arguments, Some(folder.path().to_owned()));
        log.wait();
        println!("opened again {:.1?}, {} events", start.elapsed(), log.snapshot().len());
    }
}

/// Of this process, in bytes; 0 where the system does not say.
fn resident(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().unwrap_or(0) * 1024
}
