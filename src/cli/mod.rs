//! The command line: the same analyses as in the window, printed for people or for programs.
//!
//! Two steps: `args` is what was typed, `request` is what is ready to use. Answers go to standard
//! output and nothing else does; progress, warnings and errors go to standard error.

pub mod args;
mod chains;
mod check;
mod dead_letters;
mod entities;
mod events;
pub mod generate;
mod info;
mod lint;
mod load;
mod map;
mod out;
mod read_models;
mod report;
mod request;
mod requeue;
mod sql;
mod state;
mod text;
mod trace;

use std::io;
use std::process::ExitCode;

use args::{Command, Common, GenerateArgs, LintArgs};
use load::Loaded;
use out::{Out, Stdout};
use report::Report;
pub use request::read_mapping;

use crate::analysis::lints::Config;
use crate::analysis::summary::summary;
use crate::base::text::{bytes, count, plural};
use crate::model::error::{Error, Place, Result};

/// How a run ended, as a number that scripts can rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    Fine = 0,
    /// Commands that look for faults found some.
    Findings = 1,
    /// Also what clap exits with.
    WrongUsage = 2,
    /// A source could not be read, or a result could not be written. What could be read was answered.
    Unreadable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Tells an error on standard error and gives the code to end with: for what is not a command.
#[must_use]
pub fn failed(error: &Error, exit: Exit) -> ExitCode {
    Report::new(false).error(error);
    exit.into()
}

/// Carries out a command.
#[must_use]
pub fn run(command: &Command, common: &Common) -> Exit {
    let mut report = Report::new(common.quiet);
    let done = match command {
        Command::Info(args) => about(&args.sources, common, &mut report, |loaded, _, out| {
            let summary = summary(&loaded.snapshot, loaded.bytes, None);
            info::print(&loaded.snapshot, &summary, args.format, out)?;
            Ok(Exit::Fine)
        }),
        Command::Events(args) => request::selection(args).and_then(|selection| {
            about(&args.sources, common, &mut report, |loaded, report, out| {
                let unread = events::print(&loaded.snapshot, &selection, args.format, out, &|_, _| {})?;
                if unread > 0 {
                    report.error(&unread_records(unread));
                    loaded.failed = true;
                }
                Ok(Exit::Fine)
            })
        }),
        Command::Entities(args) => about(&args.sources, common, &mut report, |loaded, report, out| {
            let printed = entities::print(&loaded.snapshot, args.kind.as_deref(), args.format, out)?;
            if let Err(kinds) = printed {
                report.warning(&Error::new("No entity has this kind", Place::Nowhere, kinds.to_string()));
            }
            Ok(Exit::Fine)
        }),
        Command::State(args) => state::ask(args).and_then(|ask| {
            about(&args.sources, common, &mut report, |loaded, report, out| {
                told(state::answer(std::sync::Arc::clone(&loaded.snapshot), ask, report, out), report)
            })
        }),
        Command::Check(args) => check::check(args, &mut report),
        Command::Trace(args) => {
            about(&args.sources, common, &mut report, |loaded, report, out| match trace::find(&loaded.snapshot, args) {
                Ok(found) => trace::print(&found, args, out).map(|()| Exit::Fine),
                Err(error) => Ok(wrong(&error, report)),
            })
        }
        Command::Chains(args) => about(&args.sources, common, &mut report, |loaded, report, out| {
            chains::print(&loaded.snapshot, args, report, out).map(|()| Exit::Fine)
        }),
        Command::Map(args) => about(&args.sources, common, &mut report, |loaded, report, out| {
            map::print(&loaded.snapshot, args.format, report, out).map(|()| Exit::Fine)
        }),
        Command::Sql(args) => about(&args.sources, common, &mut report, |loaded, report, out| {
            let answered = sql::answer(&loaded.snapshot, args, report, out).map(|unread| {
                if unread > 0 {
                    report.error(&unread_records(unread));
                    loaded.failed = true;
                }
                Exit::Fine
            });
            told(answered, report)
        }),
        Command::CheckReadModel(args) => read_models::ask(&args.folded).and_then(|ask| {
            about(&args.folded.sources, common, &mut report, |loaded, report, out| {
                told(read_models::check(&loaded.snapshot, ask, args, report, out), report)
            })
        }),
        Command::RebuildReadModel(args) => read_models::ask(&args.folded).and_then(|ask| {
            about(&args.folded.sources, common, &mut report, |loaded, report, _| {
                told(read_models::rebuild(&loaded.snapshot, ask, args, report), report)
            })
        }),
        Command::Processed(args) => about(&args.sources, common, &mut report, |loaded, report, out| {
            told(read_models::processed(&loaded.snapshot, args, out), report)
        }),
        Command::Lint(LintArgs { explain: Some(rule), .. }) => {
            let mut out = Out::stdout();
            lint::print_rules(rule, &mut out).map(|printed| written(printed.and_then(|()| out.flush()), &mut report))
        }
        Command::Lint(args) => lint::request(args).and_then(|request| {
            about(&args.sources, common, &mut report, |loaded, _, out| {
                let findings = lint::find(&loaded.snapshot, &request);
                lint::print(&loaded.snapshot, &findings, &request, args.format, out)?;
                Ok(if findings.iter().any(Config::fails) { Exit::Findings } else { Exit::Fine })
            })
        }),
        Command::DeadLetters(args) => dead_letters::config(args).and_then(|config| {
            about(&args.sources, common, &mut report, |loaded, report, out| {
                let found = dead_letters::find(&loaded.snapshot, &config);
                if found.unread > 0 {
                    report.error(&unread_records(found.unread));
                    loaded.failed = true;
                }
                dead_letters::print(&loaded.snapshot, &found, &config, args.format, out)?;
                Ok(if found.entries.is_empty() { Exit::Fine } else { Exit::Findings })
            })
        }),
        Command::Requeue(args) => requeue::requeue(args, common, &mut report),
        // The window's: `main` starts it.
        Command::Demo => return Exit::Fine,
        Command::Generate(args) => return make(args, &mut report),
    };
    done.unwrap_or_else(|error| {
        report.error(&error);
        Exit::WrongUsage
    })
}

