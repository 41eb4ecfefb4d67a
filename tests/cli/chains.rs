//! `trace`: chains of the shop sample and of logs whose longest chain somebody else counted.

use serde_json::Value;

use crate::{Bench, sample};

fn file(path: &str) -> String {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path).display().to_string()
}

/// The chain through an event of a log, the last one where no id is given.
fn through(bench: &Bench, path: &str, id: Option<&str>) -> Value {
    let path = file(path);
    let events = bench.run(["events", &path, "--format", "ndjson"]);
    let last = events.out.lines().last().expect("the log has events");
    let last: Value = serde_json::from_str(last).expect("a line is JSON");
    let id = id.or(last["id"].as_str()).expect("it has an id");
    let ran = bench.run(["trace", &path, "--event", id, "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

#[test]
fn an_order_is_followed_over_its_services() {
    let (bench, shop) = (Bench::new(), sample("shop.ndjson").display().to_string());
    let events = bench.run(["events", &shop, "--limit", "1", "--format", "ndjson"]);
    let first: Value = serde_json::from_str(&events.out).expect("JSON");
    let id = first["correlation"][0].as_str().expect("it has one");
    let ran = bench.run(["trace", &shop, "--correlation", id, "--format", "json"]);
    let chain: Value = serde_json::from_str(&ran.out).expect("JSON");
    let types: Vec<&str> =
        chain["events"].as_array().expect("a list").iter().filter_map(|e| e["type"].as_str()).collect();
    assert_eq!(
        types,
        [
            "OrderPlaced",
            "StockReserved",
            "PaymentRequested",
            "PaymentCaptured",
            "OrderConfirmed",
            "EmailSent",
            "ShipmentCreated",
            "ShipmentDispatched",
        ]
    );
    assert_eq!((&chain["roots"], chain["inferred"].as_bool()), (&serde_json::json!([first["ix"]]), Some(false)));
    assert_eq!(chain["services"].as_array().map(Vec::len), Some(5));
    assert_eq!(chain["missing"], serde_json::json!([]));
    let diagram = bench.run(["trace", &shop, "--correlation", id, "--format", "mermaid"]);
    assert!(diagram.out.starts_with("sequenceDiagram\n    participant s0 as order-service\n"), "{}", diagram.out);
    let lines = bench.run(["trace", &shop, "--correlation", id]);
    assert_eq!(lines.out.lines().count(), 9, "{}", lines.out);
}

#[test]
fn a_failure_is_followed_to_its_cause_in_another_request() {
    let (bench, log) = (Bench::new(), sample("empty-shelf.ndjson").display().to_string());
    let ran = bench.run(["trace", &log, "--event", "evt-77594ff7", "--format", "json"]);
    let chain: Value = serde_json::from_str(&ran.out).expect("JSON");
    let events = chain["events"].as_array().expect("a list");
    assert_eq!((events.len(), chain["services"].as_array().map(Vec::len)), (14, Some(6)));
    // From the failed order back: always the cause that is not of the same service.
    let by_ix = |ix: &Value| events.iter().find(|event| event["ix"] == *ix).expect("it is in the chain");
    let is = |event: &&Value, wanted: &str| event["type"] == wanted;
    let mut at = events.iter().find(|event| is(event, "OrderFailed")).expect("it failed");
    for wanted in ["PickFailed", "ReservationReleased", "StockAdjusted", "StocktakeStarted"] {
        let causes = at["causes"].as_array().expect("a list").iter().map(by_ix);
        at = causes.into_iter().find(|event| is(event, wanted)).expect(wanted);
    }
    assert_eq!(at["causes"], serde_json::json!([]));
    let skew = chain["skew"].as_array().expect("a list");
    assert_eq!((skew.len(), skew[0]["source"].as_str()), (1, Some("notification-service")), "{skew:?}");
    let offset = skew[0]["offset_ms"].as_f64().expect("a number");
    assert!((-1500.0..-200.0).contains(&offset), "{offset}");
    let lint = bench.run(["lint", &log, "--rule", "clock-skew"]);
    assert!(lint.out.contains("The clock of notification-service is"), "{}", lint.out);
}

#[test]
fn a_chain_is_drawn_in_three_ways() {
    let (bench, log) = (Bench::new(), sample("empty-shelf.ndjson").display().to_string());
    let draw = |drawing: &str| {
        let ran = bench.run(["trace", &log, "--event", "evt-77594ff7", "--format", "svg", "--as", drawing]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.starts_with("<svg ") && ran.out.trim_end().ends_with("</svg>"));
        assert!(ran.out.contains("PickFailed") && ran.out.contains("StocktakeStarted"), "{drawing}");
        ran.out
    };
    let (graph, waterfall, sequence) = (draw("graph"), draw("waterfall"), draw("sequence"));
    assert_eq!(graph.matches("<rect ").count(), 1 + 14, "the ground and a box for each event");
    assert_eq!(waterfall.matches("<circle ").count(), 14);
    assert!(sequence.contains("OrderConfirmed, same event"), "its causes are in two services");
    let ran = bench.run(["trace", &log, "--event", "evt-77594ff7", "--as", "graph"]);
    assert_eq!((ran.code, ran.err.contains("--format svg")), (2, true), "{}", ran.err);
}

#[test]
fn chains_are_as_long_as_others_counted() {
    let bench = Bench::new();
    for (path, id, longest) in [
        ("eiffel/build-avoidance.json", None, 5),
        ("temporal/workflow1.json", Some("9"), 6),
        ("matrix/bootstrap-public-chat.json", None, 8),
        ("traces/zipkin-yelp.json", None, 4),
    ] {
        let chain = through(&bench, path, id);
        let events = chain["events"].as_array().expect("a list");
        let depth = events.iter().filter_map(|event| event["depth"].as_u64()).max();
        assert_eq!(depth.map(|depth| depth + 1), Some(longest), "{path}");
        assert_eq!(chain["missing"], serde_json::json!([]), "{path}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let (bench, shop) = (Bench::new(), sample("shop.ndjson").display().to_string());
    for args in [["--correlation", "nobody"], ["--event", "nobody"]] {
        let ran = bench.run(["trace", &shop, args[0], args[1]]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains("nobody"), "{}", ran.err);
    }
    assert_eq!(bench.run(["trace", shop.as_str()]).code, 2);
}
