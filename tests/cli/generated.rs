//! A generated log against the truth that its generator counted.

use serde_json::Value;

use crate::Bench;

#[test]
fn info_agrees_with_the_generator_in_every_count() {
    let bench = Bench::new();
    let log = bench.path("shop.ndjson");
    let made = bench.run(["generate".as_ref(), "--events=60000".as_ref(), "--seed=7".as_ref(), log.as_os_str()]);
    assert_eq!((made.code, made.err.as_str()), (0, ""), "{made:?}");
    let truth = std::fs::read_to_string(bench.path("shop.ndjson.truth.json")).expect("the truth lies beside the log");
    let truth: Value = serde_json::from_str(&truth).expect("it is JSON");
    let info = bench.info([&log]);
    assert!(truth["undecodable_in_payload"].as_u64().is_some_and(|n| n > 0), "this seed damages payloads too");
    for name in [
        "events",
        "undecodable",
        "duplicate_ids",
        "types",
        "services",
        "entity_kinds",
        "entities",
        "correlations",
        "first",
        "last",
        "bytes",
    ] {
        assert_eq!(info[name], truth[name], "{name}");
    }
    assert_eq!(info["coverage"]["seen"], truth["lines"]);

    let samples = &truth["samples"];
    let text = |name: &str| samples[name].as_str().expect("a name").to_owned();
    for (filter, expected) in [
        (format!("entity:account:{}", text("heavy_entity")), "heavy_entity_events"),
        (format!("entity:account:{}", text("entity")), "entity_events"),
        (format!("correlation:{}", text("correlation")), "correlation_events"),
        (format!("type:{} time>={} time<{}", text("range_type"), text("range_from"), text("range_to")), "range_events"),
    ] {
        let path = log.to_str().expect("a plain path");
        let found = bench.lines(["events", path, "--format=ndjson", "--filter", &filter]);
        assert_eq!(found.len() as u64, samples[expected].as_u64().expect("a count"), "{filter}");
    }
}

#[test]
fn the_same_seed_gives_the_same_file() {
    let bench = Bench::new();
    for name in ["a.ndjson", "b.ndjson"] {
        assert_eq!(bench.run(["generate", "--events", "3000", "--seed", "3", name]).code, 0);
    }
    let read = |name: &str| std::fs::read(bench.path(name)).expect("it was made");
    assert_eq!(read("a.ndjson"), read("b.ndjson"));
}

#[test]
fn generate_overwrites_no_foreign_file() {
    let bench = Bench::new();
    let mine = bench.write("mine.ndjson", "precious\n");
    let ran = bench.run(["generate".as_ref(), "--events=10".as_ref(), mine.as_os_str()]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(std::fs::read_to_string(mine).expect("it is there"), "precious\n");
}
