//! The crash matrix against Redis: a letter moves in one step or not at all, so every case is exact.

use super::{Desk, POINTS, are_all_there_once};
use crate::kafka::records;
use crate::redis::{Client, Server, cluster, server};

/// Before there is a plan in the journal, and while Redis may have the script.
const OF_REDIS: &[&str] = &["journal.planned.before", "redis.written"];

/// Passed on the way back: killed there once more.
const RECOVERING: &[&str] = &["journal.found.before", "journal.found.after"];

/// How letters lie and go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// In a stream of their own, to another one.
    Stream,
    /// Stuck in a group, to the end of their own stream.
    Pending,
    /// Across slots of a cluster: sent first, deleted then.
    TwoSteps,
}

struct Case {
    client: Client,
    desk: Desk,
    server: &'static Server,
    letters: String,
    target: String,
    way: Way,
    n: usize,
}

impl Case {
    fn new(name: &str, n: usize, way: Way) -> Self {
        let name = format!("{way:?}-{name}-{n}").replace(':', "-");
        let server = if way == Way::TwoSteps { cluster() } else { server() };
        let mut client = server.client();
        let (letters, target) = (if way == Way::Pending { name.clone() } else { format!("{name}:dlq") }, name);
        client.group(&target, "g");
        for n in 0..n {
            client.add(&letters, &[("type", "OrderPlaced"), ("data", &format!("{{\"n\":{n}}}"))]);
        }
        let options = match way {
            Way::Stream => "",
            Way::Pending => {
                client.take(&letters, "g", n);
                "?pending=g"
            }
            Way::TwoSteps => "?two_steps=yes",
        };
        let desk = Desk::new();
        let (ran, plan) = desk.plan(&server.url(&format!("{letters}{options}")), &["--all", "--to", &target]);
        assert_eq!((ran.code, plan["items"].as_array().map(Vec::len)), (0, Some(n)), "{ran:?} {plan}");
        Self { client, desk, server, letters, target, way, n }
    }

    fn kill_at(&self, point: &str) {
        let ran = self.desk.run_with(&[("EVENTGLASS_CRASH_AT", point)]);
        assert_eq!(ran.code, -1, "{point} was not passed: {ran:?}");
    }

    /// Nothing lost, nothing twice, nothing left, all settled.
    fn is_exact(&mut self, case: &str) {
        are_all_there_once(&records(&self.server.url(&self.target)), self.n, case);
        if self.way == Way::Pending {
            let pending = self.client.run(&format!("XPENDING {} g", self.letters));
            assert!(format!("{pending:?}").starts_with("array([int(0)"), "{case}: {pending:?}");
        } else {
            assert_eq!(self.client.length(&self.letters), 0, "{case}");
        }
        assert_eq!(self.desk.count("settled"), self.n as u64, "{case}: {}", self.desk.status());
    }
}

fn survives(way: Way, n: usize) {
    for point in POINTS.iter().chain(OF_REDIS) {
        let mut case = Case::new(point, n, way);
        case.kill_at(point);
        let resumed =
            if *point == "journal.planned.before" { case.desk.run() } else { case.desk.requeue(&["--resume"]) };
        assert_eq!(resumed.code, 0, "{way:?} {point}: {resumed:?}");
        case.is_exact(point);
        assert_eq!(case.desk.requeue(&["--resume"]).code, 0, "{way:?} {point}");
        case.is_exact(point);
    }
}

#[test]
fn one_letter_of_a_stream() {
    survives(Way::Stream, 1);
}

#[test]
fn a_batch_of_a_stream() {
    survives(Way::Stream, 7);
}

#[test]
fn a_batch_that_is_pending() {
    survives(Way::Pending, 3);
}

#[test]
fn a_batch_in_two_steps() {
    survives(Way::TwoSteps, 3);
}

#[test]
fn killed_again_on_the_way_back() {
    for (way, first) in [(Way::Stream, "redis.written"), (Way::Pending, "send.after"), (Way::TwoSteps, "send.after")] {
        for second in RECOVERING {
            let mut case = Case::new(&format!("{first}-{second}"), 4, way);
            case.kill_at(first);
            let ran = case.desk.requeue_with(&["--resume"], &[("EVENTGLASS_CRASH_AT", second)]);
            assert_eq!(ran.code, -1, "{second} was not passed: {ran:?}");
            assert_eq!(case.desk.requeue(&["--resume"]).code, 0, "{first}, {second}");
            case.is_exact(second);
        }
    }
}

#[test]
fn killed_in_the_third_of_many_batches() {
    let mut case = Case::new("third", 1_700, Way::Stream);
    case.kill_at("redis.written:3");
    assert_eq!(case.desk.requeue(&["--resume"]).code, 0);
    case.is_exact("the third");
}

/// A reader that deletes what it has had leaves no trace of it: said as a doubt, with the reason.
#[test]
fn what_a_reader_has_deleted_is_a_doubt() {
    let mut case = Case::new("consumed", 2, Way::Stream);
    case.kill_at("send.after");
    let (first, _) = case.client.entries(&case.target)[0].clone();
    case.client.run(&format!("XDEL {} {first}", case.target));
    let resumed = case.desk.requeue(&["--resume"]);
    assert_eq!(resumed.code, 1, "{resumed:?}");
    let status = case.desk.status();
    let doubts = status["in_doubt"].as_array().expect("a list");
    assert_eq!(doubts.len(), 1, "{status}");
    assert!(doubts[0]["evidence"].as_str().is_some_and(|words| words.contains("trimmed or deleted")), "{status}");
    assert_eq!(case.desk.count("settled"), 1, "{status}");
}

/// Wolverine's Redis transport and many hand-written tools add and acknowledge by two calls: here a letter that
/// somebody else moves meanwhile is not there twice.
#[test]
fn wolverine_two_calls_make_no_second_copy() {
    let mut case = Case::new("raced", 2, Way::Stream);
    let (first, fields) = case.client.entries(&case.letters)[0].clone();
    case.client.add_bytes(&case.target.clone(), "*", &fields);
    case.client.run(&format!("XDEL {} {first}", case.letters));
    let ran = case.desk.run();
    assert_eq!((ran.code, case.desk.count("failed"), case.desk.count("settled")), (1, 1, 1), "{ran:?}");
    assert_eq!(case.client.length(&case.target), 2);
}
