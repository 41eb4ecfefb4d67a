//! `--fixture`: a history with its states, written as a test.

use std::io::Write;
use std::path::Path;

use super::Failed;
use super::ask::Place;
use super::subject::Subject;
use crate::analysis::state::fixture::{Fixture, Wanted};
use crate::base::cancel::Cancel;
use crate::base::files::write_whole;
use crate::base::text::plural;
use crate::cli::out::Out;
use crate::cli::report::Report;
use crate::model::error::{Error, Place as ErrorPlace};

/// To `to`, or to standard output where it is `-`.
pub(super) fn write<W: Write>(
    subject: &mut Subject,
    place: &Place,
    to: &Path,
    report: &mut Report,
    out: &mut Out<W>,
) -> Result<(), Failed> {
    let end = subject.step(place)?;
    let folded = subject.fold_to(end);
    let name = subject.name.clone();
    let wanted = Wanted { entity: &name, branch: None, every: true };
    let fixture = Fixture::of(&folded, &mut *subject.reducer, wanted, &Cancel::new()).map_err(|why| {
        let next_step = "Take a shorter history with --at, --version or --ix, or mend the reducer";
        Error::new("No fixture can be made", ErrorPlace::Nowhere, next_step).because(why)
    })?;
    let for_people = to.extension().is_some_and(|ending| ending == "feature" || ending == "txt");
    let text = if for_people { fixture.to_text() } else { fixture.to_json() };
    if to == Path::new("-") {
        return Ok(out.lines(text.as_bytes())?);
    }
    let path = to.display().to_string();
    write_whole(to, text.as_bytes(), true).map_err(|cause| {
        let place = ErrorPlace::File { path: path.clone(), offset: None };
        let next_step = "Check the folder and its permissions";
        Failed::Unwritten(Error::new("The fixture cannot be written", place, next_step).because(cause))
    })?;
    report.remark(&format!("{} with the state after each are in {path}", plural(end.into(), "event", "events")));
    Ok(())
}
