//! Ten thousand letters while brokers are killed or say nothing: exact. Minutes long, so they run where they
//! are asked for: `OUTAGES=1 tests/run.sh`.

use std::process::Command;
use std::time::Duration;

use super::{Desk, ids_of, kafka_plan};
use crate::kafka::{Server, records};

const LETTERS: usize = 10_000;

/// Runs with `disturb` beside it, resuming until all is there.
fn exact_under(server: &Server, ledger: &str, disturb: impl FnOnce() + Send) {
    let topic = format!("outage-{ledger}");
    server.topic(&topic, 6, &[]);
    let desk = Desk::new();
    let mut plan = kafka_plan(&server.url(&format!("?ledger={ledger}")), &topic, LETTERS);
    // Slow enough that the disturbance comes in the middle.
    plan.rate = Some(800.0);
    desk.save(&plan);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("disturb".to_owned()).spawn_scoped(scope, disturb);
        let mut ran = desk.run();
        thread.expect("a thread").join().expect("it ends");
        for _ in 0..5 {
            if ran.code == 0 {
                break;
            }
            ran = desk.requeue(&["--resume"]);
        }
        assert_eq!(ran.code, 0, "{ran:?} {}", desk.status());
    });
    let ids = ids_of(&records(&server.url(&topic)));
    let mut once = ids.clone();
    once.dedup();
    println!("{ledger}: {} messages, {} different, {} settled", ids.len(), once.len(), desk.count("settled"));
    assert_eq!((ids.len(), once.len(), desk.count("settled")), (LETTERS, LETTERS, LETTERS as u64));
}

#[test]
#[ignore = "takes minutes; see the file"]
fn ten_thousand_letters_while_the_broker_is_killed_and_started() {
    let server = Server::start(1);
    let dir = server.dir.display().to_string();
    for ledger in ["none", "requeued"] {
        exact_under(&server, ledger, || {
            for _ in 0..2 {
                std::thread::sleep(Duration::from_secs(4));
                server.script(&["kill", &dir, "1"]);
                std::thread::sleep(Duration::from_secs(2));
                server.script(&["start", &dir, &server.port.to_string(), "1"]);
            }
        });
    }
}

#[test]
#[ignore = "takes minutes; see the file"]
fn ten_thousand_letters_while_one_of_three_brokers_is_killed() {
    let server = Server::start(3);
    let dir = server.dir.display().to_string();
    for ledger in ["none", "requeued"] {
        exact_under(&server, ledger, || {
            for broker in ["1", "2"] {
                std::thread::sleep(Duration::from_secs(4));
                server.script(&["kill", &dir, broker]);
                std::thread::sleep(Duration::from_secs(6));
                server.script(&["start", &dir, &server.port.to_string(), "3"]);
            }
        });
    }
}

/// A network that swallows everything for longer than any answer is waited for.
#[test]
#[ignore = "takes minutes; see the file"]
fn ten_thousand_letters_while_the_broker_says_nothing() {
    let server = Server::start(1);
    let signal = |name: &str| {
        let pattern = format!("{}/", server.dir.display());
        let found = Command::new("pgrep").args(["-f", &pattern]).output().expect("processes can be listed");
        for id in String::from_utf8_lossy(&found.stdout).split_whitespace() {
            let is_java = std::fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "java");
            if is_java {
                let sent = Command::new("kill").args([name, id]).status().expect("signals can be sent");
                assert!(sent.success());
            }
        }
    };
    for ledger in ["none", "requeued"] {
        exact_under(&server, ledger, || {
            std::thread::sleep(Duration::from_secs(4));
            signal("-STOP");
            std::thread::sleep(Duration::from_secs(30));
            signal("-CONT");
        });
    }
}
