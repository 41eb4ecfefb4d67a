//! The program is killed at every named point before and after each line of the journal and each call of the
//! broker; then it finds its way back: nothing lost, nothing doubled. Each test has a ledger of its own: what
//! a killed run left open in one makes others wait until the broker ends it.

use super::{Desk, POINTS, are_all_there_once, kafka_plan};
use crate::kafka::{records, server};

/// Before there is a plan in the journal, and while Kafka has the messages.
const OF_KAFKA: &[&str] = &["journal.planned.before", "kafka.produced"];

/// Those of a transaction.
const IN_TRANSACTIONS: &[&str] = &["kafka.begun", "kafka.commit.before", "kafka.commit.after"];

/// Passed on the way back: killed there once more.
const RECOVERING: &[&str] = &["journal.found.before", "journal.found.after"];

fn killed_at(point: &str, ledger: &str, n: usize) -> (Desk, String) {
    let server = server();
    let topic = format!("m-{ledger}-{n}-{}", point.replace(':', "-"));
    server.topic(&topic, 3, &[]);
    let desk = Desk::new();
    desk.save(&kafka_plan(&server.url(&format!("?ledger={ledger}")), &topic, n));
    let ran = desk.run_with(&[("EVENTGLASS_CRASH_AT", point)]);
    assert_eq!(ran.code, -1, "{point} was not passed: {ran:?}");
    (desk, topic)
}

fn is_exact(desk: &Desk, topic: &str, n: usize, case: &str) {
    are_all_there_once(&records(&server().url(topic)), n, case);
    let status = desk.status();
    assert_eq!(status["plans"][0]["counts"]["settled"], n, "{case}: {status}");
}

fn survives(points: &[&str], ledger: &str, n: usize) {
    for point in points {
        let (desk, topic) = killed_at(point, ledger, n);
        let resumed = if *point == "journal.planned.before" { desk.run() } else { desk.requeue(&["--resume"]) };
        assert_eq!(resumed.code, 0, "{point}: {resumed:?}");
        is_exact(&desk, &topic, n, point);
        let again = desk.requeue(&["--resume"]);
        assert_eq!(again.code, 0, "{point}: {again:?}");
        is_exact(&desk, &topic, n, point);
    }
}

#[test]
fn one_letter_without_a_ledger() {
    survives(&POINTS, "none", 1);
    survives(OF_KAFKA, "none", 1);
}

#[test]
fn a_batch_without_a_ledger() {
    survives(&POINTS, "none", 7);
    survives(OF_KAFKA, "none", 7);
}

#[test]
fn one_letter_with_a_ledger() {
    survives(&POINTS, "ledger-one", 1);
    survives(OF_KAFKA, "ledger-one", 1);
    survives(IN_TRANSACTIONS, "ledger-one", 1);
}

#[test]
fn a_batch_with_a_ledger() {
    survives(&POINTS, "ledger-batch", 7);
    survives(OF_KAFKA, "ledger-batch", 7);
    survives(IN_TRANSACTIONS, "ledger-batch", 7);
}

#[test]
fn killed_again_on_the_way_back() {
    for (ledger, first) in
        [("none", "kafka.produced"), ("ledger-again", "kafka.commit.before"), ("ledger-again", "send.after")]
    {
        for second in RECOVERING {
            let (desk, topic) = killed_at(first, ledger, 3 + second.len() % 7);
            let n = 3 + second.len() % 7;
            let ran = desk.requeue_with(&["--resume"], &[("EVENTGLASS_CRASH_AT", second)]);
            assert_eq!(ran.code, -1, "{second} was not passed: {ran:?}");
            let resumed = desk.requeue(&["--resume"]);
            assert_eq!(resumed.code, 0, "{first}, {second}: {resumed:?}");
            is_exact(&desk, &topic, n, second);
        }
    }
}

#[test]
fn killed_in_the_third_of_many_batches() {
    for (ledger, point) in
        [("none", "send.after:3"), ("ledger-third", "kafka.commit.after:3"), ("ledger-third", "kafka.produced:3")]
    {
        let (desk, topic) = killed_at(point, ledger, 1_700);
        let resumed = desk.requeue(&["--resume"]);
        assert_eq!(resumed.code, 0, "{resumed:?}");
        is_exact(&desk, &topic, 1_700, point);
    }
}
