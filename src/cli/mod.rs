//! The command line: the same analyses as in the window, printed for people or for programs.
//!
//! Two steps: `args` is what was typed, `request` is what is ready to use. Answers go to standard
//! output and nothing else does; progress, warnings and errors go to standard error.

pub mod args;
mod entities;
mod events;
pub mod generate;
mod out;
mod report;
mod request;
mod text;

use std::process::ExitCode;

use args::{Command, Common, GenerateArgs};
use report::Report;

/// How a run ended, as a number that scripts can rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Fine = 0,
    /// Kept for commands that look for faults and found some.
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

/// Carries out a command.
#[must_use]
pub fn run(command: Command, common: &Common) -> Exit {
    let mut report = Report::new(common.quiet);
    match command {
        Command::Generate(args) => make(&args, &mut report),
        _ => Exit::Unreadable,
    }
}

fn make(args: &GenerateArgs, report: &mut Report) -> Exit {
    match generate::generate(args.events, args.seed, &args.out) {
        Ok(truth) => {
            report.note(&format!(
                "{} in {}, {} of them damaged, {} repeated",
                crate::base::text::plural(truth.lines, "line", "lines"),
                crate::base::text::bytes(truth.bytes),
                crate::base::text::count(truth.undecodable),
                crate::base::text::count(truth.duplicate_ids)
            ));
            Exit::Fine
        }
        Err(error) => {
            report.error(&error);
            Exit::Unreadable
        }
    }
}
