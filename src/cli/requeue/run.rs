//! Plans carried out, with progress on the terminal.

use std::path::Path;
use std::time::Duration;

use crate::base::text::{count, plural};
use crate::cli::Exit;
use crate::cli::report::Report;
use crate::cli::request::read_text;
use crate::model::error::{Error, Place, Result};
use crate::requeue::journal::{Counts, Phase};
use crate::requeue::run::{Control, End, Progress, run};
use crate::requeue::{Journal, Plan, connect};

const TICK: Duration = Duration::from_millis(100);

/// # Errors
/// Where the file is no plan, or nobody said yes.
pub(super) fn plan(path: &Path, yes: bool, mut journal: Journal, report: &mut Report) -> Result<Exit> {
    let path = path.display().to_string();
    let plan = Plan::read(&read_text(&path, "plan", "--run")?, &path)?;
    let messages = plural(plan.items.len() as u64, "message", "messages");
    if !yes {
        let what = format!("Nothing was sent: {messages} would be written to {}", plan.system);
        return Err(Error::new(what, Place::Nowhere, "Read the plan, then say --yes"));
    }
    let added = match journal.add(&plan) {
        Ok(added) => added,
        Err(error) => {
            report.error(&error);
            return Ok(Exit::Unreadable);
        }
    };
    if added.settled > 0 {
        let were = plural(added.settled, "message was", "messages were");
        report.remark(&format!("{were} put back before and not sent again"));
    }
    Ok(carry_out(journal, &plan.id, &plan.system, report).1)
}

/// All plans that have something left to do, the oldest first.
pub(super) fn resume(mut journal: Journal, report: &mut Report) -> Exit {
    let plans = match journal.plans() {
        Ok(plans) => plans,
        Err(error) => {
            report.error(&error);
            return Exit::Unreadable;
        }
    };
    let mut worst = Exit::Fine;
    for plan in plans.into_iter().rev() {
        if plan.counts.open() + plan.counts.of(Phase::Ambiguous) == 0 {
            continue;
        }
        if plan.came_back > 0 && plan.counts.of(Phase::Sending) + plan.counts.of(Phase::Confirmed) == 0 {
            report.remark(&format!(
                "plan {} stopped because messages came back: --run it to go on all the same",
                plan.id
            ));
            worst = worst.max(Exit::Findings);
            continue;
        }
        let (back, exit) = carry_out(journal, &plan.id, &plan.system, report);
        journal = back;
        worst = worst.max(exit);
    }
    worst
}

fn carry_out(mut journal: Journal, plan: &str, system: &str, report: &mut Report) -> (Journal, Exit) {
    let control = Control::default();
    let ended = std::thread::scope(|scope| {
        let journal = &mut journal;
        let watched = &control;
        let work = move || run(journal, plan, &mut || connect(system, None), watched);
        let thread = std::thread::Builder::new().name("requeue".to_owned()).spawn_scoped(scope, work);
        let thread = thread.map_err(|cause| {
            Error::new("No thread can be started", Place::Nowhere, "Close something").because(cause)
        })?;
        while !thread.is_finished() {
            report.progress(&words(&control.progress()));
            std::thread::sleep(TICK);
        }
        thread.join().expect("a run does not panic")
    });
    report.settle();
    let progress = control.progress();
    for note in &progress.notes {
        report.remark(note);
    }
    report.remark(&tally(&progress.counts));
    let exit = match ended {
        Ok(End::Done) if progress.counts.of(Phase::Settled) == progress.counts.all() => Exit::Fine,
        Ok(End::Done | End::Stopped) => Exit::Findings,
        Ok(End::CameBack(places)) => {
            let back = plural(places.len() as u64, "message", "messages");
            let first = places.first().map_or("", String::as_str);
            report.remark(&format!("stopped: {back} of this step failed again, such as {first}"));
            Exit::Findings
        }
        Err(error) => {
            report.error(&error);
            Exit::Unreadable
        }
    };
    (journal, exit)
}

fn words(progress: &Progress) -> String {
    let done = progress.counts.all() - progress.counts.open();
    format!("{} {} of {}", progress.doing, count(done), count(progress.counts.all()))
}

/// `12 put back, 1 in doubt`
pub(super) fn tally(counts: &Counts) -> String {
    let mut parts = Vec::new();
    for phase in Phase::ALL {
        let n = counts.told(phase);
        if n > 0 {
            parts.push(format!("{} {}", count(n), phase.words()));
        }
    }
    if parts.is_empty() { "nothing to send".to_owned() } else { parts.join(", ") }
}
