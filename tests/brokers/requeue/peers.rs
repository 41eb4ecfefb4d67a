//! What peers are known to get wrong when letters are put back (`reference` C6), each as a test of ours. Rows
//! about headers are in `letters`, those about crashes in `matrix`, those about RabbitMQ beside its own tests.

use super::{Desk, ids_of, kafka_plan};
use crate::kafka::{Sent, records, server};

/// AKHQ's copy of a topic counts what it handed to the producer, not what arrived.
#[test]
fn akhq_copy_only_what_arrived_counts() {
    let server = server();
    server.topic("small", 1, &[("max.message.bytes", "1500")]);
    for ledger in ["none", "requeued"] {
        let desk = Desk::new();
        let mut plan = kafka_plan(&server.url(&format!("?ledger={ledger}")), "small", 5);
        // It does not compress.
        let large: Vec<u8> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        plan.items[2].message.value = Some(large);
        plan.seal();
        desk.save(&plan);
        let before = records(&server.url("small")).len();
        let ran = desk.run();
        assert_eq!(ran.code, 1, "{ran:?}");
        assert_eq!((desk.count("settled"), desk.count("failed")), (4, 1), "{ledger}: {}", desk.status());
        assert_eq!(records(&server.url("small")).len() - before, 4, "{ledger}");
    }
}

/// AKHQ 745: a topic copied into itself has no end.
#[test]
fn akhq_745_nothing_is_sent_to_where_it_lies() {
    let server = server();
    server.topic("circle-dlt", 1, &[]);
    let headers = [("kafka_dlt-original-topic", Some(&b"circle-dlt"[..]))];
    server.write("circle-dlt", &[Sent { value: Some(b"{}"), headers: &headers, ..Sent::default() }]);
    for args in [&["--all"][..], &["--all", "--to", "circle-dlt"]] {
        let desk = Desk::new();
        let (ran, plan) = desk.plan(&server.url("circle-dlt"), args);
        assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (1, Some(0)), "{ran:?}");
        assert!(ran.out.contains("where it lies already"), "{}", ran.out);
    }
}

/// AKHQ keeps partitions only where both topics have as many; here each letter is looked at.
#[test]
fn akhq_partitions_one_by_one() {
    let server = server();
    server.topic("shrunk", 2, &[]);
    server.topic("shrunk-dlt", 1, &[]);
    for partition in [1_u8, 5] {
        let bytes = [0, 0, 0, partition];
        let headers =
            [("kafka_dlt-original-topic", Some(&b"shrunk"[..])), ("kafka_dlt-original-partition", Some(&bytes[..]))];
        server
            .write("shrunk-dlt", &[Sent { key: Some(b"k"), value: Some(b"{}"), headers: &headers, ..Sent::default() }]);
    }
    let desk = Desk::new();
    let (ran, plan) = desk.plan(&server.url("shrunk-dlt"), &["--all"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(plan["items"][0]["target"]["topic"]["partition"], 1, "{plan}");
    assert_eq!(plan["items"][1]["target"]["topic"]["partition"], serde_json::Value::Null);
    let warned = plan["items"][1]["warnings"].to_string();
    assert!(warned.contains("partition-count"), "{warned}");
}

/// A topic that is not there is not made by sending to it.
#[test]
fn no_topic_is_made_by_the_way() {
    let server = server();
    let desk = Desk::new();
    desk.save(&kafka_plan(&server.url("?ledger=none"), "never-made", 2));
    let ran = desk.run();
    assert_eq!((ran.code, desk.count("failed")), (1, 2), "{ran:?}");
    let ran = desk.requeue(&["--trail", "csv"]);
    assert!(ran.out.contains("There is no topic never-made"), "{}", ran.out);
}

/// RabbitMQ's “Move messages” and others take all or nothing, and two windows send twice.
#[test]
fn two_windows_that_run_one_plan_send_it_once() {
    let server = server();
    server.topic("two-windows", 3, &[]);
    let desk = Desk::new();
    desk.save(&kafka_plan(&server.url("?ledger=none"), "two-windows", 600));
    std::thread::scope(|scope| {
        let run = || {
            let thread = std::thread::Builder::new().name("window".to_owned());
            thread.spawn_scoped(scope, || desk.run()).expect("a thread")
        };
        let windows = [run(), run(), run()];
        for window in windows {
            let ran = window.join().expect("it ends");
            assert!(matches!(ran.code, 0 | 1), "{ran:?}");
        }
    });
    assert_eq!(desk.requeue(&["--resume"]).code, 0);
    let ids = ids_of(&records(&server.url("two-windows")));
    let mut once = ids.clone();
    once.dedup();
    assert_eq!((ids.len(), once.len(), desk.count("settled")), (600, 600, 600));
}

/// The ledger tells others: a second person with a journal of their own sends nothing twice.
#[test]
fn a_ledger_tells_other_people() {
    let server = server();
    server.topic("shared", 1, &[]);
    let system = server.url("?ledger=shared-ledger");
    let (mine, theirs) = (Desk::new(), Desk::new());
    let plan = kafka_plan(&system, "shared", 3);
    mine.save(&plan);
    assert_eq!(mine.run().code, 0);
    let mut edited = plan;
    edited.items.iter_mut().for_each(|item| item.message.value = Some(b"{}".to_vec()));
    edited.seal();
    theirs.save(&edited);
    let ran = theirs.run();
    assert_eq!((ran.code, theirs.count("failed"), records(&server.url("shared")).len()), (1, 3, 3), "{ran:?}");
    let trail = theirs.requeue(&["--trail", "json"]).out;
    assert!(trail.contains("says the ledger"), "{trail}");
}