/// Reads the sources and answers from them.
///
/// # Errors
/// Arguments that make no sense.
fn about(
    sources: &[String],
    common: &Common,
    report: &mut Report,
    answer: impl FnOnce(&mut Loaded, &mut Report, &mut Stdout) -> io::Result<Exit>,
) -> Result<Exit> {
    let mut loaded = load::load(request::sources(sources, common)?, report);
    if loaded.snapshot.sources().is_empty() {
        // An answer about nothing would look like one about an empty log.
        return Ok(Exit::Unreadable);
    }
    let mut out = Out::stdout();
    let answered = answer(&mut loaded, report, &mut out).and_then(|exit| out.flush().map(|()| exit));
    loaded.keep_index();
    match answered {
        Ok(Exit::Fine) if loaded.failed => Ok(Exit::Unreadable),
        Ok(exit) => Ok(exit),
        Err(cause) => Ok(written(Err(cause), report)),
    }
}

fn written(done: io::Result<()>, report: &mut Report) -> Exit {
    match done {
        Ok(()) => Exit::Fine,
        // Whoever reads has seen enough: `eventglass events … | head`.
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Exit::Fine,
        Err(cause) => {
            report.error(&Error::new("The answer cannot be written", Place::Nowhere, "Check the disk").because(cause));
            Exit::Unreadable
        }
    }
}

fn told(answered: std::result::Result<Exit, state::Failed>, report: &mut Report) -> io::Result<Exit> {
    match answered {
        Ok(exit) => Ok(exit),
        Err(state::Failed::Output(error)) => Err(error),
        Err(state::Failed::Asked(error)) => Ok(wrong(&error, report)),
        Err(state::Failed::Unwritten(error)) => {
            report.error(&error);
            Ok(Exit::Unreadable)
        }
    }
}

/// What was asked makes no sense for this log.
fn wrong(error: &Error, report: &mut Report) -> Exit {
    report.error(error);
    Exit::WrongUsage
}

fn unread_records(unread: u64) -> Error {
    let what = format!("{} could not be read again", plural(unread, "record", "records"));
    Error::new(what, Place::Nowhere, "The source changed while it was read; run the command again")
}

fn make(args: &GenerateArgs, report: &mut Report) -> Exit {
    match generate::generate(args.events, args.seed, &args.out) {
        Ok(truth) => {
            let (lines, damaged) = (plural(truth.lines, "line", "lines"), count(truth.undecodable));
            let (size, repeats) = (bytes(truth.bytes), count(truth.duplicate_ids));
            report.note(&format!("{lines} in {size}, {damaged} of them damaged, {repeats} repeated"));
            Exit::Fine
        }
        Err(error) => {
            report.error(&error);
            Exit::Unreadable
        }
    }
}
