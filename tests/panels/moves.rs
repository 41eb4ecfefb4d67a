//! A queue moved by SQS itself: its limits before it is started, how far it is, how it ended. The system is one of
//! ours that says what its address wants; `brokers` has a real one.

use std::sync::atomic::{AtomicBool, Ordering};

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use eventglass::app::Command;
use eventglass::app::command::RequeueCommand;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::error::{Error, Place, Result};
use eventglass::model::message::{Message, Place as Lies, SqsPlace};
use eventglass::requeue::Journal;
use eventglass::requeue::moves::{Change, MoveStatus, MoveTask, Mover, Moves, Source, StartError, source};

use crate::accounts::run;
use crate::dead_letters::until;
use crate::harness::{World, settle, window};

const LONG: &str = "orders-of-the-customers-in-the-northern-warehouses-eu-central-1-production-dlq";

/// Says what the profile in its address wants.
struct Fake {
    queue: String,
    profile: String,
}

fn fake(address: &str) -> Result<Box<dyn Mover>> {
    let none = || Error::new("There is no such queue", Place::Nowhere, "Check its name");
    let queue = source(address).ok_or_else(none)?.queue;
    let profile = address.rsplit("profile=").next().unwrap_or_default().to_owned();
    Ok(Box::new(Fake { queue, profile }))
}

/// Whether the task of the profile `started` was started.
static STARTED: AtomicBool = AtomicBool::new(false);

fn task(status: MoveStatus, moved: u64, to_move: u64) -> MoveTask {
    let handle = status.is_open().then(|| "h-1".to_owned());
    MoveTask { handle, status, moved, to_move: Some(to_move), started_ms: 1_771_237_800_000, ..MoveTask::default() }
}

impl Mover for Fake {
    fn look(&self) -> Result<Moves> {
        let failed = MoveTask {
            failure: Some("CouldNotDetermineMessageSource".to_owned()),
            started_ms: 1_771_151_400_000,
            to: Some("orders-of-the-customers-in-the-northern-warehouses-eu-central-1-production".to_owned()),
            rate: Some(50),
            ..task(MoveStatus::Failed, 40, 1_300)
        };
        let done = MoveTask { started_ms: 1_771_065_000_000, ..task(MoveStatus::Completed, 212, 212) };
        let mut tasks = vec![failed, done];
        match self.profile.as_str() {
            "running" => tasks.insert(0, MoveTask { rate: Some(50), ..task(MoveStatus::Running, 812, 1_204) }),
            "started" if STARTED.load(Ordering::Relaxed) => tasks.insert(0, task(MoveStatus::Running, 3, 1_204)),
            "silent" => {
                return Err(Error::new("AWS in eu-west-1 does not answer", Place::Nowhere, "Check the network"));
            }
            _ => {}
        }
        let none = self.profile == "none";
        let refused =
            none.then(|| format!("{} is no dead-letter queue of an SQS queue: no redrive policy names it", self.queue));
        let sources = if none { Vec::new() } else { vec!["orders".to_owned(), "payments".to_owned()] };
        Ok(Moves {
            queue: self.queue.clone(),
            messages: if self.profile == "running" { 392 } else { 1_204 },
            held: 3,
            sources,
            refused,
            limits: LIMITS.map(str::to_owned).to_vec(),
            tasks,
        })
    }

    fn start(&self, _: Option<&str>, rate: Option<u32>) -> std::result::Result<String, StartError> {
        if rate == Some(500) {
            let error = Error::new("sqs:StartMessageMoveTask on it is not allowed", Place::Nowhere, "Ask for it");
            return Err(error.into());
        }
        STARTED.store(true, Ordering::Relaxed);
        Ok("h-1".to_owned())
    }

    fn cancel(&self, _: &str) -> Result<u64> {
        STARTED.store(false, Ordering::Relaxed);
        Ok(3)
    }
}

