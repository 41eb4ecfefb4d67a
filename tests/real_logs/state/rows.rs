//! Change data capture: the rows that are left are the last images, deleted ones are gone.

use std::collections::BTreeMap;

use super::{Value, ids, inferred, json, last, opened};

/// What the files themselves say, read without this program: the last image of each row, none for one
/// that was deleted.
fn truth(
    files: &[&str],
    image: fn(&serde_json::Value) -> (String, Option<serde_json::Value>),
) -> BTreeMap<String, Option<Value>> {
    let mut rows = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(crate::log::data(&format!("cdc/{file}"))).expect("a file of tests/data");
        for line in text.lines() {
            // The files begin with their licence.
            let Ok(change) = serde_json::from_str(line) else { continue };
            let (id, row) = image(&change);
            rows.insert(id, row.map(|row| json(&row.to_string())));
        }
    }
    rows
}

fn debezium(change: &serde_json::Value) -> (String, Option<serde_json::Value>) {
    let after = Some(change["after"].clone()).filter(|after| !after.is_null());
    let id = after.as_ref().unwrap_or(&change["before"])["id"].to_string();
    (id, after)
}

fn maxwell(change: &serde_json::Value) -> (String, Option<serde_json::Value>) {
    (change["data"]["id"].to_string(), (change["type"] != "delete").then(|| change["data"].clone()))
}

#[test]
fn final_rows_and_deletions() {
    for (kind, files, image, touched, gone) in [
        (
            "product",
            &[
                "debezium-schema-evolution-1.ndjson",
                "debezium-schema-evolution-2.ndjson",
                "debezium-schema-evolution-3.ndjson",
            ][..],
            debezium as fn(&serde_json::Value) -> (String, Option<serde_json::Value>),
            6,
            &["101"][..],
        ),
        ("products", &["debezium-postgres-products.ndjson"], debezium, 11, &["111"]),
        ("product", &["maxwell-products.ndjson"], maxwell, 11, &["102", "103", "111"]),
    ] {
        let paths: Vec<String> = files.iter().map(|file| format!("tests/data/cdc/{file}")).collect();
        let log = opened(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let rules = inferred(&log, kind);
        let truth = truth(files, image);
        assert_eq!(truth.len(), touched);
        assert_eq!(ids(&log, kind).len(), touched);
        for (id, row) in truth {
            let state = last(&rules, &log, kind, &id);
            assert_eq!(state, row.clone().unwrap_or_default(), "{files:?} {id}");
            assert_eq!(row.is_none(), gone.contains(&id.as_str()), "{files:?} {id}");
        }
    }
}

#[test]
fn every_envelope_of_rows_is_known() {
    for (file, kind, id, row) in [
        ("made/canal.ndjson", "products", "101", "null"),
        ("made/dms.ndjson", "products", "101", r#"{"id":101,"name":"scooter","weight":5.18}"#),
        ("made/goldengate.ndjson", "SHOP.PRODUCTS", "101", r#"{"ID":101,"NAME":"scooter","WEIGHT":5.18}"#),
        ("aws/dynamoStreamEvent.json", "item", "101", r#"{"Message":"This item has changed","Id":101}"#),
    ] {
        let log = opened(&[&format!("tests/data/{file}")]);
        let rules = inferred(&log, kind);
        assert_eq!(last(&rules, &log, kind, id), json(row), "{file}\n{rules}");
    }
}
