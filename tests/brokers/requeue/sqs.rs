//! The crash matrix against SQS. What goes to a FIFO queue is exact: it absorbs what is sent again. In a standard
//! queue a message that is not found may have been read, which is listed as a doubt.

use serde_json::json;

use super::{Desk, POINTS};
use crate::sqs::{CREDENTIALS, Queue, server};

/// Killed here nobody can tell, where the target is no FIFO queue.
const DOUBTFUL: &[&str] = &["journal.sending.after", "send.before", "send.after", "journal.confirmed.before"];

struct Case {
    desk: Desk,
    letters: Queue,
    target: Queue,
    n: usize,
}

impl Case {
    fn new(name: &str, n: usize) -> Self {
        let (target, letters) = server().with_letters(name);
        for n in 0..n {
            let fifo = json!({"MessageGroupId": format!("g-{n}"), "MessageDeduplicationId": format!("d-{n}")});
            let more = if name.strip_suffix(".fifo").is_some() { fifo } else { json!({}) };
            letters.send(&format!("{{\"n\":{n}}}"), more);
        }
        let desk = Desk::new();
        let (ran, plan) = desk.plan_with(&letters.address(), &["--all"], &CREDENTIALS);
        assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(n)), "{ran:?}");
        Self { desk, letters, target, n }
    }

    fn kill_at(&self, point: &str) {
        let ran = self.desk.run_with(&[&CREDENTIALS[..], &[("EVENTGLASS_CRASH_AT", point)]].concat());
        assert_eq!(ran.code, -1, "{point} was not passed: {ran:?}");
    }

    fn resume(&self) -> i32 {
        self.desk.requeue_with(&["--resume"], &CREDENTIALS).code
    }

    fn is_exact(&self, case: &str) {
        assert_eq!(self.desk.count("settled"), self.n as u64, "{case}: {}", self.desk.status());
        let all = self.target.take_all();
        let mut ids: Vec<&str> = all
            .iter()
            .filter_map(|one| one["MessageAttributes"]["eventglass-requeue-id"]["StringValue"].as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((all.len(), ids.len()), (self.n, self.n), "{case}: all, each once");
        assert_eq!(self.letters.counts(), (0, 0), "{case}: no letter is left");
    }
}

/// Into a FIFO queue.
fn is_always_exact(n: usize) {
    for point in POINTS {
        let case = Case::new(&format!("fifo-{n}-{}.fifo", point.replace('.', "-")), n);
        case.kill_at(point);
        assert_eq!(case.resume(), 0, "{point}: {}", case.desk.status());
        case.is_exact(point);
    }
}

#[test]
fn one_letter_into_a_fifo_queue() {
    is_always_exact(1);
}

#[test]
fn a_batch_into_a_fifo_queue() {
    is_always_exact(4);
}

/// A standard target that may not be looked into, since it has a redrive policy itself.
#[test]
fn what_nobody_can_tell_is_a_doubt() {
    for point in POINTS {
        let case = Case::new(&format!("plain-{}", point.replace('.', "-")), 3);
        case.kill_at(point);
        let sent = case.target.counts().0 == 3;
        if !DOUBTFUL.contains(&point) {
            assert_eq!(case.resume(), 0, "{point}: {}", case.desk.status());
            case.is_exact(point);
            continue;
        }
        assert_eq!(case.resume(), 1, "{point}: {}", case.desk.status());
        let status = case.desk.status();
        let doubts = status["in_doubt"].as_array().expect("a list");
        assert_eq!(doubts.len(), 3, "{point}: {status}");
        for doubt in doubts {
            assert!(doubt["evidence"].as_str().is_some_and(|words| !words.is_empty()), "{doubt}");
            let id = doubt["requeue_id"].as_str().expect("an id");
            let decision = if sent { "done" } else { "send" };
            let ran = case.desk.requeue_with(&["--decide", id, decision], &CREDENTIALS);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        assert_eq!(case.resume(), 0, "{point}: {}", case.desk.status());
        case.is_exact(point);
    }
}
