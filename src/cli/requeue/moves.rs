//! A whole queue moved by SQS itself: started and followed, listed, cancelled.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use super::args::{MoveTaskArg, RequeueArgs, RequeueFormat};
use super::journal;
use crate::base::text::plural;
use crate::cli::out::Out;
use crate::cli::report::Report;
use crate::cli::{Exit, written};
use crate::model::error::{Error, Place, Result};
use crate::model::time::TimeNs;
use crate::requeue::moves::{Change, FASTEST, MoveStatus, MoveTask, Mover, Moves, Source, change, open, source};

/// How often a task is asked for while it runs.
const EVERY: Duration = Duration::from_secs(1);

/// # Errors
/// Wrong usage, and that nobody said yes.
pub(super) fn task(args: &RequeueArgs, what: MoveTaskArg, report: &mut Report) -> Result<Exit> {
    let of = queue(args)?;
    let wish = wish(args, &of)?;
    let mover = match open(&of.address) {
        Ok(mover) => mover,
        Err(error) => return Ok(unreadable(&error, report)),
    };
    let moves = match mover.look() {
        Ok(moves) => moves,
        Err(error) => return Ok(unreadable(&error, report)),
    };
    match what {
        MoveTaskArg::List => {
            let mut out = Out::stdout();
            let printed = list(&moves, args.format, &mut out).and_then(|()| out.flush());
            let failed = moves.tasks.first().is_some_and(|task| task.status == MoveStatus::Failed);
            let exit = if failed { Exit::Findings } else { Exit::Fine };
            Ok(written(printed, report).max(exit))
        }
        MoveTaskArg::Start => {
            moves.limits.iter().for_each(|limit| report.remark(limit));
            if !args.yes {
                let messages = plural(moves.messages, "message", "messages");
                let what = format!("Nothing was moved: SQS would move all that lies in {}, about {messages}", of.queue);
                return Err(Error::new(what, Place::Nowhere, "Read its limits, then say --yes"));
            }
            Ok(start(args, mover.as_ref(), &of, &wish, report))
        }
        MoveTaskArg::Cancel => {
            let Some(running) = moves.running() else {
                report.remark(&format!("No task that moves {} runs", of.queue));
                return Ok(Exit::Fine);
            };
            // A handle is told only while a task runs.
            let Some(handle) = running.handle.clone() else {
                report.remark(&format!("The task is {}", running.status.words()));
                return Ok(Exit::Fine);
            };
            if !args.yes {
                let what = format!("Nothing was cancelled: {} moved so far, which stays so", running.progress());
                return Err(Error::new(what, Place::Nowhere, "Say --yes"));
            }
            Ok(match carry_out(args, mover.as_ref(), &of, &Change::Cancel { handle }) {
                Ok(said) => {
                    report.remark(&said);
                    Exit::Fine
                }
                Err(error) => unreadable(&error, report),
            })
        }
    }
}

fn unreadable(error: &Error, report: &mut Report) -> Exit {
    report.error(error);
    Exit::Unreadable
}

/// The one queue that was named.
fn queue(args: &RequeueArgs) -> Result<Source> {
    let wrong = |what: &str| Error::new(what, Place::Nowhere, "Write --move-task start 'sqs://orders-dlq?region=…'");
    let [address] = args.sources.as_slice() else { return Err(wrong("A move task is of one queue")) };
    source(address).ok_or_else(|| wrong("Only queues of SQS have move tasks").because(address))
}

fn wish(args: &RequeueArgs, of: &Source) -> Result<Change> {
    // What would change messages is refused, so that nobody thinks that it was done.
    let changes = args.patch.is_some()
        || args.json_patch.is_some()
        || !args.headers.is_empty()
        || args.key.is_some()
        || !args.canary.is_empty();
    if changes {
        let next_step = "Make a plan for that: --plan";
        return Err(Error::new("A move task edits nothing and has no first steps", Place::Nowhere, next_step));
    }
    // It was read as a number; as text again it is whole where it can be.
    let rate = args.rate.map(|rate| rate.to_string()).unwrap_or_default();
    Change::start(of, args.to.as_deref().unwrap_or_default(), &rate)
}

