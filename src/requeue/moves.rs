//! A whole queue of dead letters moved by its system itself, which SQS calls a move task. No plan: nothing is chosen,
//! edited or looked for again. Each start and cancelling is a line of the journal before it is asked for, and one after
//! it was answered; what became of a task is asked of its system.

use super::Journal;
use super::journal::{MoveLine, MoveStep};
use super::system;
use crate::input::sources::broker::{self, AwsName, Url};
use crate::model::error::{Error, Place, Result};

pub use crate::input::sources::mover::{FASTEST, MoveStatus, MoveTask, Mover, Moves, StartError};

/// A queue that its system may move by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub address: String,
    pub queue: String,
    /// As a plan for it would name it: what has to be unlocked.
    pub system: String,
}

/// None for addresses of what has no move tasks.
#[must_use]
pub fn source(address: &str) -> Option<Source> {
    if !address.starts_with("sqs:") {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let (system, queue) = system::of(&url);
    Some(Source { address: address.to_owned(), queue: queue?, system })
}

/// What a person wants of a queue's tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Start {
        /// In place of where each message came from.
        to: Option<String>,
        /// Messages a second.
        rate: Option<u32>,
    },
    /// The task that runs, if it has this handle.
    Cancel { handle: String },
}

impl Change {
    /// A start as it was typed: a queue's name, ARN or address, or nothing; messages a second, or nothing.
    ///
    /// # Errors
    /// What of it makes no sense.
    pub fn start(source: &Source, to: &str, rate: &str) -> Result<Self> {
        let to = Some(to.trim()).filter(|to| !to.is_empty()).map(|to| target(source, to)).transpose()?;
        let rate = match rate.trim() {
            "" => None,
            text => Some(text.parse::<u32>().ok().filter(|rate| (1..=FASTEST).contains(rate)).ok_or_else(|| {
                let next_step = format!("Give a whole number from 1 to {FASTEST}, or nothing");
                Error::new("That is no rate of a move task", Place::Nowhere, next_step).because(text)
            })?),
        };
        Ok(Self::Start { to, rate })
    }
}

/// The name or ARN of a queue of the same account and region.
fn target(source: &Source, to: &str) -> Result<String> {
    let next_step = "Name a queue of the same account and region, or leave it out";
    let wrong = |what: String| Error::new(what, Place::Nowhere, next_step);
    if broker::is_url(to) {
        let (to, from) = (Url::parse(to)?, Url::parse(&source.address)?);
        return match (AwsName::of(&to), AwsName::of(&from)) {
            (Some(name), Some(from)) if to.scheme == "sqs" && name.shares_endpoint(&from) => {
                name.name.ok_or_else(|| wrong(format!("{to} names no queue")))
            }
            _ => Err(wrong(format!("SQS cannot move messages to {to}"))),
        };
    }
    let name = to.strip_prefix("queue:").unwrap_or(to);
    let is_name = name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.'));
    if is_name || name.starts_with("arn:") && name.contains(":sqs:") {
        return Ok(name.to_owned());
    }
    Err(wrong(format!("{to} is no queue of SQS")))
}

/// A connection to the system of this queue.
///
/// # Errors
/// The step that failed.
pub fn open(address: &str) -> Result<Box<dyn Mover>> {
    let url = Url::parse(address)?;
    broker::of(&url)?.mover(&url)
}

/// Carries it out, with its lines in the journal. What came of it, in words.
///
/// # Errors
/// The journal's; that it was refused, or that the answer did not come.
pub fn change(mover: &dyn Mover, source: &Source, change: &Change, journal: &mut Journal) -> Result<String> {
    let mut line = MoveLine { system: source.system.clone(), queue: source.queue.clone(), ..MoveLine::default() };
    match change {
        Change::Start { to, rate } => {
            (line.to, line.rate) = (to.clone().unwrap_or_default(), *rate);
            start(mover, line, to.as_deref(), journal)
        }
        Change::Cancel { handle } => {
            line.handle.clone_from(handle);
            journal.moved(MoveStep::Cancelling, &line)?;
            let moved = mover.cancel(handle).inspect_err(|error| {
                // What is said to the person counts more than that it cannot be written down.
                let _not_written = journal.moved(MoveStep::Refused, &told(&line, error));
            })?;
            line.detail = format!("about {moved} were moved");
            journal.moved(MoveStep::Cancelled, &line)?;
            Ok(format!("Cancelled: {}", line.detail))
        }
    }
}

