//! Statements over small logs, and that the index is asked where it can be.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Cell, Kept, Sink, SqlError, run};
use crate::base::cancel::Cancel;
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

/// 2026-02-16T10:30:00Z
const START: i64 = 1_771_237_800_000_000_000;

fn log() -> Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(4);
    for i in 0..20i64 {
        builder.push(TestEvent {
            time: (i != 19).then(|| START + i * 1_000_000_000),
            type_name: ["OrderPlaced", "OrderPaid", "OrderShipped"][(i % 3) as usize].to_owned(),
            service: if i % 5 == 0 { String::new() } else { format!("s{}", i % 2) },
            id: format!("e{i}"),
            version: Some((i / 4 + 1) as u32),
            entities: vec![format!("order:o{}", i % 4), format!("customer:c{}", i % 2)],
            correlations: vec![format!("chain-{}", i / 5)],
            causes: if i % 5 == 0 { Vec::new() } else { vec![format!("e{}", i - 1)] },
            data: format!("{{\"total\":{}.50,\"n\":{i}}}", i * 10),
            ..TestEvent::default()
        });
    }
    builder.push(TestEvent { undecodable: true, ..TestEvent::default() });
    builder.build()
}

fn ask(log: &Arc<Snapshot>, sql: &str) -> Result<Kept, SqlError> {
    let mut kept = Kept::default();
    run(log, sql, &Cancel::new(), &|_, _| (), &mut kept).map(|_| kept)
}

