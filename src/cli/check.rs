//! `check`: whether fixtures still hold. Meant for builds: 0 where all do, 1 where one does not.

use std::path::Path;

use serde::Serialize;

use super::Exit;
use super::args::{CheckArgs, StateFormat};
use super::out::Out;
use super::report::Report;
use super::state::reducer;
use crate::analysis::state::fixture::{Checked, Fixture, check as check_one};
use crate::analysis::state::reducers::compile;
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::error::{Error, Place, Result};

/// A line of the answer.
#[derive(Serialize)]
struct Line<'a> {
    fixture: String,
    entity: &'a str,
    holds: bool,
    /// Steps whose states were compared.
    steps: u32,
    mismatches: Vec<Mismatch>,
    more_mismatches: u64,
}

#[derive(Serialize)]
struct Mismatch {
    step: u32,
    message: String,
}

/// # Errors
/// A fixture that cannot be read, or a reducer that cannot be compiled.
pub(super) fn check(args: &CheckArgs, report: &mut Report) -> Result<Exit> {
    let mut out = Out::stdout();
    let mut exit = Exit::Fine;
    for path in &args.fixtures {
        let (fixture, checked) = checked(path, args.reducer.as_deref())?;
        if !checked.mismatches.is_empty() {
            exit = Exit::Findings;
        }
        let written = match args.format {
            StateFormat::Json => {
                let line = line(path, &fixture, &checked);
                out.json(&serde_json::to_vec(&line).expect("texts and numbers always become JSON"))
            }
            StateFormat::Text => text(path, &fixture, &checked).iter().try_for_each(|line| out.text(line)),
        };
        if let Err(cause) = written.and_then(|()| out.flush()) {
            report.error(&Error::new("The answer cannot be written", Place::Nowhere, "Check the disk").because(cause));
            return Ok(Exit::Unreadable);
        }
    }
    Ok(exit)
}

fn checked(path: &Path, other: Option<&Path>) -> Result<(Fixture, Checked)> {
    let place = || Place::File { path: path.display().to_string(), offset: None };
    let bytes = std::fs::read(path)
        .map_err(|cause| Error::new("The fixture cannot be read", place(), "Check its name").because(cause))?;
    let fixture = Fixture::from_json(&bytes).map_err(|why| {
        let next_step = "Write it again: eventglass state SRC --entity KIND:ID --fixture OUT.json";
        Error::new("The fixture cannot be read", place(), next_step).because(why)
    })?;
    let mut reducer = match other {
        Some(path) => reducer(path)?.1,
        None => compile(&fixture.reducer).map_err(|wrong| {
            Error::new("The fixture's reducer does not compile", place(), "Mend it, or give another with --reducer")
                .because(wrong.message)
        })?,
    };
    let checked = check_one(&fixture, &mut *reducer, &Cancel::new())
        .map_err(|why| Error::new("The fixture cannot be folded", place(), "Mend the reducer").because(why))?;
    Ok((fixture, checked))
}

fn line<'a>(path: &Path, fixture: &'a Fixture, checked: &Checked) -> Line<'a> {
    let mismatch = |mismatch: &crate::analysis::state::fixture::Mismatch| Mismatch {
        step: mismatch.step,
        message: mismatch.to_string(),
    };
    Line {
        fixture: path.display().to_string(),
        entity: &fixture.entity,
        holds: checked.mismatches.is_empty(),
        steps: checked.steps,
        mismatches: checked.mismatches.iter().map(mismatch).collect(),
        more_mismatches: checked.more_mismatches,
    }
}

fn text(path: &Path, fixture: &Fixture, checked: &Checked) -> Vec<String> {
    let states = plural(checked.steps.into(), "state", "states");
    let holds = if checked.mismatches.is_empty() { "holds" } else { "does not hold" };
    let mut lines = vec![format!("{}: {} {holds}, {states} compared", path.display(), fixture.entity)];
    lines.extend(checked.mismatches.iter().map(|mismatch| format!("  {mismatch}")));
    if checked.more_mismatches > 0 {
        lines.push(format!("  and {} more", count(checked.more_mismatches)));
    }
    lines
}