fn start(mover: &dyn Mover, mut line: MoveLine, to: Option<&str>, journal: &mut Journal) -> Result<String> {
    journal.moved(MoveStep::Asked, &line)?;
    match mover.start(to, line.rate) {
        Ok(handle) => {
            line.handle = handle;
            journal.moved(MoveStep::Started, &line)?;
            Ok("Started".to_owned())
        }
        Err(StartError { error, refused }) => {
            let step = if refused { MoveStep::Refused } else { MoveStep::InDoubt };
            journal.moved(step, &told(&line, &error))?;
            Err(error)
        }
    }
}

fn told(line: &MoveLine, error: &Error) -> MoveLine {
    let detail = [&error.summary, &error.details].into_iter().filter(|part| !part.is_empty()).map(String::as_str);
    MoveLine { detail: detail.collect::<Vec<_>>().join(": "), ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what it was told to say.
    struct Told(fn() -> std::result::Result<String, StartError>);

    impl Mover for Told {
        fn look(&self) -> Result<Moves> {
            Ok(Moves::default())
        }

        fn start(&self, _: Option<&str>, _: Option<u32>) -> std::result::Result<String, StartError> {
            (self.0)()
        }

        fn cancel(&self, _: &str) -> Result<u64> {
            Ok(3)
        }
    }

    fn queue() -> Source {
        source("sqs://orders-dlq?region=eu-west-1&limit=5").expect("a queue")
    }

    #[test]
    fn only_queues_of_sqs_are_moved() {
        assert_eq!(queue().system, "sqs://*?region=eu-west-1");
        assert_eq!(queue().queue, "orders-dlq");
        for address in ["kafka://h/orders-dlt", "sqs://*", "sns://arn:aws:sns:eu-west-1:1:shop", "orders.ndjson"] {
            assert_eq!(source(address), None, "{address}");
        }
    }

    #[test]
    fn what_was_typed_is_checked_before_anything_is_asked() {
        let start = |to: &str, rate: &str| Change::start(&queue(), to, rate);
        let both = start("queue:orders", "50").expect("both");
        assert_eq!(both, Change::Start { to: Some("orders".to_owned()), rate: Some(50) });
        let same = start("sqs://orders?region=eu-west-1", " ").expect("the same system");
        assert_eq!(same, Change::Start { to: Some("orders".to_owned()), rate: None });
        for (to, rate) in [
            ("", "0"),
            ("", "501"),
            ("", "1.5"),
            ("file:out.ndjson", ""),
            ("topic:orders", ""),
            ("kafka://h/orders", ""),
            ("sqs://orders?region=us-east-1", ""),
            ("sqs://*?region=eu-west-1", ""),
        ] {
            start(to, rate).expect_err(&format!("{to} {rate}"));
        }
    }

    #[test]
    fn each_step_is_in_the_trail() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let mut journal = Journal::open(&dir.path().join("journal.sqlite")).expect("a journal");
        let wish = Change::start(&queue(), "orders", "50").expect("a wish");
        let refused = || Err(Error::new("no", Place::Nowhere, "ask").into());
        let silent = || Err(StartError { error: Error::new("silence", Place::Nowhere, "look"), refused: false });
        change(&Told(refused), &queue(), &wish, &mut journal).expect_err("it is refused");
        change(&Told(silent), &queue(), &wish, &mut journal).expect_err("nobody answers");
        let mover = Told(|| Ok("h-1".to_owned()));
        change(&mover, &queue(), &wish, &mut journal).expect("it starts");
        let said = change(&mover, &queue(), &Change::Cancel { handle: "h-1".to_owned() }, &mut journal);
        assert_eq!(said.expect("it is cancelled"), "Cancelled: about 3 were moved");
        let trail = journal.trail().expect("a trail");
        let phases: Vec<&str> = trail.iter().map(|row| row.phase.as_str()).collect();
        let start = ["move_asked", "move_refused", "move_asked", "move_in_doubt", "move_asked", "move_started"];
        assert_eq!(phases, [&start[..], &["move_cancelling", "move_cancelled"]].concat());
        let started = &trail[5];
        assert_eq!((started.from.as_str(), started.to.as_str()), ("orders-dlq", "orders"));
        assert_eq!(started.detail, "at most 50 a second; task h-1");
        assert_eq!(started.system, queue().system);
    }

    #[test]
    fn a_journal_of_before_learns_of_move_tasks() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let path = dir.path().join("journal.sqlite");
        drop(Journal::open(&path).expect("a journal"));
        let db = rusqlite::Connection::open(&path).expect("a database");
        db.execute_batch("DROP TABLE move_task").expect("as it was before");
        drop(db);
        let mut journal = Journal::open(&path).expect("the journal of before");
        assert!(journal.read_only().is_none() && journal.trail().expect("a trail").is_empty());
        journal.moved(MoveStep::Asked, &MoveLine::default()).expect("a line");
        assert_eq!(journal.trail().expect("a trail").len(), 1);
    }
}
