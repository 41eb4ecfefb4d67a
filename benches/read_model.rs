//! A read model of a million rows compared with its events, beside the fold of these alone.
//!
//! `cargo bench --bench read_model -- [--events N]`: N entities (1 M) with three events each, their table in SQLite;
//! both are written anew into a temporary folder. Times are the best of three.

#[path = "common/timing.rs"]
mod timing;

use std::fmt::Write as _;
use std::sync::Arc;

use eventglass::analysis::read_model::check::{Checker, Report, Spec, of_kind};
use eventglass::analysis::read_model::fold::Folder;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::analysis::state::reducers::compile;
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::stage::Context;
use eventglass::input::sources::table::each_row;
use eventglass::model::ids::KindIx;
use eventglass::store::snapshot::Snapshot;
use timing::best;

const RUNS: usize = 3;

const RULES: &str = "on AccountOpened\n  owner = owner\n  balance = 0\non MoneyDeposited\n  balance += amount\n";

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let given = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let entities: u64 = given("--events").and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let (events, table) = (folder.path().join("events.ndjson"), folder.path().join("views.sqlite"));
    std::fs::write(&events, written(entities)).expect("room for the log");
    make_table(&table, entities).expect("room for the table");
    let log = Log::with(Options { cache: None, ..Options::default() });
    log.add(open(&Address::file(&events), &OpenOptions::default()).expect("it opens")).expect("it is read");
    log.wait();
    let log = log.snapshot();
    let kind = log.kinds().iter().position(|kind| &*kind.name == "account").map(|at| KindIx(at as u16));
    let kind = kind.expect("the log has accounts");
    let table = format!("{}?table=accounts_view", table.display());
    let folded = best(RUNS, || fold(&log, kind, entities));
    let checked = best(RUNS, || {
        let report = check(&log, kind, &table);
        assert!(report.agrees() && report.matching == entities, "{}", report.counts());
    });
    println!("{entities} rows: the fold alone {folded:.2?}, compared {checked:.2?}");
    println!("  {:.2}× the fold (goal 2×)", checked.as_secs_f64() / folded.as_secs_f64());
}

fn folder(log: &Arc<Snapshot>) -> Folder {
    let source = ReducerSource { kind: ReducerKind::Rules, text: RULES.into() };
    let reducer = compile(&source).expect("rules");
    Folder::new(Arc::clone(log), source, reducer)
}

fn fold(log: &Arc<Snapshot>, kind: KindIx, entities: u64) {
    let (mut folder, never) = (folder(log), Cancel::new());
    let folded = of_kind(log, kind).filter_map(|entity| folder.last(entity, &never)).count();
    assert_eq!(folded as u64, entities);
}

fn check(log: &Arc<Snapshot>, kind: KindIx, table: &str) -> Report {
    let never = Cancel::new();
    let spec = Spec { kind, key: "account_id".to_owned(), columns: Vec::new(), only: None };
    let mut checker = Checker::new(spec, folder(log), &never);
    each_row(table, &Context::default(), &mut |row| checker.row(row).expect("rows as they should be"))
        .expect("the table can be read");
    checker.finish()
}

fn written(entities: u64) -> String {
    let mut log = String::new();
    for n in 0..entities * 3 {
        let (account, version) = (n % entities, n / entities + 1);
        let (name, data) = match version {
            1 => ("AccountOpened", format!(r#""owner":"Ada {account}""#)),
            _ => ("MoneyDeposited", format!(r#""amount":{}"#, account % 97)),
        };
        let second = n % 60;
        writeln!(
            log,
            r#"{{"eventId":"e-{n}","eventType":"{name}","entityType":"account","aggregateId":"a-{account}","version":{version},"timestamp":"2026-02-16T10:00:{second:02}Z","data":{{{data}}}}}"#
        )
        .expect("memory takes it");
    }
    log
}

fn make_table(path: &std::path::Path, entities: u64) -> rusqlite::Result<()> {
    let mut conn = rusqlite::Connection::open(path)?;
    conn.execute_batch("CREATE TABLE accounts_view (account_id TEXT PRIMARY KEY, owner TEXT, balance NUMERIC)")?;
    let transaction = conn.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO accounts_view VALUES (?, ?, ?)")?;
        for n in 0..entities {
            insert.execute((format!("a-{n}"), format!("Ada {n}"), (2 * (n % 97)).cast_signed()))?;
        }
    }
    transaction.commit()
}
