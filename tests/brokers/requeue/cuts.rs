//! The connection is cut in the middle of a run, at many places one after another: nothing is lost, nothing is doubled
//! where the table says so, and what nobody can know is listed.

use lapin::BasicProperties;

use super::{Desk, are_all_there_once, ids_of, kafka_plan};
use crate::proxy::Proxy;
use crate::{kafka, rabbitmq};

const LETTERS: usize = 300;

/// Runs that are cut, each one step later than the one before.
const CUTS: u64 = 6;

fn kafka_survives(ledger: &str) {
    let server = kafka::server();
    // The cluster tells its clients this port.
    static PROXY: std::sync::OnceLock<Proxy> = std::sync::OnceLock::new();
    let proxy = PROXY.get_or_init(|| Proxy::start(server.port + 60, server.port + 50));
    let run = |name: &str, cut_after: Option<u64>| {
        let topic = format!("cut-{ledger}-{name}");
        server.topic(&topic, 3, &[]);
        let desk = Desk::new();
        desk.save(&kafka_plan(&format!("kafka://127.0.0.1:{}/?ledger={ledger}", proxy.port), &topic, LETTERS));
        let (sent, cuts) = (proxy.sent(), proxy.cuts());
        if let Some(bytes) = cut_after {
            proxy.cut_after(bytes);
        }
        let mut ran = desk.run();
        for _ in 0..5 {
            if ran.code == 0 {
                break;
            }
            ran = desk.requeue(&["--resume"]);
        }
        assert_eq!(ran.code, 0, "{name}: {ran:?} {}", desk.status());
        are_all_there_once(&kafka::records(&server.url(&topic)), LETTERS, name);
        assert_eq!(desk.count("settled"), LETTERS as u64, "{name}");
        assert_eq!(proxy.cuts() - cuts, u64::from(cut_after.is_some()), "{name}");
        proxy.sent() - sent
    };
    // How much goes over the line when nothing happens.
    let whole = run("none", None);
    for n in 1..=CUTS {
        run(&format!("{n}"), Some(whole * n / (CUTS + 1)));
    }
}

/// One after the other: the proxy counts the bytes of all.
#[test]
fn kafka_with_and_without_a_ledger() {
    kafka_survives("none");
    kafka_survives("cut-ledger");
}

#[test]
fn rabbitmq_classic_and_quorum() {
    let server = rabbitmq::server();
    let proxy = Proxy::start(0, server.port);
    let client = rabbitmq::Client::new(server);
    let kind = [rabbitmq::quorum()];
    let run = |name: &str, is_quorum: bool, cut_after: Option<u64>| {
        let (letters, target) = (format!("cut-{name}.dlq"), format!("cut-{name}"));
        let kind = if is_quorum { &kind[..] } else { &[] };
        client.queue(&letters, kind);
        client.queue(&target, kind);
        for n in 0..LETTERS {
            let body = format!("{{\"n\":{n}}}");
            client.send(&letters, body.as_bytes(), BasicProperties::default().with_delivery_mode(2));
        }
        client.wait_for(&letters, LETTERS as u32);
        let desk = Desk::new();
        let through = |queue: &str| {
            format!(
                "amqp://127.0.0.1:{}/%2F/{queue}?management=http://127.0.0.1:{}&disturb=yes",
                proxy.port, server.management
            )
        };
        let (ran, _) = desk.plan(&through(&letters), &["--all", "--to", &target]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        let (sent, cuts) = (proxy.sent(), proxy.cuts());
        if let Some(bytes) = cut_after {
            proxy.cut_after(bytes);
        }
        let mut ran = desk.run();
        let mut doubts = 0;
        for _ in 0..5 {
            if ran.code == 0 {
                break;
            }
            let status = desk.status();
            for doubt in status["in_doubt"].as_array().expect("a list") {
                // A doubt has its evidence, and a person decides; here one who can look.
                assert!(doubt["evidence"].as_str().is_some_and(|words| !words.is_empty()), "{doubt}");
                let id = doubt["requeue_id"].as_str().expect("an id");
                let there = ids_of(&rabbitmq::read(&server.url(&format!("{target}?disturb=yes"))).0);
                let decision = if there.iter().any(|known| known == id) { "done" } else { "send" };
                assert_eq!(desk.requeue(&["--decide", id, decision]).code, 0);
                doubts += 1;
            }
            ran = desk.requeue(&["--resume"]);
        }
        assert_eq!(ran.code, 0, "{name}: {ran:?} {}", desk.status());
        are_all_there_once(&rabbitmq::read(&server.url(&format!("{target}?disturb=yes"))).0, LETTERS, name);
        client.wait_for(&letters, 0);
        assert_eq!(proxy.cuts() - cuts, u64::from(cut_after.is_some()), "{name}");
        println!("{name}: {doubts} in doubt");
        proxy.sent() - sent
    };
    for is_quorum in [false, true] {
        let kind = if is_quorum { "quorum" } else { "classic" };
        let whole = run(&format!("{kind}-none"), is_quorum, None);
        for n in 1..=CUTS {
            run(&format!("{kind}-{n}"), is_quorum, Some(whole * n / (CUTS + 1)));
        }
    }
}
