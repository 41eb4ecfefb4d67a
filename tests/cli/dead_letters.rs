//! `dead-letters`: groups, exit codes, coverage, and an application's own names.

use std::path::Path;

use serde_json::Value;

use crate::{Bench, sample};

fn groups(bench: &Bench, args: &[&std::ffi::OsStr]) -> (i32, Vec<Value>) {
    let head = ["dead-letters".as_ref(), "--format".as_ref(), "json".as_ref()];
    let ran = bench.run(head.iter().chain(args));
    let lines = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (ran.code, lines)
}

#[test]
fn the_sample_s_letters_by_cause() {
    let bench = Bench::new();
    let (code, groups) = groups(&bench, &[sample("dead-letters.ndjson").as_os_str()]);
    assert_eq!(code, 1, "there are some");
    let first = groups.first().expect("a group");
    assert_eq!(first["cause"], "java.lang.IllegalStateException: customer <id> has no billing address");
    assert_eq!((first["count"].as_u64(), first["first"].as_str()), (Some(2), Some("2026-02-17T09:12:07.480Z")));
    assert_eq!(first["origins"], serde_json::json!([{"topic": "orders", "count": 2}]));
    let entities = first["entities"].as_array().expect("a list");
    assert!(entities.iter().any(|entity| entity == "customer:cust-812"), "{entities:?}");
    assert!(entities.iter().any(|entity| entity == "order:order-603"), "{entities:?}");
    assert_eq!(first["examples"].as_array().map(Vec::len), Some(2));
    let causes: Vec<&str> = groups.iter().filter_map(|group| group["cause"].as_str()).collect();
    for cause in [
        "java.lang.NullPointerException: at com.shop.billing.Discounts.apply",
        "java.lang.IllegalArgumentException: no such currency: XTS",
        "java.net.SocketTimeoutException: Read timed out after <n> ms: <address>",
        "com.fasterxml.jackson.core.JsonParseException: Unexpected character (<quoted> (code <n>)) at line <n>",
        "Delivery count exceeded, from orders",
        "no cause is recorded, from invoices-dlq",
        "rejected, from mails",
    ] {
        assert!(causes.contains(&cause), "{cause} is not in {causes:#?}");
    }
    assert_eq!(groups.len(), 8);
}

/// As the broker itself makes them; `tests/brokers` holds the file against a real one.
#[test]
fn rabbitmq_letters_by_reason_and_queue() {
    let bench = Bench::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rabbitmq/letters.ndjson");
    let (code, groups) = groups(&bench, &[file.as_os_str()]);
    assert_eq!(code, 1);
    let mut causes: Vec<&str> = groups.iter().filter_map(|group| group["cause"].as_str()).collect();
    causes.sort_unstable();
    let expected = [
        "delivery_limit, from made-often",
        "expired, from made-classic-expired",
        "expired, from made-quorum-expired",
        "maxlen, from made-classic-full",
        "maxlen, from made-quorum-full",
        "rejected, from made-classic-rejected",
        "rejected, from made-quorum-rejected",
    ];
    assert_eq!(causes, expected);
    assert!(groups.iter().all(|group| group["first"] == "2026-02-16T10:30:00Z"), "{groups:#?}");
}

#[test]
fn text_says_what_was_looked_at_and_what_is_not_counted() {
    let bench = Bench::new();
    let ran = bench.run(["dead-letters".as_ref(), sample("dead-letters.ndjson").as_os_str()]);
    let last = ran.out.lines().next_back().expect("lines");
    for words in [
        "9 dead letters in 8 groups",
        "looked at 17 of 17 records",
        "1 known by the name of their topic or queue alone",
        "1 not counted: being tried again",
        "1 not counted: put back",
    ] {
        assert!(last.contains(words), "{words}: {last}");
    }
}

