//! `chains` and `map`: all chains of a log, and which service causes what in which other.

use serde_json::Value;

use crate::{Bench, sample};

fn json(bench: &Bench, args: &[&str]) -> Value {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

fn ndjson(bench: &Bench, args: &[&str]) -> Vec<Value> {
    let ran = bench.run(args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn all_chains_of_the_shop_are_told_and_narrowed_down() {
    let (bench, shop) = (Bench::new(), sample("shop.ndjson").display().to_string());
    let info = json(&bench, &["info", &shop, "--format", "json"]);
    let all = ndjson(&bench, &["chains", &shop, "--format", "ndjson"]);
    assert_eq!(all.len() as u64, info["correlations"].as_u64().expect("a number"));
    let events: u64 = all.iter().filter_map(|chain| chain["events"].as_u64()).sum();
    assert_eq!(events, info["events"].as_u64().expect("a number"), "every event of the shop has one id");
    let failed = ndjson(&bench, &["chains", &shop, "--error", "--format", "ndjson"]);
    assert!(!failed.is_empty() && failed.len() < all.len());
    for chain in &failed {
        let types = chain["types"].as_array().expect("a list");
        assert!(
            types.iter().any(|name| name.as_str().is_some_and(|n| n.ends_with("Failed") || n.ends_with("Cancelled")))
        );
    }
    let slow = ndjson(&bench, &["chains", &shop, "--min-duration", "1h", "--sort", "duration", "--format", "ndjson"]);
    let took: Vec<f64> = slow.iter().filter_map(|chain| chain["duration_ms"].as_f64()).collect();
    assert!(took.iter().all(|ms| *ms >= 3_600_000.0) && took.is_sorted_by(|a, b| a >= b), "{took:?}");
    let wrong = bench.run(["chains", &shop, "--min-duration", "soon"]);
    assert!(wrong.code == 2 && wrong.err.contains("no length of time"), "{}", wrong.err);
}

#[test]
fn a_chain_crosses_files() {
    let bench = Bench::new();
    let line = |id: &str, kind: &str, service: &str, cause: &str, ms: u32| {
        format!(
            "{{\"eventId\":\"{id}\",\"eventType\":\"{kind}\",\"timestamp\":\"2026-02-16T10:00:00.{ms:03}Z\",\
             \"service\":\"{service}\",\"correlationId\":\"c-1\",\"causationId\":\"{cause}\",\"data\":{{\"n\":{ms}}}}}\n"
        )
    };
    let a = bench
        .write("orders.ndjson", line("a", "OrderPlaced", "orders", "", 1) + &line("c", "OrderPaid", "orders", "b", 30));
    let b = bench.write("payments.ndjson", line("b", "PaymentCaptured", "payments", "a", 20));
    let (a, b) = (a.display().to_string(), b.display().to_string());
    let chains = ndjson(&bench, &["chains", &a, &b, "--format", "ndjson"]);
    assert_eq!(chains.len(), 1);
    assert_eq!(
        (chains[0]["events"].as_u64(), chains[0]["missing_causes"].as_u64()),
        (Some(3), Some(0)),
        "{}",
        chains[0]
    );
    let map = json(&bench, &["map", &a, &b, "--format", "json"]);
    let names: Vec<&str> = map["nodes"].as_array().expect("a list").iter().filter_map(|n| n["name"].as_str()).collect();
    let mut edges: Vec<(&str, &str)> = map["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| (names[e["from"].as_u64().unwrap() as usize], names[e["to"].as_u64().unwrap() as usize]))
        .collect();
    edges.sort_unstable();
    assert_eq!(edges, [("orders", "payments"), ("payments", "orders")]);
    let only = bench.run(["map", &b, "--format", "text"]);
    assert!(only.out.contains("0 arrows"), "{}", only.out);
}

#[test]
fn the_map_is_written_as_text_mermaid_and_svg() {
    let (bench, shop) = (Bench::new(), sample("shop.ndjson").display().to_string());
    let text = bench.run(["map", &shop]);
    assert!(text.out.contains("OrderPlaced → StockReserved"), "{}", text.out);
    let mermaid = bench.run(["map", &shop, "--format", "mermaid"]);
    assert!(mermaid.out.starts_with("flowchart LR\n") && mermaid.out.contains("-->|"), "{}", mermaid.out);
    let svg = bench.run(["map", &shop, "--format", "svg"]);
    assert!(svg.out.starts_with("<svg ") && svg.out.trim_end().ends_with("</svg>"));
}

#[test]
fn the_chains_of_real_logs_are_as_long_as_others_counted() {
    let bench = Bench::new();
    let file = |path: &str| {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path).display().to_string()
    };
    // Facts of the collection: one trace of 16 records; 53 connections, named by 121 of 123 lines.
    for (path, chains, events) in [("traces/zipkin-yelp.json", 1, 16), ("zeek/scranton", 53, 121)] {
        let found = ndjson(&bench, &["chains", &file(path), "--format", "ndjson"]);
        assert_eq!(found.len(), chains, "{path}");
        assert_eq!(found.iter().filter_map(|chain| chain["events"].as_u64()).sum::<u64>(), events, "{path}");
    }
    // The connection with the most lines, through four streams.
    let found =
        ndjson(&bench, &["chains", &file("zeek/scranton"), "--sort", "size", "--limit", "1", "--format", "ndjson"]);
    let widest = found.first().expect("a chain");
    assert_eq!((widest["id"].as_str(), widest["events"].as_u64()), (Some("CshouNl91eX76LbH9"), Some(28)));
    // Each task of the workflow begins anew; its 25 events name 27 earlier ones.
    let flows = json(&bench, &["chains", &file("temporal/workflow1.json"), "--format", "json"]);
    let chains = flows["chains"].as_array().expect("a list");
    let events: u64 = chains.iter().filter_map(|chain| chain["events"].as_u64()).sum();
    assert_eq!((events, flows["loose_events"].as_u64()), (24, Some(1)));
    assert!(chains.iter().all(|chain| chain["missing_causes"] == 0));
    let map = json(&bench, &["map", &file("temporal/workflow1.json"), "--format", "json"]);
    let causes: u64 = map["edges"].as_array().expect("a list").iter().filter_map(|edge| edge["count"].as_u64()).sum();
    assert_eq!(causes, 27);
    // No process of this log has a parent in it.
    let flows = json(&bench, &["chains", &file("windows/smb-copy.ndjson.gz"), "--format", "json"]);
    let tied = flows["chains"].as_array().expect("a list").iter().filter(|chain| chain["id"].is_null()).count();
    assert_eq!(tied, 0);
}
