//! Runs against a broker in memory that fails as it is told to.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::base::sync::lock;
use crate::input::sources::outlet::{Hold, Outcome, Outlet, Target};
use crate::model::error::{Error, Place};
use crate::model::message::{Message, Place as Lies};
use crate::requeue::journal::{Claim, Decision};
use crate::requeue::plan::{Item, Plan};
use crate::requeue::testing;

/// What the next call of `send` does.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Arrives, but the answer is lost.
    Silent,
    /// Does not arrive, and no answer comes.
    Lost,
    Refused,
}

#[derive(Debug, Default)]
struct Broker {
    target: Vec<String>,
    settled: Vec<String>,
    faults: VecDeque<Fault>,
    cannot_tell: bool,
    returns: bool,
    /// The next letters are not settled, and nobody says whether.
    settle_fails: bool,
    connections: u32,
}

struct Fake(Arc<Mutex<Broker>>);

fn error() -> Error {
    Error::new("It said nothing", Place::Nowhere, "Wait")
}

impl Outlet for Fake {
    fn guarantee(&self) -> Guarantee {
        Guarantee::FoundAgain
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let broker = lock(&self.0);
        let hold = |one: &Outgoing| {
            let gone = broker.settled.contains(&one.requeue_id);
            if gone { Hold::Gone("it is gone".to_owned()) } else { Hold::Held }
        };
        Ok(batch.iter().map(hold).collect())
    }

    fn mark(&mut self, _: &[Outgoing]) -> Result<String> {
        Ok(lock(&self.0).target.len().to_string())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let mut broker = lock(&self.0);
        let fault = broker.faults.pop_front();
        let mut one = |one: &Outgoing| match fault {
            None | Some(Fault::Silent) => {
                broker.target.push(one.requeue_id.clone());
                if fault.is_none() { Outcome::Confirmed("there".to_owned()) } else { Outcome::Unknown(error()) }
            }
            Some(Fault::Lost) => Outcome::Unknown(error()),
            Some(Fault::Refused) => Outcome::Refused(error()),
        };
        batch.iter().map(&mut one).collect()
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        if std::mem::take(&mut lock(&self.0).settle_fails) {
            return batch.iter().map(|_| Outcome::Unknown(error())).collect();
        }
        lock(&self.0).settled.extend(batch.iter().map(|one| one.requeue_id.clone()));
        batch.iter().map(|_| Outcome::Confirmed(String::new())).collect()
    }

    fn release(&mut self, _: &[Outgoing]) {}

    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let broker = lock(&self.0);
        let start: usize = mark.parse().expect("its own mark");
        let there = |one: &Outgoing| broker.target.iter().skip(start).any(|id| *id == one.requeue_id);
        let presence = |one: &Outgoing| match (broker.cannot_tell, there(one)) {
            (true, _) => Presence::CannotTell("nobody knows".to_owned()),
            (_, true) => Presence::There("there".to_owned()),
            (_, false) => Presence::Absent,
        };
        Ok(batch.iter().map(presence).collect())
    }

    fn returned(&mut self, batch: &[Outgoing], _: &str) -> Result<Vec<Presence>> {
        let returns = lock(&self.0).returns;
        let presence = || if returns { Presence::There("orders-dlt/0@9".to_owned()) } else { Presence::Absent };
        Ok(batch.iter().map(|_| presence()).collect())
    }
}

fn item(n: i64, target: &str) -> Item {
    let place = Lies::Kafka { topic: "orders-dlt".to_owned(), partition: 0, offset: n };
    let letter = Message { place, value: Some(format!("{{\"n\":{n}}}").into_bytes()), ..Message::default() };
    testing::item(letter, Target::Topic { name: target.to_owned(), partition: None })
}

fn plan(n: i64, target: &str) -> Plan {
    let items = (0..n).map(|n| item(n, target)).collect();
    Plan { observe_ms: 1, ..testing::plan("kafka://here", items) }
}

struct Bench {
    folder: tempfile::TempDir,
    broker: Arc<Mutex<Broker>>,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), broker: Arc::default() }
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.path()).expect("a journal")
    }

    fn path(&self) -> std::path::PathBuf {
        Path::join(self.folder.path(), "journal.sqlite")
    }

    fn run(&self, journal: &mut Journal, plan: &Plan) -> Result<End> {
        journal.add(plan).expect("it is written");
        let mut connect = || -> Result<Box<dyn Outlet>> {
            lock(&self.broker).connections += 1;
            Ok(Box::new(Fake(Arc::clone(&self.broker))))
        };
        run(journal, &plan.id, &mut connect, &Control::default())
    }

    /// Ids in the target, and how many of them are there more than once.
    fn doubled(&self) -> (usize, usize) {
        let mut target = lock(&self.broker).target.clone();
        let all = target.len();
        target.sort_unstable();
        target.dedup();
        (target.len(), all - target.len())
    }
}

fn counts(journal: &Journal, plan: &Plan) -> crate::requeue::journal::Counts {
    journal.plan(&plan.id).expect("it is there").counts
}

#[test]
fn a_plan_is_sent_once_and_only_once() {
    let bench = Bench::new();
    let mut journal = bench.journal();
    let plan = plan(1_203, "orders");
    assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
    assert_eq!(counts(&journal, &plan).of(Phase::Settled), 1_203);
    assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
    assert_eq!(bench.doubled(), (1_203, 0));
}