fn text(log: &Arc<Snapshot>, sql: &str) -> String {
    let kept = ask(log, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let row = |row: &Vec<Cell>| row.iter().map(Cell::text).collect::<Vec<_>>().join(",");
    kept.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn statements_are_answered() {
    let log = log();
    for (sql, answer) in [
        ("SELECT count(*) FROM events", "21"),
        (
            "SELECT type, count(*) n FROM events GROUP BY type ORDER BY n DESC, type",
            "OrderPaid,7 OrderPlaced,7 OrderShipped,6 undecodable,1",
        ),
        ("SELECT service, count(*) FROM events GROUP BY 1 ORDER BY 1", ",5 s0,8 s1,8"),
        ("SELECT count(DISTINCT type), count(*) FROM events WHERE type LIKE 'Order%'", "3,20"),
        ("SELECT ix, id, correlation, causation FROM events WHERE ix = 7", "7,e7,chain-1,e6"),
        (
            "SELECT json_extract(payload, '$.total') FROM events WHERE type = 'OrderPaid' AND ix < 8 ORDER BY ix",
            "10.5 40.5 70.5",
        ),
        ("SELECT payload ->> 'n' FROM events WHERE id = 'e11'", "11"),
        ("SELECT kind, entity, version FROM events WHERE ix = 5", "order,o1,2"),
        ("SELECT ix FROM events WHERE entity = 'o3' ORDER BY ix DESC LIMIT 2", "19 15"),
        ("SELECT ix FROM events WHERE correlation IN ('chain-0', 'none') ORDER BY ix", "0 1 2 3 4"),
        ("SELECT ix FROM events WHERE time >= '2026-02-16T10:30:17Z' ORDER BY 1", "17 18"),
        ("SELECT ix FROM events WHERE time < '2026-02-16T10:30:02Z' ORDER BY 1", "0 1"),
        (
            "SELECT ix FROM events WHERE time BETWEEN '2026-02-16T10:30:03' AND '2026-02-16T10:30:04.500' ORDER BY 1",
            "3 4",
        ),
        ("SELECT time FROM events WHERE ix = 1", "2026-02-16T10:30:01.000Z"),
        ("SELECT ix, type FROM events WHERE time IS NULL ORDER BY ix", "19,OrderPaid 20,undecodable"),
        ("SELECT payload FROM events WHERE type = 'undecodable'", ""),
        (
            "SELECT kind, id, events, first FROM entities WHERE kind = 'customer' ORDER BY id",
            "customer,c0,10,2026-02-16T10:30:00.000Z customer,c1,10,2026-02-16T10:30:01.000Z",
        ),
        ("SELECT correlation, events, duration_ms FROM chains WHERE correlation = 'chain-1'", "chain-1,5,4000"),
        (
            "SELECT e.entity, count(*) FROM event_entities e JOIN events USING (ix) WHERE e.kind = 'customer' AND events.type = 'OrderPaid' GROUP BY 1 ORDER BY 1",
            "c0,3 c1,4",
        ),
        ("SELECT sum(json_extract(payload, '$.n')) FROM events", "190"),
        ("WITH a AS (SELECT type FROM events WHERE ix < 3) SELECT count(*) FROM a", "3"),
        ("SELECT a.ix FROM events a JOIN events b ON b.ix = a.ix + 1 WHERE a.type = 'OrderPaid' AND b.ix = 2", "1"),
        ("SELECT max(type) FROM events", "undecodable"),
        ("SELECT count(*) FROM events WHERE type = 'None'", "0"),
        ("SELECT DISTINCT source FROM events", "test-0.ndjson"),
        ("SELECT 1 + 1", "2"),
        ("SELECT count(*) /* all */ FROM events -- of the log", "21"),
    ] {
        assert_eq!(text(&log, sql), answer, "{sql}");
    }
}

#[test]
fn counting_gives_what_counting_rows_gives() {
    let log = log();
    for counted in [
        "SELECT type, count(*) FROM events GROUP BY type",
        "SELECT type, service, count(*) FROM events WHERE service <> 's1' GROUP BY type, service HAVING count(*) > 1",
        "SELECT count(*), min(type), max(upper(service)) FROM events WHERE type <> 'OrderPaid'",
        "SELECT source, count(DISTINCT service), count(*) * 2 FROM events GROUP BY source",
    ] {
        // A column that no count knows makes rows of all events.
        let by_rows = counted.replacen("count(*)", "(count(*) + 0 * max(ix))", 1);
        let kept = ask(&log, counted).expect(counted);
        assert_eq!(kept.rows, ask(&log, &by_rows).expect(counted).rows, "{counted}");
        assert!(kept.columns.iter().all(|name| !name.contains('#')), "{:?}", kept.columns);
    }
}

#[test]
fn only_reading_is_answered_and_errors_have_a_place() {
    let log = log();
    for (sql, message, at) in [
        ("SELECT nope FROM events", "no such column: nope", Some(7)),
        ("SELECT * FROM event", "no such table: event", None),
        ("SELECT * FROM events WHERE", "incomplete input", None),
        ("ATTACH 'x.db' AS x", "ATTACH is not answered", Some(0)),
        (" PRAGMA journal_mode=WAL", "PRAGMA is not answered", Some(1)),
        ("DELETE FROM events", "A statement that changes something is not answered", Some(0)),
        ("CREATE TABLE x (a)", "A statement that changes something is not answered", Some(0)),
        ("SELECT load_extension('x')", "", None),
        ("SELECT 1; SELECT 2", "One statement at a time", None),
        ("SELECT ?", "Parameters have no values", None),
        ("", "There is no statement", None),
    ] {
        let error = ask(&log, sql).err().unwrap_or_else(|| panic!("{sql} was answered"));
        assert!(error.message.starts_with(message), "{sql}: {error}");
        if at.is_some() {
            assert_eq!(error.at, at, "{sql}: {error}");
        }
    }
}

#[test]
fn a_statement_without_end_can_be_stopped_or_cut() {
    let log = log();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    struct Few(u32);
    impl Sink for Few {
        fn columns(&mut self, _: &[String]) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn row(&mut self, _: Vec<Cell>) -> ControlFlow<()> {
            self.0 += 1;
            if self.0 == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let mut few = Few(0);
    run(&log, endless, &Cancel::new(), &|_, _| (), &mut few).expect("it is cut");
    assert_eq!(few.0, 10);
    let kept = ask(&log, endless).expect("it is cut");
    assert!(kept.more && kept.rows.len() == super::MOST_ROWS);
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let stopper = std::thread::Builder::new().name("stopper".to_owned()).spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        stop.cancel();
    });
    let counted = format!("SELECT count(*) FROM ({endless})");
    let error = run(&log, &counted, &cancel, &|_, _| (), &mut Kept::default()).expect_err("it never ends");
    assert!(error.cancelled);
    stopper.expect("a thread").join().expect("it only sleeps");
}
