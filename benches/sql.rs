//! SQL over an indexed log beside DuckDB over an imported table of the same events.
//!
//! `cargo bench --bench sql -- [--events N] [--log FILE]`: the log is generated where it is missing (3 M
//! events, 1 GB). DuckDB runs where `python3` (or $DUCKDB_PYTHON) has it; its import is not counted, its
//! answers are the best of five. Without it only our own times are printed.

#[path = "common/timing.rs"]
mod timing;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use eventglass::analysis::sql::{Kept, run};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::store::snapshot::Snapshot;
use timing::best;

const RUNS: usize = 5;

/// What is asked, and the same for DuckDB's table of `type`, `service`, `time`, `data`.
const QUESTIONS: &[(&str, &str, &str)] = &[
    (
        "group by type",
        "SELECT type, count(*) FROM events GROUP BY type",
        "SELECT type, count(*) FROM events GROUP BY type",
    ),
    (
        "group by type and service",
        "SELECT type, service, count(*) FROM events GROUP BY type, service",
        "SELECT type, service, count(*) FROM events GROUP BY type, service",
    ),
    (
        "one type by hour",
        "SELECT strftime('%Y-%m-%dT%H', time) AS hour, count(*) FROM events WHERE type = 'OrderPlaced' GROUP BY hour",
        "SELECT strftime(time, '%Y-%m-%dT%H') AS hour, count(*) FROM events WHERE type = 'OrderPlaced' GROUP BY hour",
    ),
];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let given = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let events = given("--events").and_then(|n| n.parse().ok()).unwrap_or(3_000_000);
    let name = format!("eventglass-bench-{events}.ndjson");
    let path = given("--log").map_or_else(|| std::env::temp_dir().join(name), PathBuf::from);
    if !path.exists() {
        eventglass::cli::generate::generate(events, 1, &path).expect("the log can be written");
    }
    let log = Log::new();
    let address = Address::file(&path);
    log.add(open(&address, &OpenOptions::default()).expect("the log can be opened")).expect("the log can be read");
    log.wait();
    let log = log.snapshot();
    println!("{} events", log.len());
    let ours: Vec<Duration> = QUESTIONS.iter().map(|(_, sql, _)| asked(&log, sql)).collect();
    let theirs = duckdb(&path);
    for (i, (name, ..)) in QUESTIONS.iter().enumerate() {
        let own = ours[i].as_secs_f64() * 1e3;
        match theirs.get(i) {
            Some(other) => println!("{name}: {own:.2} ms, DuckDB {other:.2} ms: {:.2}×", own / other),
            None => println!("{name}: {own:.2} ms"),
        }
    }
}

fn asked(log: &Arc<Snapshot>, sql: &str) -> Duration {
    best(RUNS, || {
        let mut kept = Kept::default();
        run(log, sql, &Cancel::new(), &|_, _| (), &mut kept).expect("it is answered");
        assert!(!kept.rows.is_empty(), "{sql}");
    })
}

/// Milliseconds of each question; none without DuckDB.
fn duckdb(log: &Path) -> Vec<f64> {
    let python = std::env::var("DUCKDB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let questions: Vec<String> = QUESTIONS.iter().map(|(_, _, sql)| format!("{sql:?}")).collect();
    let script = format!(
        "import sys, time, duckdb\n\
         c = duckdb.connect()\n\
         c.execute(\"CREATE TABLE events AS SELECT eventType AS type, service, try_cast(timestamp AS TIMESTAMP) AS time FROM \
         read_json(?, format='newline_delimited', ignore_errors=true, maximum_object_size=67108864, \
         columns={{'eventType':'VARCHAR','service':'VARCHAR','timestamp':'VARCHAR'}})\", [sys.argv[1]])\n\
         def best(q):\n  \
           def once():\n    \
             t = time.perf_counter(); c.execute(q).fetchall(); return (time.perf_counter() - t) * 1e3\n  \
           return min(once() for _ in range({RUNS}))\n\
         for q in [{}]: print(best(q))\n",
        questions.join(", ")
    );
    let ran = Command::new(python).args(["-c", &script]).arg(log).output();
    let out = ran.map(|ran| String::from_utf8_lossy(&ran.stdout).into_owned()).unwrap_or_default();
    out.lines().filter_map(|line| line.trim().parse().ok()).collect()
}
