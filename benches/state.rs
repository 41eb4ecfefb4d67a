//! How long time travel takes: folding, moving the cursor, blame and bisection over one long history,
//! and every state of a busy entity of a large log beside SQLite and DuckDB.
//!
//! `cargo bench --bench state -- [--events N] [--log FILE] [--log-events N]`: N events of one account (1 M),
//! and a log that is generated where it is missing (3 M events, 1 GB). SQLite asks an indexed import that
//! is made once beside the log; DuckDB runs where `python3` (or $DUCKDB_PYTHON) has it. Files in memory.

#[path = "common/account.rs"]
mod account;
#[path = "common/timing.rs"]
mod timing;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventglass::analysis::state::bisect::{Predicate, bisect};
use eventglass::analysis::state::blame::{set_by, touches};
use eventglass::analysis::state::event::Events;
use eventglass::analysis::state::fold::{Folded, LIMIT_BYTES, fold};
use eventglass::analysis::state::history::History;
use eventglass::analysis::state::path::Path as Place;
use eventglass::analysis::state::reducer::{Reducer, ReducerKind, ReducerSource};
use eventglass::analysis::state::reducers::compile;
use eventglass::analysis::state::stored::Stored;
use eventglass::analysis::state::walk::{Cursor, every};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::{EntityIx, EventIx};
use eventglass::store::snapshot::Snapshot;
use timing::{best, timed};

/// Of both sides of a comparison.
const TURNS: usize = 15;

const SHOP: &str = "start balance = 0
on AccountDebited, AccountCredited
  balance += amountCents
  last = orderId
on *
  placed += 1
";
const SCRIPT: &str = "function apply(state, event) {
  switch (event.type) {
    case 'AccountOpened': return { balance: event.initialBalance, owner: event.owner };
    case 'MoneyDeposited': state.balance += event.amount; break;
    case 'MoneyWithdrawn': state.balance -= event.amount; break;
  }
  return state;
}
";

fn main() {
    eventglass::sandbox::set_program(PathBuf::from(env!("CARGO_BIN_EXE_eventglass")));
    let args: Vec<String> = std::env::args().collect();
    let given = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let number = |name: &str| given(name).and_then(|n| n.parse::<u32>().ok());
    let events = number("--events").unwrap_or(1_000_000);
    let of_log = number("--log-events").unwrap_or(if events < 1_000_000 { events } else { 3_000_000 });
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    long_history(events, folder.path());
    let name = format!("eventglass-bench-{of_log}.ndjson");
    let log = given("--log").map_or_else(|| folder.path().join(name), PathBuf::from);
    if !log.exists() {
        eventglass::cli::generate::generate(u64::from(of_log), 42, &log).expect("the log can be written");
    }
    busy_entity(&log);
}

/// A history of one account by rules and by a script.
fn long_history(events: u32, folder: &Path) {
    let path = folder.join("account.ndjson");
    account::write(events, &path).expect("the log can be written");
    let snapshot = opened(&path);
    let entity = snapshot.find_entity("account", "acc-1").expect("it is in the log");
    let (history, took) = timed(|| History::of(&snapshot, entity, false, &Cancel::new()).expect("nobody cancels"));
    println!("one entity with {} events; its order{:>24.1} ms", history.len(), millis(took));
    let stored: Arc<dyn Events> = Arc::new(Stored { snapshot, history: Arc::new(history) });
    for (kind, text) in [(ReducerKind::Rules, account::RULES), (ReducerKind::JavaScript, SCRIPT)] {
        let source = ReducerSource { kind, text: text.into() };
        match compile(&source) {
            Ok(mut reducer) => travel(&stored, &source, &mut *reducer),
            Err(error) => println!("{}: {}", kind.label(), error.message),
        }
    }
    bare_script(events.min(100_000));
}

