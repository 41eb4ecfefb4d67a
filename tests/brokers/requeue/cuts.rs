//! The connection to a broker is cut in the middle of a run, at many places one after another: nothing is lost,
//! nothing is doubled, and each run ends soon.

use std::time::{Duration, Instant};

use lapin::BasicProperties;

use super::{Desk, are_all_there_once, ids_of, kafka_plan};
use crate::kafka;
use crate::program::Ran;
use crate::proxy::Proxy;
use crate::rabbitmq;

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

/// What happens to the connection.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// Closed both ways.
    Cut(u64),
    /// It stays open and says nothing any more.
    Silent(u64),
}

/// Longest run, cut or not: some answers waited for in vain, never one for each letter.
const LONGEST: Duration = Duration::from_secs(40);

struct Queues {
    client: rabbitmq::Client,
    proxy: Proxy,
    kind: &'static str,
    letters: u64,
}

impl Queues {
    fn new(kind: &'static str, letters: u64) -> Self {
        let server = rabbitmq::server();
        Self { client: rabbitmq::Client::new(server), proxy: Proxy::start(0, server.port), kind, letters }
    }

    /// Puts letters back while `fault` happens; bytes that went to the server.
    fn survives(&self, name: &str, rate: &str, fault: Fault) -> u64 {
        let name = format!("cut-{}-{name}", self.kind);
        let (dlq, n) = (format!("{name}.dlq"), self.letters);
        let quorum = [rabbitmq::quorum()];
        let arguments = if self.kind == "quorum" { &quorum[..] } else { &[] };
        self.client.queue(&dlq, arguments);
        self.client.queue(&name, arguments);
        for n in 0..n {
            let body = format!("{{\"n\":{n},\"pad\":\"{}\"}}", "x".repeat(200));
            self.client.send(&dlq, body.as_bytes(), BasicProperties::default().with_delivery_mode(2));
        }
        self.client.wait_for(&dlq, n as u32);
        let desk = Desk::new();
        let management = rabbitmq::server().management;
        let from = format!("amqp://127.0.0.1:{}/%2F/{dlq}?disturb=yes&management={management}", self.proxy.port);
        let (ran, plan) = desk.plan(&from, &["--all", "--to", &name, "--rate", rate]);
        assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(n as usize)), "{ran:?}");
        let (sent, cuts) = (self.proxy.sent(), self.proxy.cuts());
        match fault {
            Fault::None => {}
            Fault::Cut(bytes) => self.proxy.cut_after(bytes),
            Fault::Silent(bytes) => self.proxy.silence_after(bytes),
        }
        let case = format!("{name} {fault:?}");
        let mut ran = in_time(&case, || desk.run());
        let happened = self.proxy.cuts() - cuts;
        for _ in 0..3 {
            if ran.code == 0 || desk.count("ambiguous") + desk.count("settled") == n {
                break;
            }
            ran = in_time(&case, || desk.requeue(&["--resume"]));
        }
        let went = self.proxy.sent() - sent;
        assert_eq!(happened, u64::from(!matches!(fault, Fault::None)), "{case}");
        self.is_exact(&case, &desk, &name, &ran);
        went
    }

    /// What is settled is in the target and its letter is gone; what is in doubt says why, and is sent when a
    /// person says so.
    fn is_exact(&self, case: &str, desk: &Desk, target: &str, ran: &Ran) {
        let status = desk.status();
        let doubts = status["in_doubt"].as_array().expect("a list");
        let settled = desk.count("settled");
        assert_eq!(settled + doubts.len() as u64, self.letters, "{case}: {ran:?} {status}");
        self.client.wait_for(&format!("{target}.dlq"), doubts.len() as u32);
        let there = || {
            let (messages, _) = rabbitmq::read(&rabbitmq::server().url(&format!("{target}?disturb=yes")));
            messages
        };
        let ids = ids_of(&there());
        assert_eq!(ids.len() as u64, settled, "{case}: {status}");
        println!("{case}: {settled} settled, {} in doubt", doubts.len());
        for doubt in doubts {
            assert!(doubt["evidence"].as_str().is_some_and(|words| !words.is_empty()), "{case}: {doubt}");
            let id = doubt["requeue_id"].as_str().expect("an id");
            assert!(!ids.iter().any(|there| there == id), "{case}: {doubt} is there");
            assert_eq!(desk.requeue(&["--decide", id, "send"]).code, 0);
        }
        let ran = in_time(case, || desk.requeue(&["--resume"]));
        assert_eq!(ran.code, 0, "{case}: {ran:?}");
        are_all_there_once(&there(), self.letters as usize, case);
        self.client.wait_for(&format!("{target}.dlq"), 0);
        assert_eq!(desk.count("settled"), self.letters, "{case}");
    }
}

fn in_time(case: &str, run: impl FnOnce() -> Ran) -> Ran {
    let started = Instant::now();
    let ran = run();
    let took = started.elapsed();
    println!("{case}: {} after {:.1} s: {}", ran.code, took.as_secs_f64(), ran.err.trim());
    assert!(took < LONGEST, "{case} took {took:?}: {ran:?}");
    ran
}

/// `rate` 200 makes batches of 20; without one all go together.
fn rabbit_survives(kind: &'static str, name: &str, rate: &str, cuts: u64, fault: impl Fn(u64) -> Fault) {
    let queues = Queues::new(kind, 60);
    let whole = queues.survives(&format!("{name}-none"), rate, Fault::None);
    // From the login to the acknowledgements, which come last.
    let places = (1..=cuts).map(|n| whole * n / (cuts + 1)).chain([100, whole - 1500, whole - 700]);
    for (n, place) in places.enumerate() {
        queues.survives(&format!("{name}-{n}"), rate, fault(place));
    }
}

#[test]
fn rabbit_with_a_classic_queue() {
    rabbit_survives("classic", "batches", "200", CUTS, Fault::Cut);
}

#[test]
fn rabbit_with_a_quorum_queue() {
    rabbit_survives("quorum", "at-once", "100000", CUTS, Fault::Cut);
}

/// Nobody closes anything: only waiting shows it.
#[test]
fn rabbit_falls_silent_with_a_classic_queue() {
    rabbit_survives("classic", "silent", "200", 2, Fault::Silent);
}

#[test]
fn rabbit_falls_silent_with_a_quorum_queue() {
    rabbit_survives("quorum", "silent", "200", 2, Fault::Silent);
}
