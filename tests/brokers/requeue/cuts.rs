//! The connection to Kafka is cut in the middle of a run, at many places one after another: nothing is lost, nothing
//! is doubled.

use super::{Desk, are_all_there_once, kafka_plan};
use crate::kafka;
use crate::proxy::Proxy;

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