fn travel(stored: &Arc<dyn Events>, source: &ReducerSource, reducer: &mut dyn Reducer) {
    let never = Cancel::new();
    let mut first = None;
    let start = Instant::now();
    let folded = fold(Arc::clone(stored), source.clone(), reducer, None, LIMIT_BYTES, &never, &mut |_| {
        first.get_or_insert(start.elapsed());
    });
    let (took, len) = (start.elapsed(), folded.len());
    let rate = f64::from(len) / took.as_secs_f64();
    println!("{} first fold{:>40.1} ms, {rate:.0} events/s", source.kind.label(), millis(took));
    println!(
        "    first states after {:.2} ms; {folded:?}, {} failed",
        millis(first.unwrap_or(took)),
        folded.error_count()
    );
    let mut cursor = Cursor::default();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut moves = |name: &str, to: &mut dyn FnMut(&mut u64) -> u32| {
        let mut times: Vec<Duration> = (0..2_000)
            .map(|_| {
                let step = to(&mut random);
                timed(|| cursor.state_at(&folded, reducer, step)).1
            })
            .collect();
        times.sort_unstable();
        let at = |share: usize| millis(times.get(times.len() * share / 1_000).copied().unwrap_or_default());
        println!("    {name}: median {:.3} ms, 99 % {:.3} ms, worst {:.3} ms", at(500), at(990), at(999));
    };
    moves("cursor anywhere", &mut |random| {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*random >> 33) as u32 % (len + 1)
    });
    let mut step = len / 2;
    moves("cursor one step back", &mut |_| {
        step = step.saturating_sub(1);
        step
    });
    questions(&folded, reducer);
}

fn questions(folded: &Folded, reducer: &mut dyn Reducer) {
    let never = Cancel::new();
    let highest = folded.last().member("balance").map(ToString::to_string).unwrap_or_default();
    for text in [format!("balance >= {highest}"), "balance = -1".to_owned()] {
        let predicate = Predicate::parse(&text).expect("it is a condition");
        let start = Instant::now();
        let mut soon = None;
        let answer = bisect(folded, reducer, &predicate, &never, &|_, _| (), &mut |_| soon = Some(start.elapsed()));
        let soon = millis(soon.unwrap_or_default());
        let at = answer.first.map_or(0, |first| first.step);
        println!("    bisect {text}: step {at} after {soon:.2} ms, verified after {:.1} ms", millis(start.elapsed()));
    }
    let (touch, took) = timed(|| set_by(folded, reducer, &Place::parse("balance"), folded.len() / 2, &never));
    println!("    balance set by step {:?}{:>17.2} ms", touch.map(|touch| touch.step), millis(took));
    let (touch, took) = timed(|| set_by(folded, reducer, &Place::parse("owner"), folded.len(), &never));
    println!("    owner set by step {:?}{:>19.2} ms", touch.map(|touch| touch.step), millis(took));
    let (all, took) = timed(|| touches(folded, reducer, &Place::parse("balance"), &never, &|_, _| ()));
    println!("    {} touches of balance{:>20.1} ms", all.len(), millis(took));
}

/// What QuickJS itself does with the script, all events parsed and folded inside one context.
fn bare_script(events: u32) {
    let payload = |i: u32| format!("{{\"type\":\"MoneyDeposited\",\"amount\":{}}}", i % 100);
    let list = format!("[{}]", (0..events).map(payload).collect::<Vec<_>>().join(","));
    let runtime = rquickjs::Runtime::new().expect("QuickJS starts");
    let context = rquickjs::Context::full(&runtime).expect("QuickJS starts");
    let took = context.with(|context| {
        let text = format!(
            "{SCRIPT} (list) => {{ let s = {{balance: 0}}; for (const e of JSON.parse(list)) s = apply(s, e); return s.balance; }}"
        );
        let run: rquickjs::Function<'_> = context.eval(text).expect("the script is fine");
        timed(|| run.call::<_, f64>((list,)).expect("it runs")).1
    });
    println!("bare QuickJS: {:.0} events/s", f64::from(events) / took.as_secs_f64());
}

