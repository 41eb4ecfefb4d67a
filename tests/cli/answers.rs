//! What the commands answer about the sample logs.

use serde_json::{Value, json};

use crate::{Bench, counted, sample, sample_bytes};

#[test]
fn info_has_the_agreed_fields_in_order() {
    let bench = Bench::new();
    let Value::Object(info) = bench.info([sample("shop.ndjson")]) else { panic!("info is an object") };
    let names: Vec<&str> = info.keys().map(String::as_str).collect();
    let agreed = [
        "format",
        "mapping",
        "events",
        "undecodable",
        "duplicate_ids",
        "entities",
        "entity_kinds",
        "types",
        "services",
        "correlations",
        "first",
        "last",
        "bytes",
        "coverage",
    ];
    assert_eq!(names, agreed);
}

#[test]
fn the_shop_has_its_orders() {
    let bench = Bench::new();
    let info = bench.info([sample("shop.ndjson")]);
    assert_eq!(info["events"], 200);
    assert_eq!((&info["undecodable"], &info["duplicate_ids"]), (&json!(0), &json!(0)));
    assert_eq!(counted(&info, "entity_kinds", "kind", "order")["entities"], 26, "{info:#}");
    assert_eq!(counted(&info, "entity_kinds", "kind", "payment")["entities"], 26);
    assert_eq!(counted(&info, "types", "type", "PaymentFailed")["events"], 4);
    assert_eq!(info["services"].as_array().map(Vec::len), Some(5));
    assert_eq!(info["correlations"], 26);
    assert_eq!(info["first"], "2026-02-16T08:17:05.757Z");
    assert_eq!(info["bytes"], sample_bytes("shop.ndjson").len());
    assert_eq!(info["coverage"], json!({"seen": 200, "total": 200}));
}

