//! `sql`: statements over the samples, in each format, and statements that are refused.

use serde_json::Value;

use crate::{Bench, sample};

fn shop() -> String {
    sample("shop.ndjson").display().to_string()
}

#[test]
fn rows_come_as_a_table_as_json_and_as_csv() {
    let (bench, shop) = (Bench::new(), shop());
    let sql =
        "SELECT type, count(*) AS n FROM events WHERE type LIKE 'Order%' GROUP BY type ORDER BY n DESC, type LIMIT 2";
    let table = bench.run(["sql", &shop, sql]);
    assert_eq!(table.code, 0, "{}", table.err);
    let lines: Vec<&str> = table.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", table.out);
    assert!(lines[0].starts_with("type ") && lines[0].ends_with(" n") && lines[1].starts_with("----"), "{}", table.out);
    let json = bench.run(["sql", &shop, sql, "--format", "json"]);
    let rows: Value = serde_json::from_str(&json.out).expect("JSON");
    let csv = bench.run(["sql", &shop, sql, "--format", "csv"]);
    let mut of_csv = vec!["type,n".to_owned()];
    of_csv.extend(
        rows.as_array()
            .expect("a list")
            .iter()
            .map(|row| format!("{},{}", row["type"].as_str().expect("a type"), row["n"])),
    );
    assert_eq!(csv.out.lines().collect::<Vec<_>>(), of_csv);
    // The same as another command counts.
    let events = bench.run(["events", &shop, "--filter", "type:OrderPlaced", "--format", "ndjson"]);
    let placed = rows.as_array().and_then(|rows| rows.iter().find(|row| row["type"] == "OrderPlaced"));
    assert_eq!(placed.map(|row| row["n"].clone()), Some(events.out.lines().count().into()));
    assert_eq!(bench.run(["sql", &shop, "SELECT ix FROM events WHERE ix < 0", "--format", "json"]).out, "[]\n");
}

#[test]
fn payloads_are_read_by_json_functions() {
    let (bench, shop) = (Bench::new(), shop());
    let sql = "SELECT sum(json_extract(payload, '$.total') > 0) AS n FROM events WHERE type = 'OrderPlaced'";
    let ran = bench.run(["sql", &shop, sql, "--format", "csv"]);
    let all =
        bench.run(["sql", &shop, "SELECT count(*) AS n FROM events WHERE type = 'OrderPlaced'", "--format", "csv"]);
    assert_eq!((ran.code, &ran.out), (0, &all.out), "{}", ran.err);
}

#[test]
fn what_is_wrong_with_a_statement_is_told_with_its_place() {
    let (bench, shop) = (Bench::new(), shop());
    for (sql, told) in [
        ("SELECT nope FROM events", "SQL: no such column: nope: column 8"),
        ("DROP TABLE events", "A statement that changes something is not answered"),
        ("ATTACH 'other.db' AS other", "ATTACH is not answered"),
    ] {
        let ran = bench.run(["sql", &shop, sql]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{sql}");
        assert!(ran.err.contains(told) && ran.err.contains("eventglass sql --help"), "{}", ran.err);
    }
    assert!(bench.run(["sql", "--help"]).out.contains("event_entities(ix, kind, entity, stream)"));
}