/// Every state of the entity with most events, beside SQLite and DuckDB.
fn busy_entity(path: &Path) {
    let snapshot = opened(path);
    let kind = snapshot.kinds().iter().position(|kind| &*kind.name == "account").unwrap_or_default();
    let accounts = (0..snapshot.entity_count()).map(EntityIx);
    let accounts = accounts.filter(|ix| snapshot.entity(*ix).is_some_and(|name| name.kind.at() == kind));
    let entity = accounts.max_by_key(|ix| snapshot.entity_events(*ix).count()).expect("there are accounts");
    let id = snapshot.entity(entity).map(|name| name.id.to_owned()).unwrap_or_default();
    let source = ReducerSource { kind: ReducerKind::Rules, text: SHOP.into() };
    let Ok(mut reducer) = compile(&source) else { return println!("rules are not built in") };
    let (mut states, mut last) = (0, String::new());
    let mut all_states = || {
        states = 0;
        let history = History::of(&snapshot, entity, true, &Cancel::new()).expect("nobody cancels");
        let stored = Stored { snapshot: Arc::clone(&snapshot), history: Arc::new(history) };
        every(&stored, &mut *reducer, u32::MAX, &Cancel::new(), &mut |step, state, _| {
            states = step;
            if step == stored.len() {
                last = state.member("balance").map(ToString::to_string).unwrap_or_default();
            }
            ControlFlow::Continue(())
        });
    };
    let database = imported(path);
    let (mut rows, mut balance) = (0, 0);
    // In turns, so that what else the machine does meets both.
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..TURNS {
        ours = ours.min(best(1, &mut all_states));
        theirs = theirs.min(best(1, || (rows, balance) = window_query(&database, &id)));
    }
    println!("every state of account:{id}, {states} events{:>16.1} ms, balance {last}", millis(ours));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("    SQLite, an indexed import: {rows} rows{:>12.1} ms, balance {balance}: {ratio:.2}×", millis(theirs));
    if let Some((theirs, told)) = duckdb(path, &id) {
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("    DuckDB, from the log: {told}{:>17.1} ms: {ratio:.3}×", millis(theirs));
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    event_type: &'a str,
    timestamp: &'a str,
    #[serde(borrow)]
    aggregate_id: std::borrow::Cow<'a, str>,
    entity_type: &'a str,
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    account_id: Option<&'a str>,
}

/// The log's events with the account that each is about, indexed by it.
fn imported(log: &Path) -> rusqlite::Connection {
    let path = log.with_extension("sqlite");
    let fresh = !path.exists();
    let mut database = rusqlite::Connection::open(&path).expect("the database opens");
    if fresh {
        let text = std::fs::read(log).expect("the log can be read");
        let create = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; \
            CREATE TABLE ev (account TEXT, type TEXT, time TEXT, data TEXT)";
        database.execute_batch(create).expect("tables can be made");
        let import = database.transaction().expect("a transaction begins");
        let mut insert = import.prepare("INSERT INTO ev VALUES (?, ?, ?, ?)").expect("it is SQL");
        for line in text.split(|byte| *byte == b'\n') {
            let Ok(row) = serde_json::from_slice::<Row<'_>>(line) else { continue };
            let named = serde_json::from_str::<Account<'_>>(row.data.get()).ok().and_then(|named| named.account_id);
            let account = if row.entity_type == "account" { Some(&*row.aggregate_id) } else { named };
            insert.execute((account, row.event_type, row.timestamp, row.data.get())).expect("rows go in");
        }
        drop(insert);
        import.commit().expect("the import is written");
        database.execute_batch("CREATE INDEX by_account ON ev (account, time)").expect("an index can be made");
    }
    database
}

fn window_query(database: &rusqlite::Connection, account: &str) -> (u32, i64) {
    let sql = "SELECT type, time, sum(coalesce(json_extract(data, '$.amountCents'), 0)) OVER (ORDER BY time, rowid) \
        FROM ev WHERE account = ? ORDER BY time, rowid";
    let mut query = database.prepare_cached(sql).expect("it is SQL");
    let mut rows = query.query([account]).expect("it runs");
    let mut last = (0, 0);
    while let Some(row) = rows.next().expect("rows come") {
        last = (last.0 + 1, row.get(2).expect("a sum"));
    }
    last
}

/// The same from the log by DuckDB: the time it says its query took, and its answer.
fn duckdb(log: &Path, account: &str) -> Option<(Duration, String)> {
    let python = std::env::var("DUCKDB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import sys, time, duckdb
db = duckdb.connect(); db.execute('SET threads=2')
sql = f\"\"\"SELECT eventType, timestamp, sum(coalesce(CAST(json_extract(data, '$.amountCents') AS BIGINT), 0))
  OVER (ORDER BY timestamp) FROM read_json('{sys.argv[1]}', format='newline_delimited', ignore_errors=true,
  columns={{eventType:'VARCHAR', timestamp:'TIMESTAMP', aggregateId:'VARCHAR', data:'JSON'}})
  WHERE aggregateId = ? OR json_extract_string(data, '$.accountId') = ?\"\"\"
start = time.perf_counter(); rows = db.execute(sql, [sys.argv[2], sys.argv[2]]).fetchall()
print(time.perf_counter() - start, len(rows))";
    let output = Command::new(python).args(["-c", script]).arg(log).arg(account).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (seconds, rows) = text.trim().split_once(' ')?;
    Some((Duration::from_secs_f64(seconds.parse().ok()?), format!("{rows} rows")))
}

fn opened(path: &Path) -> Arc<Snapshot> {
    let log = Log::new();
    let address = Address::File { path: path.to_owned(), table: None };
    log.add(open(&address, &OpenOptions::default()).expect("the log can be opened")).expect("the log can be read");
    log.wait();
    log.wait_valid();
    let snapshot = log.snapshot();
    assert!(snapshot.locate(EventIx(0)).is_some(), "the log has events");
    snapshot
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