#[test]
fn the_article_s_event_belongs_to_an_order_and_a_customer() {
    let bench = Bench::new();
    let info = bench.info([sample("article.ndjson")]);
    assert_eq!((&info["events"], &info["duplicate_ids"], &info["entities"]), (&json!(2), &json!(1), &json!(2)));
    let article = sample("article.ndjson");
    let events = bench.lines(["events".as_ref(), "--format=ndjson".as_ref(), article.as_os_str()]);
    let mut entities: Vec<&str> =
        events[0]["entities"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    entities.sort_unstable();
    assert_eq!(entities, ["customer:cust-789", "order:order-456"]);
}

#[test]
fn the_bank_account_of_the_textbook_ends_with_120() {
    let bench = Bench::new();
    let bank = sample("bank.ndjson");
    let args =
        ["events".as_ref(), bank.as_os_str(), "--format=ndjson".as_ref(), "--entity=account:account-123".as_ref()];
    let events = bench.lines(args);
    let balance = events.iter().fold(0, |balance, event| {
        let amount = |name: &str| event["data"][name].as_i64().expect("a number");
        match event["type"].as_str() {
            Some("AccountOpened") => amount("initialBalance"),
            Some("MoneyDeposited") => balance + amount("amount"),
            Some("MoneyWithdrawn") => balance - amount("amount"),
            other => panic!("no such type in this log: {other:?}"),
        }
    });
    assert_eq!((events.len(), balance), (4, 120));
    let versions: Vec<u64> = events.iter().filter_map(|event| event["version"].as_u64()).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
}

#[test]
fn events_carry_all_agreed_fields_and_payloads_byte_for_byte() {
    let bench = Bench::new();
    let shop = sample("shop.ndjson");
    let ran = bench.run(["events".as_ref(), "--format=ndjson".as_ref(), shop.as_os_str()]);
    let stored = String::from_utf8(sample_bytes("shop.ndjson")).expect("this log is UTF-8");
    assert_eq!(ran.out.lines().count(), 200);
    for line in ran.out.lines() {
        let event: Value = serde_json::from_str(line).expect(line);
        let names: Vec<&str> = event.as_object().expect("an object").keys().map(String::as_str).collect();
        let agreed = [
            "ix",
            "time",
            "type",
            "id",
            "entities",
            "version",
            "service",
            "correlation",
            "causation",
            "source",
            "data",
        ];
        assert_eq!(names, agreed);
        assert_eq!(event["source"]["name"], "shop.ndjson");
        let position = event["source"]["position"].as_u64().expect("a byte") as usize;
        let record = stored[position..].lines().next().expect("a line");
        let id = event["id"].as_str().expect("an id");
        assert!(record.contains(&format!("\"eventId\":\"{id}\"")), "{id} is not at {position}");
        let (_, data) = line.split_once(",\"data\":").expect("a payload");
        assert!(record.ends_with(data), "{data} is not the end of {record}");
    }
}

#[test]
fn events_are_filtered_limited_and_in_time_order() {
    let bench = Bench::new();
    let shop = sample("shop.ndjson");
    let events = |more: &[&str]| {
        let mut args = vec!["events", shop.to_str().expect("a plain path"), "--format=ndjson"];
        args.extend(more);
        bench.lines(args)
    };
    for (more, count) in [
        (&["--filter", "type:PaymentFailed"][..], 4),
        (&["--filter", "data.reason=card_declined type:PaymentFailed"], 1),
        (&["--entity", "order:order-469"], 6),
        (&["--entity", "order:order-469", "--filter", "service:payment-service"], 4),
        (&["--entity", "order:none"], 0),
        (&["--from", "2026-02-16T15:56:15Z", "--entity", "order:order-469"], 3),
        (&["--to", "2026-02-16T15:56:15Z", "--entity", "order:order-469"], 3),
        (&["--limit", "7"], 7),
        (&["--limit", "0"], 0),
        (&["--from", "2026-02-17"], 0),
        (&["--filter", "\"Kungsgatan\" type:OrderPlaced", "--limit", "1"], 1),
    ] {
        assert_eq!(events(more).len(), count, "{more:?}");
    }
    let time = |event: &Value| chrono::DateTime::parse_from_rfc3339(event["time"].as_str().unwrap_or_default()).ok();
    assert!(events(&[]).iter().map(time).is_sorted());
}

#[test]
fn entities_are_listed_with_their_counts() {
    let bench = Bench::new();
    let shop = sample("shop.ndjson");
    let shop = shop.to_str().expect("a plain path");
    let orders = bench.lines(["entities", shop, "--kind", "order", "--format", "ndjson"]);
    assert_eq!(orders.len(), 26);
    let order = orders.iter().find(|order| order["id"] == "order-469").expect("it is there");
    assert_eq!(
        *order,
        json!({"kind": "order", "id": "order-469", "events": 6,
               "first": "2026-02-16T15:56:11.797Z", "last": "2026-02-16T15:56:42.463Z"})
    );
    let ran = bench.run(["entities", shop, "--kind", "none"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("order") && ran.err.contains("payment"), "{}", ran.err);
    let text = bench.run(["entities", shop]).out;
    assert!(text.contains("order:order-469"), "{text}");
}

#[test]
fn a_store_of_a_real_library_opens_by_itself() {
    let bench = Bench::new();
    let before = sample_bytes("store.sqlite");
    let info = bench.info([sample("store.sqlite")]);
    assert_eq!((&info["events"], &info["undecodable"]), (&json!(28), &json!(0)), "{info:#}");
    assert_eq!(info["entities"], 3, "{info:#}");
    assert_eq!(info["types"].as_array().map(Vec::len), Some(4));
    assert_eq!(sample_bytes("store.sqlite"), before);
}

#[test]
fn csv_can_be_read_again() {
    let bench = Bench::new();
    let shop = sample("shop.ndjson");
    let ran = bench.run(["events".as_ref(), "--format=csv".as_ref(), shop.as_os_str()]);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    assert_eq!(reader.records().filter_map(Result::ok).count(), 200);
}

#[test]
fn a_dead_letter_is_found_beside_the_events_of_its_order() {
    let bench = Bench::new();
    let (shop, letters) = (sample("shop.ndjson"), sample("shop-dead-letters.ndjson"));
    let args = [
        "events".as_ref(),
        shop.as_os_str(),
        letters.as_os_str(),
        "--format=ndjson".as_ref(),
        "--entity=order:order-469".as_ref(),
    ];
    let events = bench.lines(args);
    let names: Vec<&str> = events.iter().filter_map(|event| event["source"]["name"].as_str()).collect();
    assert_eq!(names.iter().filter(|name| **name == "shop-dead-letters.ndjson").count(), 1, "{events:#?}");
    assert_eq!(events.len(), 7);
}

#[test]
fn a_mapping_by_hand_wins() {
    let bench = Bench::new();
    let log = bench.write(
        "odd.ndjson",
        "{\"w\":\"Boiled\",\"wer\":\"egg-1\",\"t\":1771237800}\n{\"w\":\"Eaten\",\"wer\":\"egg-1\",\"t\":1771237900}\n",
    );
    let mapping = json!({
        "type": ["/w"], "time": [{"field": "/t", "unit": "seconds"}], "entities": [{"kind": "egg", "id": "/wer"}],
    });
    let mapping = bench.write("mapping.json", mapping.to_string());
    let args =
        ["events".as_ref(), log.as_os_str(), "--mapping".as_ref(), mapping.as_os_str(), "--format=ndjson".as_ref()];
    let events = bench.lines(args);
    assert_eq!(events[0]["type"], "Boiled");
    assert_eq!(events[0]["entities"], json!(["egg:egg-1"]));
    assert_eq!(events[0]["time"], "2026-02-16T10:30:00Z");
}

#[test]
fn records_of_which_nothing_is_wanted_are_events_all_the_same() {
    let bench = Bench::new();
    let log = bench.write("bare.ndjson", format!("{}{{\"x\":\n", "{\"x\":1}\n".repeat(9)));
    let mapping = bench.write("mapping.json", "{}");
    let args = ["info".as_ref(), log.as_os_str(), "--mapping".as_ref(), mapping.as_os_str(), "--format=json".as_ref()];
    let ran = bench.run(args);
    let info: Value = serde_json::from_str(&ran.out).expect(&ran.out);
    assert_eq!((&info["events"], &info["undecodable"]), (&json!(9), &json!(1)), "{info}");
}