#[test]
fn answers_that_did_not_come_are_looked_for_over_a_new_connection() {
    for fault in [Fault::Silent, Fault::Lost] {
        let bench = Bench::new();
        lock(&bench.broker).faults.extend([fault]);
        let mut journal = bench.journal();
        let plan = plan(7, "orders");
        assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
        assert_eq!((bench.doubled(), counts(&journal, &plan).of(Phase::Settled)), ((7, 0), 7), "{fault:?}");
        assert_eq!(lock(&bench.broker).connections, 2);
    }
}

#[test]
fn letters_that_were_not_settled_are_settled_over_a_new_connection() {
    let bench = Bench::new();
    lock(&bench.broker).settle_fails = true;
    let mut journal = bench.journal();
    let plan = plan(7, "orders");
    assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
    assert_eq!((bench.doubled(), counts(&journal, &plan).of(Phase::Settled)), ((7, 0), 7));
    let broker = lock(&bench.broker);
    assert_eq!((broker.settled.len(), broker.connections), (7, 2));
}

#[test]
fn what_cannot_be_told_waits_for_a_person() {
    let bench = Bench::new();
    lock(&bench.broker).faults.extend([Fault::Silent]);
    lock(&bench.broker).cannot_tell = true;
    let mut journal = bench.journal();
    let plan = plan(3, "orders");
    for _ in 0..2 {
        assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
        assert_eq!((bench.doubled(), counts(&journal, &plan).of(Phase::Ambiguous)), ((3, 0), 3));
    }
    let doubtful = journal.doubtful().expect("it can be read");
    let id = |at: usize| doubtful[at].outgoing.requeue_id.clone();
    journal.decide(&id(0), Decision::Done).expect("it is in doubt");
    journal.decide(&id(1), Decision::Discard).expect("it is in doubt");
    journal.decide(&id(2), Decision::Send).expect("it is in doubt");
    assert!(journal.decide(&id(1), Decision::Send).is_err(), "it was decided");
    assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
    let now = counts(&journal, &plan);
    assert_eq!((now.of(Phase::Settled), now.of(Phase::Discarded), bench.doubled().1), (2, 1, 1));
}

#[test]
fn refused_messages_fail_and_a_new_plan_tries_them_again() {
    let bench = Bench::new();
    lock(&bench.broker).faults.extend([Fault::Refused]);
    let mut journal = bench.journal();
    let plan = plan(2, "orders");
    bench.run(&mut journal, &plan).expect("it runs");
    assert_eq!(counts(&journal, &plan).of(Phase::Failed), 2);
    bench.run(&mut journal, &plan).expect("it runs");
    assert_eq!(counts(&journal, &plan).of(Phase::Settled), 2);
}

#[test]
fn one_letter_never_has_two_attempts_on_their_way() {
    let bench = Bench::new();
    let (mut first, mut second) = (bench.journal(), bench.journal());
    let (one, other) = (plan(2, "orders"), plan(2, "elsewhere"));
    first.add(&one).expect("it is written");
    let entries = first.items(&one.id, &[Phase::Planned], 9).expect("they are there");
    let ids: Vec<i64> = entries.iter().map(|entry| entry.item).collect();
    assert!(first.claim(&ids).expect("it works").iter().all(|claim| *claim == Claim::Mine));
    // Another window with the same letters, sent elsewhere.
    assert_eq!(bench.run(&mut second, &other).expect("it runs"), End::Done);
    assert_eq!(bench.doubled(), (0, 0));
    assert!(second.claim(&ids).expect("it works").iter().all(|claim| *claim != Claim::Mine));
    // The first window's process ends.
    drop(first);
    assert_eq!(bench.run(&mut second, &one).expect("it runs"), End::Done);
    assert_eq!(bench.doubled(), (2, 0));
    assert_eq!(bench.run(&mut second, &other).expect("it runs"), End::Done);
    assert_eq!((bench.doubled(), counts(&second, &other).of(Phase::Discarded)), ((2, 0), 2));
}

#[test]
fn the_stop_rule_ends_a_run_at_the_step_that_came_back() {
    for returns in [false, true] {
        let bench = Bench::new();
        lock(&bench.broker).returns = returns;
        let mut journal = bench.journal();
        let plan = Plan { canary: vec![1, 5, 20], ..plan(40, "orders") };
        let end = bench.run(&mut journal, &plan).expect("it runs");
        let sent = if returns { 1 } else { 40 };
        assert_eq!((bench.doubled(), matches!(end, End::CameBack(_))), ((sent, 0), returns));
        assert_eq!(journal.plan(&plan.id).expect("it is there").came_back, u64::from(returns));
    }
}

#[test]
fn a_run_can_be_stopped_and_resumed() {
    let bench = Bench::new();
    let mut journal = bench.journal();
    let plan = Plan { rate: Some(100.0), ..plan(40, "orders") };
    journal.add(&plan).expect("it is written");
    let control = Control::default();
    let (from, broker) = (control.clone(), Arc::clone(&bench.broker));
    let stopper = std::thread::Builder::new().name("stopper".to_owned()).spawn(move || {
        while lock(&broker).target.len() < 20 {
            std::thread::sleep(Duration::from_millis(1));
        }
        from.stop();
    });
    let mut connect = || -> Result<Box<dyn Outlet>> { Ok(Box::new(Fake(Arc::clone(&bench.broker)))) };
    let end = run(&mut journal, &plan.id, &mut connect, &control).expect("it runs");
    stopper.expect("a thread").join().expect("it ends");
    assert_eq!(end, End::Stopped);
    assert!((20..40).contains(&bench.doubled().0));
    assert_eq!(control.progress().counts.of(Phase::Settled), bench.doubled().0 as u64);
    assert_eq!(bench.run(&mut journal, &plan).expect("it runs"), End::Done);
    assert_eq!(bench.doubled(), (40, 0));
}
