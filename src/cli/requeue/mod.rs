//! Dead letters put back from the command line: plan, run, resume, status; and a whole queue moved by SQS itself.

pub mod args;
mod moves;
mod plan;
mod run;
mod status;

use std::path::PathBuf;

use args::RequeueArgs;

use super::out::Out;
use super::report::Report;
use super::{Exit, about, args::Common, written};
use crate::app::session;
use crate::model::error::{Error, Place, Result};
use crate::requeue::Journal;
use crate::requeue::journal::Decision;

/// # Errors
/// Wrong usage.
pub(super) fn requeue(args: &RequeueArgs, common: &Common, report: &mut Report) -> Result<Exit> {
    if args.plan.is_some() {
        let request = plan::request(args, common)?;
        return about(&args.sources, common, report, |loaded, report, out| {
            match plan::make(&loaded.snapshot, args, &request, report) {
                Ok(plan) => plan::write(&plan, args, report, out),
                Err(error) => Ok(super::wrong(&error, report)),
            }
        });
    }
    if let Some(what) = args.move_task {
        return moves::task(args, what, report);
    }
    let mut journal = match journal(args) {
        Ok(journal) => journal,
        Err(error) => {
            report.error(&error);
            return Ok(Exit::Unreadable);
        }
    };
    if let [id, what] = args.decide.as_slice() {
        let decision = match what.as_str() {
            "send" => Decision::Send,
            "done" => Decision::Done,
            "discard" => Decision::Discard,
            _ => return Err(Error::new("No such decision", Place::Nowhere, "Say send, done or discard").because(what)),
        };
        journal.decide(id, decision)?;
        return Ok(Exit::Fine);
    }
    if let Some(path) = &args.run {
        return run::plan(path, args.yes, journal, report);
    }
    if args.resume {
        return Ok(run::resume(journal, report));
    }
    let mut out = Out::stdout();
    let told = match args.trail {
        Some(format) => status::trail(&journal, format, &mut out),
        None => status::status(&journal, args.format, &mut out),
    };
    match told {
        Ok(printed) => {
            let (exit, printed) = match printed {
                Ok(exit) => (exit, out.flush()),
                Err(cause) => (Exit::Fine, Err(cause)),
            };
            let done = written(printed, report);
            Ok(if done == Exit::Fine { exit } else { done })
        }
        Err(error) => {
            report.error(&error);
            Ok(Exit::Unreadable)
        }
    }
}

fn journal(args: &RequeueArgs) -> Result<Journal> {
    Journal::open(&journal_path(args)?)
}

fn journal_path(args: &RequeueArgs) -> Result<PathBuf> {
    args.journal
        .clone()
        .or_else(session::journal_path)
        .ok_or_else(|| Error::new("There is no folder for the journal", Place::Nowhere, "Name a file with --journal"))
}