/// As SQS has them, in its words.
const LIMITS: [&str; 7] = [
    "All that lies in the queue is moved, about 1,204 messages now, oldest first: nothing less and nothing chosen",
    "Nothing is edited, there are no first steps, and what fails again is not noticed",
    "Each message goes back to the queue that it came from, one of orders, payments, or all go to one queue of the same \
     account, region and kind",
    "Messages get new ids and new times, and are kept as if they were new: eventglass cannot look for them again",
    "At most 500 a second; without a rate of your own SQS chooses one",
    "One task per queue at a time, 100 per account, 36 hours each; cancelling brings nothing back",
    "Only dead letters of SQS queues are moved, not those of SNS or Lambda",
];

/// The panel's third tab, over a log of these queues.
fn opened(dir: &std::path::Path, queues: &[&str], size: [f32; 2], dark: bool) -> Harness<'static, World> {
    let log = Log::new();
    for queue in queues {
        let place = SqsPlace { queue: (*queue).to_owned(), message_id: "m-1".to_owned(), ..SqsPlace::default() };
        let letter =
            Message { place: Lies::Sqs(Box::new(place)), value: Some(b"{\"n\":1}".to_vec()), ..Message::default() };
        let mut line = Vec::new();
        letter.write(&mut line);
        line.push(b'\n');
        let path = dir.join("letters.ndjson");
        std::fs::write(&path, line).expect("files can be written");
        let mut read = open(&Address::file(&path), &OpenOptions::default()).expect("a log");
        read.info.address = format!("sqs://{queue}");
        log.add(read).expect("it is taken");
    }
    log.wait();
    let mut world = World::new("requeue", log.snapshot());
    let journal = dir.join("requeue.sqlite");
    drop(Journal::open(&journal).expect("a journal"));
    world.jobs.requeue.journal = Some(journal);
    world.jobs.requeue.moves.open = fake;
    let mut harness = window(world, size, dark);
    harness.get_by_label("Move task").click();
    until(&mut harness, |harness| harness.state().jobs.requeue.moves.looked.answer().is_some());
    settle(&mut harness);
    harness
}

fn unlock(harness: &mut Harness<'static, World>, of: &Source) {
    run(harness.state_mut(), RequeueCommand::Unlock(of.system.clone()));
    settle(harness);
}

/// Carries out what was pressed last, as the window does.
fn carry_out(harness: &mut Harness<'static, World>) -> Change {
    let pressed = harness.state().commands.iter().rev().find_map(|command| match command {
        Command::Requeue(RequeueCommand::ChangeMoves { address, change }) => Some((address.clone(), change.clone())),
        _ => None,
    });
    let (address, change) = pressed.expect("it was pressed");
    let of = source(&address).expect("a queue");
    harness.state_mut().jobs.requeue.change_moves(of, change.clone());
    until(harness, |harness| !harness.state().jobs.requeue.moves.changed.busy());
    settle(harness);
    change
}

#[test]
fn the_limits_are_told_before_anything_can_be_started() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let queue = "orders-dlq?region=eu-west-1&profile=started";
    let of = source(&format!("sqs://{queue}")).expect("a queue");
    let mut harness = opened(dir.path(), &[queue], [1180.0, 420.0], true);
    harness.get_by_label("Let SQS move the whole queue");
    assert!(LIMITS.iter().all(|limit| harness.query_by_label(limit).is_some()));
    assert!(harness.query_by_label_contains("Move about").is_none(), "it is locked");
    harness.get_by_label_contains("Unlock").click();
    settle(&mut harness);
    unlock(&mut harness, &of);
    harness.get_by_label("Move about 1,204 messages").click();
    settle(&mut harness);
    assert_eq!(carry_out(&mut harness), Change::Start { to: None, rate: None });
    until(&mut harness, |harness| harness.query_by_label("SQS moves the whole queue: about 3 of 1,204").is_some());
    harness.get_by_label("Cancel the task").click();
    settle(&mut harness);
    assert_eq!(carry_out(&mut harness), Change::Cancel { handle: "h-1".to_owned() });
    until(&mut harness, |harness| harness.query_by_label("Cancelled: about 3 were moved").is_some());
    let trail = Journal::open(&dir.path().join("requeue.sqlite")).expect("a journal").trail().expect("a trail");
    let steps: Vec<&str> = trail.iter().map(|row| row.phase.as_str()).collect();
    assert_eq!(steps, ["move_asked", "move_started", "move_cancelling", "move_cancelled"]);
    run(harness.state_mut(), RequeueCommand::Look);
    harness.get_by_label("Journal").click();
    until(&mut harness, |harness| harness.query_by_label("cancelled").is_some());
    assert_eq!(harness.query_all_by_label("orders-dlq → where each came from").count(), 4, "a line for each step");
}

