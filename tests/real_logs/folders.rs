//! Facts of folders whose files make one log.

use crate::log::{Log, data, instant, open};

/// All files of a folder that open, in the order of their names, and the names of those that don't.
fn folder(path: &str) -> (Log, Vec<String>) {
    let mut names: Vec<String> = std::fs::read_dir(data(path))
        .expect("a folder of tests/data")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let (mut log, mut refused) = (Log::default(), Vec::new());
    for name in names {
        match open(&format!("{path}/{name}")) {
            Ok((part, _)) => log.add(part),
            Err(_) => refused.push(name),
        }
    }
    (log, refused)
}

#[test]
fn schema_evolution_in_three_files() {
    let mut log = Log::default();
    for n in 1..=3 {
        log.add(open(&format!("cdc/debezium-schema-evolution-{n}.ndjson")).expect("opens").0);
    }
    assert_eq!((log.events.len(), log.undecodable), (8, 51));
    assert_eq!(log.ids_of_kind("product"), 6);
    let types: Vec<(String, usize)> = log.types();
    let expected = [("delete", 1), ("insert", 6), ("update", 1)];
    assert_eq!(types, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn a_sensor_s_streams_are_one_log() {
    let (log, refused) = folder("zeek/scranton");
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(log.events.len(), 123);
    let per_stream = [("conn", 53), ("dce_rpc", 35), ("dns", 18), ("kerberos", 11), ("smb_mapping", 3), ("weird", 3)];
    assert_eq!(log.types(), per_stream.map(|(name, count)| (name.to_owned(), count)));
    assert_eq!(log.ids_of_kind("connection"), 53);
    assert_eq!(log.events.iter().filter(|event| event.entities.is_empty()).count(), 2);
    let widest = log.events_of("connection", "CshouNl91eX76LbH9");
    assert_eq!(widest.len(), 28);
    let ends = [widest.first(), widest.last()].map(|event| event.map(|event| (event.type_name.as_str(), event.time)));
    let first = Some(("conn", Some(1_588_317_050_787_972_000)));
    assert_eq!(ends, [first, Some(("dce_rpc", Some(1_588_317_051_088_821_000)))]);
}

#[test]
fn one_event_a_file_with_states_between_them() {
    for (path, events, undecodable, types) in [
        (
            "billing/CleanUpUnprocessableMessages",
            3,
            3,
            &["SubscriptionPurchased", "RemoveUnprocessedMessages", "RemoveUnprocessedMessages"][..],
        ),
        (
            "billing/RefreshIncludedQuantitiesMonthly",
            9,
            0,
            &[
                "SubscriptionPurchased",
                "UsageReported",
                "UsageReported",
                "UsageReported",
                "UsageReported",
                "Ping",
                "UsageSubmittedToAPI",
                "Ping",
                "Ping",
            ][..],
        ),
    ] {
        let (log, refused) = folder(path);
        assert_eq!((log.events.len(), log.undecodable), (events, undecodable), "{path}");
        assert!(refused.iter().all(|name| name.ends_with("--state.json")), "{refused:?}");
        let found: Vec<&str> = log.events.iter().map(|event| event.type_name.as_str()).collect();
        assert_eq!(found, types, "{path}");
        assert_eq!(log.events.first().and_then(|event| event.time), Some(instant("2021-11-04T16:12:26Z")));
    }
    let (log, _) = folder("billing/RefreshIncludedQuantitiesMonthly");
    assert_eq!(log.ids_of_kind("resource"), 1);
    let last = log.events.last().expect("nine events");
    assert_eq!(last.time, Some(instant("2022-12-04T00:00:05Z")));
}
