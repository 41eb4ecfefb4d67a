//! How long the questions of the window and of the command line take on a large log.
//!
//! `cargo bench --bench analysis -- [LOG [EVENTS]]`: the log is generated where it is missing (3 M
//! events, 1 GB). Text searches run beside ripgrep where that is installed; all times are the best of
//! a few runs with the file in memory.

#[path = "common/timing.rs"]
mod timing;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventglass::analysis::entities::{ListQuery, Sort, list, search, sparkline, stats};
use eventglass::analysis::lints::{self, Config, Context, LINTS, Lint, Need};
use eventglass::analysis::query::{evaluate, parse};
use eventglass::analysis::rows::{RowOrder, Rows};
use eventglass::analysis::timeline::Basis;
use eventglass::analysis::timeline::density::Pyramid;
use eventglass::analysis::timeline::gaps::gaps;
use eventglass::analysis::timeline::grid::Grid;
use eventglass::analysis::timeline::groups::{GroupBy, Groups};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::{EntityIx, EventIx};
use eventglass::store::snapshot::Snapshot;
use timing::best;

const RUNS: usize = 5;

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let path = args.next().map_or_else(|| std::env::temp_dir().join("eventglass-bench-3m.ndjson"), PathBuf::from);
    let events = args.next().and_then(|n| n.parse().ok()).unwrap_or(3_000_000);
    if !path.exists() {
        eventglass::cli::generate::generate(events, 1, &path).expect("the log can be written");
    }
    let opened = Instant::now();
    let log = Log::new();
    let address = Address::File { path: path.clone(), table: None };
    log.add(open(&address, &OpenOptions::default()).expect("the log can be opened")).expect("the log can be read");
    log.wait();
    let open = opened.elapsed();
    println!("open and index{:>32.1} ms", millis(open));
    log.wait_valid();
    let snapshot = log.snapshot();
    println!("{} rows, {} entities, {} segments", snapshot.len(), snapshot.entity_count(), snapshot.segments().len());
    lint(&snapshot, open);
    filters(&snapshot, &path);
    orders(&snapshot);
    entities(&snapshot);
    timeline(&snapshot);
}

/// All rules, beside opening the log; and those that read no record, and those that do.
fn lint(log: &Snapshot, open: Duration) {
    let config = Config::default();
    let rules = |name: &str, keep: fn(&Lint) -> bool| {
        let chosen: Vec<&'static Lint> = LINTS.iter().copied().filter(|lint| keep(lint)).collect();
        let cancel = Cancel::new();
        let mut found = 0;
        let took = measure(name, || {
            found = lints::run(&Context::new(log, &config, None, &cancel), &chosen).map_or(0, |list| list.len());
        });
        println!("    {found} findings, {:.2}× opening", took.as_secs_f64() / open.as_secs_f64());
    };
    rules("lint, all rules", |_| true);
    rules("lint, rules that read no payloads", |lint| !lint.needs.contains(&Need::Payloads));
    rules("lint, rules that read payloads", |lint| lint.needs.contains(&Need::Payloads));
}

fn filters(log: &Snapshot, path: &Path) {
    let first = log.envelope(EventIx(log.len() / 2)).expect("the middle can be read");
    let id = first.id.unwrap_or_default();
    let entity = first.entities.first().map(ToString::to_string).unwrap_or_default();
    for filter in [
        "type:OrderPlaced".to_owned(),
        "type:Order* service:*s time>=2026".to_owned(),
        format!("entity:{entity}"),
        "kind:order".to_owned(),
        format!("id:{id}"),
        "type:OrderPlaced data.total>50".to_owned(),
        "data.total>50".to_owned(),
    ] {
        let parsed = parse(&filter).expect("the filter parses");
        let mut found = 0;
        measure(&filter, || found = evaluate(&parsed, log, &Cancel::new(), &|_, _| ()).rows.len());
        println!("    {found} rows");
    }
    for (filter, pattern, fixed) in [
        ("\"zzz-nowhere\"".to_owned(), "zzz-nowhere".to_owned(), true),
        (format!("\"{id}\""), id, true),
        ("\"orders\"".to_owned(), "orders".to_owned(), true),
        ("/99[0-9]\\.[0-9]7/".to_owned(), "99[0-9]\\.[0-9]7".to_owned(), false),
    ] {
        let parsed = parse(&filter).expect("the filter parses");
        let mut found = 0;
        let ours = measure(&filter, || found = evaluate(&parsed, log, &Cancel::new(), &|_, _| ()).rows.len());
        let theirs = ripgrep(&pattern, fixed, path);
        let ratio = theirs.map_or_else(String::new, |t| {
            format!(", ripgrep {:.1} ms: {:.2}×", millis(t), ours.as_secs_f64() / t.as_secs_f64())
        });
        println!("    {found} rows{ratio}");
    }
}

