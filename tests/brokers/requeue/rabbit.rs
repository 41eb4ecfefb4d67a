//! The crash matrix against RabbitMQ: what its table calls a doubt is listed as one, all else is exact.

use lapin::BasicProperties;

use super::{Desk, POINTS, are_all_there_once};
use crate::rabbitmq::{Client, quorum, read, server};

/// Killed here nobody can tell: a message that is not in its queue may have been read there.
const DOUBTFUL: &[&str] = &["journal.sending.after", "send.before"];

struct Case {
    client: Client,
    desk: Desk,
    letters: String,
    target: String,
    n: u32,
}

impl Case {
    /// `same`: letters that nothing tells apart.
    fn new(name: &str, n: u32, same: bool, is_quorum: bool) -> Self {
        let client = Client::new(server());
        let (letters, target) = (format!("{name}.dlq"), name.to_owned());
        let kind = [quorum()];
        let kind = if is_quorum { &kind[..] } else { &[] };
        client.queue(&letters, kind);
        client.queue(&target, kind);
        for n in 0..n {
            let body = format!("{{\"n\":{}}}", if same { 0 } else { n });
            client.send(&letters, body.as_bytes(), BasicProperties::default().with_delivery_mode(2));
        }
        client.wait_for(&letters, n);
        let desk = Desk::new();
        let from = server().url(&format!("{letters}?disturb=yes"));
        let (ran, plan) = desk.plan(&from, &["--all", "--to", &target]);
        assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(n as usize)), "{ran:?}");
        Self { client, desk, letters, target, n }
    }

    fn kill_at(&self, point: &str) {
        let ran = self.desk.run_with(&[("EVENTGLASS_CRASH_AT", point)]);
        assert_eq!(ran.code, -1, "{point} was not passed: {ran:?}");
    }

    fn is_exact(&self, case: &str) {
        let (messages, _) = read(&server().url(&format!("{}?disturb=yes", self.target)));
        are_all_there_once(&messages, self.n as usize, case);
        self.client.wait_for(&self.letters, 0);
        assert_eq!(self.desk.count("settled"), u64::from(self.n), "{case}: {}", self.desk.status());
    }
}

fn survives(name: &str, n: u32, is_quorum: bool) {
    for point in POINTS {
        let case = Case::new(&format!("{name}-{point}"), n, false, is_quorum);
        case.kill_at(point);
        let resumed = case.desk.requeue(&["--resume"]);
        if DOUBTFUL.contains(&point) {
            assert_eq!(resumed.code, 1, "{point}: {resumed:?}");
            let status = case.desk.status();
            let doubts = status["in_doubt"].as_array().expect("a list");
            assert_eq!(doubts.len(), n as usize, "{point}: {status}");
            for doubt in doubts {
                assert!(doubt["evidence"].as_str().is_some_and(|words| !words.is_empty()), "{doubt}");
                let id = doubt["requeue_id"].as_str().expect("an id");
                assert_eq!(case.desk.requeue(&["--decide", id, "send"]).code, 0);
            }
            assert_eq!(case.desk.requeue(&["--resume"]).code, 0);
        } else {
            assert_eq!(resumed.code, 0, "{point}: {resumed:?}");
        }
        case.is_exact(point);
    }
}

#[test]
fn one_letter_in_a_classic_queue() {
    survives("one", 1, false);
}

#[test]
fn a_batch_in_a_quorum_queue() {
    survives("batch", 5, true);
}

/// Of letters that nothing tells apart none is lost and none is sent twice.
#[test]
fn equal_letters_are_counted() {
    for point in ["settle.before", "settle.after", "journal.settled.before", "journal.confirmed.after"] {
        let case = Case::new(&format!("equal-{point}"), 3, true, false);
        case.kill_at(point);
        assert_eq!(case.desk.requeue(&["--resume"]).code, 0, "{point}");
        case.is_exact(point);
    }
}

/// A quorum queue forgets acknowledgements that its channel held back: many at once, and many with gaps between.
#[test]
fn a_quorum_queue_hears_of_all_acknowledgements() {
    for (name, every) in [("all-acks", 1), ("gap-acks", 2)] {
        let case = Case::new(name, 240, false, true);
        let ids: Vec<String> = (0..240).step_by(every).map(|n| n.to_string()).collect();
        let args: Vec<&str> = ids.iter().flat_map(|id| ["--id", id]).chain(["--to", name]).collect();
        let (ran, _) = case.desk.plan(&server().url(&format!("{name}.dlq?disturb=yes")), &args);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(case.desk.run().code, 0);
        std::thread::sleep(std::time::Duration::from_secs(1));
        let left = 240 - ids.len() as u32;
        assert_eq!((case.client.ready(&case.letters), case.client.ready(name)), (left, ids.len() as u32));
    }
}

/// RabbitMQ's “Move messages” takes the whole queue: here two of four are chosen, the others stay.
#[test]
fn move_messages_takes_what_was_chosen() {
    let case = Case::new("chosen", 4, false, false);
    let from = server().url("chosen.dlq?disturb=yes");
    let (ran, plan) = case.desk.plan(&from, &["--id", "1", "--id", "3", "--to", "chosen"]);
    assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(2)), "{ran:?}");
    assert_eq!(case.desk.run().code, 0);
    case.client.wait_for("chosen.dlq", 2);
    case.client.wait_for("chosen", 2);
}

/// The shovel acknowledges what no queue took: here it is refused and the letter stays.
#[test]
fn shovel_unroutable_is_not_lost() {
    let case = Case::new("unroutable", 1, false, false);
    let from = server().url("unroutable.dlq?disturb=yes");
    let (ran, _) = case.desk.plan(&from, &["--all", "--to", "exchange:amq.direct/nobody-listens"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = case.desk.run();
    assert_eq!((ran.code, case.desk.count("failed")), (1, 1), "{ran:?}");
    case.client.wait_for("unroutable.dlq", 1);
}