#[test]
fn a_log_without_letters_is_fine() {
    let bench = Bench::new();
    for log in ["shop.ndjson", "bank.ndjson", "store.sqlite"] {
        assert_eq!(groups(&bench, &[sample(log).as_os_str()]), (0, Vec::new()), "{log}");
    }
    let ran = bench.run(["dead-letters", "nothing-there.ndjson"]);
    assert_eq!(ran.code, 3);
}

#[test]
fn other_forms_hold_letters_too() {
    let bench = Bench::new();
    let (code, of_kcat) = groups(&bench, &[sample("shop-dead-letters.ndjson").as_os_str()]);
    assert_eq!((code, of_kcat.len()), (1, 1));
    assert_eq!(of_kcat[0]["cause"], "java.net.SocketTimeoutException: Read timed out after <n> ms: <address>");
    let dump = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nservicebus/ErrorError.txt");
    let (code, of_dump) = groups(&bench, &[dump.as_os_str()]);
    assert_eq!((code, of_dump.len()), (1, 1));
    assert_eq!(of_dump[0]["origins"], serde_json::json!([{"topic": "HeaderWriterError", "count": 1}]));
    assert_eq!(of_dump[0]["first"], "2026-04-29T22:06:16.406166Z");
    assert!(of_dump[0]["cause"].as_str().is_some_and(|cause| cause.starts_with("System.Exception: ")));
}

#[test]
fn names_and_groups_of_one_s_own() {
    let bench = Bench::new();
    let log = bench.write(
        "log.ndjson",
        r#"{"topic":"failed","partition":0,"offset":1,"timestamp":1771237800123,"timestamp_type":"create","headers":[["x-failed-topic","orders"],["x-error","no stock"],["tenant","de"]],"value":{"a":1}}
{"topic":"failed","partition":0,"offset":2,"timestamp":1771237800123,"timestamp_type":"create","headers":[["x-failed-topic","orders"],["x-error","no stock"],["tenant","fr"]],"value":{"a":2}}
"#,
    );
    assert_eq!(groups(&bench, &[log.as_os_str()]).0, 0, "nobody knows these names");
    let names = r#""names":[{"label":"ours","topic":"x-failed-topic","message":"x-error"}]"#;
    let config = bench.write("own.json", format!("{{{names}}}"));
    let with = |config: &std::path::Path| {
        groups(&bench, &[log.as_os_str(), "--config".as_ref(), config.as_os_str()])
            .1
            .into_iter()
            .map(|g| g["cause"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(with(&config), ["no stock"]);
    let config = bench.write("tenants.json", format!("{{{names},\"groups\":{{\"keys\":[\"header:tenant\"]}}}}"));
    assert_eq!(with(&config), ["no stock, de", "no stock, fr"]);
    bench.write("wrong.json", "{\"groups\":{\"keys\":[\"tenant\"]}}");
    let ran = bench.run(["dead-letters".as_ref(), log.as_os_str(), "--config".as_ref(), "wrong.json".as_ref()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("header:NAME"), "{}", ran.err);
}

#[test]
fn messages_read_like_any_log() {
    let bench = Bench::new();
    let ran = bench.run([
        "events".as_ref(),
        sample("dead-letters.ndjson").as_os_str(),
        "--format".as_ref(),
        "ndjson".as_ref(),
    ]);
    let first: Value = serde_json::from_str(ran.out.lines().next().expect("events")).expect("JSON");
    assert_eq!(first["type"], "OrderPlaced");
    // RabbitMQ's own properties, and what only headers or the topic say.
    let filtered = |filter: &str| {
        let ran = bench.run([
            "events".as_ref(),
            sample("dead-letters.ndjson").as_os_str(),
            "--filter".as_ref(),
            filter.as_ref(),
            "--format".as_ref(),
            "ndjson".as_ref(),
        ]);
        ran.out.lines().count()
    };
    assert_eq!(filtered("headers.kafka_dlt-original-partition:0x00000000"), 1);
    assert_eq!(filtered("correlation:req-a1"), 3, "the order, its letter, the mail");
    assert_eq!(filtered("type:dlq.shipping"), 1);
    assert_eq!(filtered("id:mail-9"), 1);
}