fn ripgrep(pattern: &str, fixed: bool, path: &Path) -> Option<Duration> {
    let run = || {
        let mut command = Command::new("rg");
        command.args(["--no-config", "-c", if fixed { "-F" } else { "-e" }, pattern]).arg(path);
        let start = Instant::now();
        command.stdout(Stdio::null()).status().ok()?;
        Some(start.elapsed())
    };
    (0..RUNS).filter_map(|_| run()).min()
}

fn orders(log: &Snapshot) {
    measure("all rows by time", || drop(black_box(RowOrder::by_time(log, Rows::all(log), &Cancel::new()))));
    let order = RowOrder::by_time(log, Rows::all(log), &Cancel::new()).expect("nobody cancels");
    println!("    {} bytes", order.bytes());
    measure("one row in the middle", || _ = black_box(order.nth(order.len() / 2).map(|ix| order.rank(log, ix))));
}

fn entities(log: &Snapshot) {
    let cancel = Cancel::new();
    let basis = Basis::of(log);
    measure("counts of all entities", || drop(black_box(stats(log, None, basis, &cancel))));
    let stats = stats(log, None, basis, &cancel).expect("nobody cancels");
    for sort in [Sort::First, Sort::Last, Sort::Count, Sort::Name] {
        let query = ListQuery { sort, ..ListQuery::default() };
        measure(&format!("entities by {sort:?}"), || drop(black_box(list(log, &stats, &query, &cancel))));
    }
    measure("entities with \"123\"", || drop(black_box(search("123", &[], log, &cancel))));
    let largest = (0..log.entity_count()).map(EntityIx).max_by_key(|&ix| stats.get(ix).map(|s| s.count));
    let (first, last) = basis.extent(log).expect("there are events");
    if let Some(ix) = largest {
        measure("sparkline of the largest", || drop(black_box(sparkline(log, ix, basis, first, last, 64))));
    }
}

fn timeline(log: &Arc<Snapshot>) {
    let cancel = Cancel::new();
    let basis = Basis::of(log);
    let groups = Groups::new(log, GroupBy::Type, 8);
    let (first, last) = basis.extent(log).expect("there are events");
    let grid = Grid::covering(first, last, 2000);
    measure("density, from nothing", || {
        drop(black_box(Pyramid::default().density(log, None, basis, &groups, grid, &cancel)));
    });
    let mut pyramid = Pyramid::default();
    let mut density = || drop(black_box(pyramid.density(log, None, basis, &groups, grid, &cancel)));
    density();
    measure("density, again", density);
    println!("    {} bytes", pyramid.bytes());
    let filter = parse("type:Order*").expect("the filter parses");
    let rows = evaluate(&filter, log, &cancel, &|_, _| ()).rows;
    measure("density of a filter", || {
        drop(black_box(pyramid.density(log, Some(&rows), basis, &groups, grid, &cancel)));
    });
    measure("gaps", || drop(black_box(gaps(log, None, basis, &cancel))));
    measure("gaps of a filter", || drop(black_box(gaps(log, Some(&rows), basis, &cancel))));
}

fn measure(name: &str, run: impl FnMut()) -> Duration {
    let best = best(RUNS, run);
    println!("{name:<42}{:>9.2} ms", millis(best));
    best
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