fn carry_out(args: &RequeueArgs, mover: &dyn Mover, of: &Source, wish: &Change) -> Result<String> {
    change(mover, of, wish, &mut journal(args)?)
}

fn start(args: &RequeueArgs, mover: &dyn Mover, of: &Source, wish: &Change, report: &mut Report) -> Exit {
    if let Err(error) = carry_out(args, mover, of, wish) {
        return unreadable(&error, report);
    }
    report.remark("Started; it goes on when this program is ended");
    match follow(mover, report) {
        Ok(Some(task)) => {
            report.remark(&format!("{}: {} moved{}", task.status.words(), task.progress(), failure(&task)));
            if task.status == MoveStatus::Completed && !left_all(mover, &task, report) {
                Exit::Fine
            } else {
                Exit::Findings
            }
        }
        Ok(None) => {
            report.remark("The task is not listed any more: it was cancelled, or the server forgot it");
            Exit::Findings
        }
        Err(error) => unreadable(&error, report),
    }
}

/// Whether a task that calls itself completed moved nothing of what lies there, as with servers that cannot.
fn left_all(mover: &dyn Mover, task: &MoveTask, report: &mut Report) -> bool {
    let lies = mover.look().map_or(0, |moves| moves.messages);
    if task.moved > 0 || lies == 0 {
        return false;
    }
    report.remark(&format!("But about {} there", plural(lies, "message lies", "messages lie")));
    true
}

/// Until it has ended. SQS tells a handle only while a task runs, so it is known by when it was started: a queue has
/// one at a time, and the newest is ours.
fn follow(mover: &dyn Mover, report: &mut Report) -> Result<Option<MoveTask>> {
    let mut ours = None;
    loop {
        let tasks = mover.look()?.tasks;
        let found = match ours {
            None => tasks.into_iter().next(),
            Some(started) => tasks.into_iter().find(|task| task.started_ms == started),
        };
        let Some(task) = found else { return Ok(None) };
        ours = Some(task.started_ms);
        if !task.status.is_open() {
            report.settle();
            return Ok(Some(task));
        }
        report.progress(&format!("{}: {} moved", task.status.words(), task.progress()));
        std::thread::sleep(EVERY);
    }
}

fn failure(task: &MoveTask) -> String {
    task.failure.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default()
}

fn list<W: Write>(moves: &Moves, format: RequeueFormat, out: &mut Out<W>) -> io::Result<()> {
    if format == RequeueFormat::Json {
        let mut told = json!(moves);
        for task in told["tasks"].as_array_mut().into_iter().flatten() {
            let started = task["started_ms"].as_i64().unwrap_or_default();
            task["started"] = time(started).into();
        }
        told["most_a_second"] = FASTEST.into();
        return out.json(told.to_string().as_bytes());
    }
    let lies = plural(moves.messages, "message", "messages");
    out.text(&format!("{}: about {lies}, {} held by consumers", moves.queue, moves.held))?;
    if let Some(why) = &moves.refused {
        out.text(&format!("  {why}"))?;
    }
    if moves.tasks.is_empty() {
        return out.text("  no move tasks");
    }
    for task in &moves.tasks {
        let to = task.to.as_ref().map_or("where each came from".to_owned(), Clone::clone);
        let rate = task.rate.map(|rate| format!(", at most {rate} a second")).unwrap_or_default();
        let (at, status, moved) = (time(task.started_ms), task.status.words(), task.progress());
        out.text(&format!("  {at}  {status}: {moved} moved, to {to}{rate}{}", failure(task)))?;
    }
    Ok(())
}

fn time(ms: i64) -> String {
    TimeNs(ms.saturating_mul(1_000_000)).to_rfc3339()
}