#[test]
fn a_task_that_runs_is_there_again_and_needs_the_system_unlocked_to_be_cancelled() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let queue = "orders-dlq?region=eu-west-1&profile=running";
    let mut harness = opened(dir.path(), &[queue], [1180.0, 420.0], true);
    harness.get_by_label("SQS moves the whole queue: about 812 of 1,204");
    assert!(
        harness.query_by_label("Cancel the task").is_none() && harness.query_by_label_contains("Move about").is_none()
    );
    harness.get_by_label_contains("CouldNotDetermineMessageSource");
    unlock(&mut harness, &source(&format!("sqs://{queue}")).expect("a queue"));
    harness.get_by_label("Cancel the task");
}

#[test]
fn what_cannot_be_moved_and_what_cannot_be_typed_are_said() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let queues = ["orders?region=eu-west-1&profile=none", "mail-dlq?region=eu-west-1&profile=fine"];
    let mut harness = opened(dir.path(), &queues, [1180.0, 420.0], true);
    harness.get_by_label_contains("no redrive policy names it");
    unlock(&mut harness, &source(&format!("sqs://{}", queues[0])).expect("a queue"));
    assert!(harness.get_by_label_contains("Move about").accesskit_node().is_disabled());
    harness.get_by_label("mail-dlq").click();
    until(&mut harness, |harness| harness.query_by_label_contains("no redrive policy names it").is_none());
    unlock(&mut harness, &source(&format!("sqs://{}", queues[1])).expect("a queue"));
    harness.get_by_label("A second").focus();
    settle(&mut harness);
    harness.get_by_label("A second").type_text("501");
    settle(&mut harness);
    harness.get_by_label_contains("no rate of a move task");
    assert!(harness.get_by_label_contains("Move about").accesskit_node().is_disabled());
}

#[test]
fn silence_is_said_and_asked_again() {
    let dir = tempfile::tempdir().expect("a folder for the test");
    let mut harness = opened(dir.path(), &["orders-dlq?region=eu-west-1&profile=silent"], [1180.0, 420.0], true);
    harness.get_by_label("AWS in eu-west-1 does not answer");
    let asked = harness.state().state.requeue.moves.clone().expect("it was asked").1;
    harness.get_by_label("Ask again").click();
    settle(&mut harness);
    assert_eq!(harness.state().state.requeue.moves.clone().expect("it was asked").1, asked + 1);
}

#[cfg(feature = "image-tests")]
#[test]
fn pictures_of_a_move_task() {
    let mut results = egui_kittest::SnapshotResults::new();
    for (dark, theme) in [(true, "dark"), (false, "light")] {
        for profile in ["offer", "running"] {
            let dir = tempfile::tempdir().expect("a folder for the test");
            let queue = format!("{LONG}?region=eu-west-1&profile={profile}");
            let mut harness = opened(dir.path(), &[&queue], [1180.0, 380.0], dark);
            unlock(&mut harness, &source(&format!("sqs://{queue}")).expect("a queue"));
            harness.snapshot(format!("requeue_move_{profile}_{theme}"));
            results.extend_harness(&mut harness);
        }
    }
}
