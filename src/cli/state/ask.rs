//! What was typed after `state`, made ready to use: the reducer compiled, the condition parsed. Every
//! mistake that can be seen without the log is found here.

use std::path::{Path as FilePath, PathBuf};

use crate::analysis::query::parse_instant;
use crate::analysis::state::bisect::Predicate;
use crate::analysis::state::delivery::{Kind, Request};
use crate::analysis::state::path::Path;
use crate::analysis::state::reducer::{Reducer, ReducerKind, ReducerSource};
use crate::analysis::state::reducers::compile;
use crate::cli::args::{Simulate, StateArgs, StateFormat};
use crate::cli::request::{entity, read_text};
use crate::model::error::{Error, Place as ErrorPlace, Result};
use crate::model::filter::Instant;

pub(in crate::cli) struct Ask {
    pub(super) entity: (String, String),
    pub(super) place: Place,
    pub(super) question: Question,
    /// None: inferred from the log.
    pub(super) reducer: Option<(ReducerSource, Box<dyn Reducer>)>,
    pub(super) keep_duplicates: bool,
    pub(super) format: StateFormat,
}

/// Which step is meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Last,
    Time(Instant),
    Version(u32),
    /// Of an event.
    Id(String),
    Ix(u64),
    /// A version, or the number of the step where versions do not order the history.
    Number(u32),
}

pub(super) enum Question {
    State,
    Every,
    Diff(Place, Place),
    Blame(Path),
    Bisect(Predicate),
    Simulate(Request),
    Fixture(PathBuf),
}

impl Place {
    /// What two places of a `--diff` are measured in.
    pub(super) fn is_time(&self) -> bool {
        matches!(self, Self::Time(_))
    }
}

/// # Errors
/// An entity, a place, a condition or a reducer that makes no sense.
pub(in crate::cli) fn ask(args: &StateArgs) -> Result<Ask> {
    Ok(Ask {
        entity: entity(&args.entity)?,
        place: place(args)?,
        question: question(args)?,
        reducer: args.reducer.as_deref().map(reducer).transpose()?,
        keep_duplicates: args.keep_duplicates,
        format: args.format,
    })
}

fn place(args: &StateArgs) -> Result<Place> {
    if let Some(time) = &args.at {
        return instant(time).ok_or_else(|| {
            let next_step = "Write it as --at 2026-02-16T10:30:00Z, a day alone is enough";
            Error::new("--at is no time", ErrorPlace::Nowhere, next_step).because(time)
        });
    }
    let version = args.version.map(Place::Version);
    let place = version.or_else(|| args.event.clone().map(Place::Id)).or_else(|| args.ix.map(Place::Ix));
    Ok(place.unwrap_or(Place::Last))
}

fn instant(text: &str) -> Option<Place> {
    parse_instant(text).map(Place::Time)
}

fn question(args: &StateArgs) -> Result<Question> {
    if args.every {
        return Ok(Question::Every);
    }
    if let Some(range) = &args.diff {
        return diff(range);
    }
    if let Some(path) = &args.blame {
        return Ok(Question::Blame(Path::parse(path)));
    }
    if let Some(simulate) = args.simulate {
        let kind = match simulate {
            Simulate::Duplicates => Kind::Duplicates,
            Simulate::Loss => Kind::Loss,
            Simulate::Reorder => Kind::Reorder { window: args.window },
        };
        return Ok(Question::Simulate(Request { rounds: args.rounds, ..Request::new(kind, args.seed) }));
    }
    if let Some(out) = &args.fixture {
        return Ok(Question::Fixture(out.clone()));
    }
    match &args.bisect {
        Some(text) => Ok(Question::Bisect(Predicate::parse(text)?)),
        None => Ok(Question::State),
    }
}

fn diff(range: &str) -> Result<Question> {
    let place = |text: &str| text.parse().map(Place::Number).ok().or_else(|| instant(text));
    let places = range.split_once("..").map(|(from, to)| (place(from.trim()), place(to.trim())));
    match places {
        Some((Some(from), Some(to))) if from.is_time() == to.is_time() => Ok(Question::Diff(from, to)),
        _ => {
            let next_step = "Write two versions, --diff 3..7, or two times, --diff 2026-02-16..2026-02-17";
            Err(Error::new("--diff needs two versions or two times", ErrorPlace::Nowhere, next_step).because(range))
        }
    }
}

pub(in crate::cli) fn reducer(path: &FilePath) -> Result<(ReducerSource, Box<dyn Reducer>)> {
    let name = path.display().to_string();
    let text = read_text(&name, "reducer", "--reducer")?;
    let kind = match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("js" | "mjs") => ReducerKind::JavaScript,
        Some("jq") => ReducerKind::Jq,
        _ => ReducerKind::Rules,
    };
    let source = ReducerSource { kind, text: text.into() };
    let reducer = compile(&source).map_err(|wrong| {
        let place = [wrong.line, wrong.column].into_iter().flatten().fold(name, |place, n| format!("{place}:{n}"));
        let next_step = match kind {
            ReducerKind::Rules | ReducerKind::Inferred => "Mend the rule; the file's ending says that it holds rules",
            ReducerKind::JavaScript => "Mend the script",
            ReducerKind::Jq => "Mend the filter",
        };
        Error::new(wrong.message, ErrorPlace::File { path: place, offset: None }, next_step)
    })?;
    Ok((source, reducer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> StateArgs {
        StateArgs { entity: "account:1".to_owned(), ..StateArgs::default() }
    }

    #[test]
    fn differences_are_between_two_of_a_kind() {
        for (range, fine) in [
            ("3..7", true),
            ("0 .. 7", true),
            ("2026-02-16..2026-02-17T10:00Z", true),
            ("3", false),
            ("3..", false),
            ("3..2026-02-17", false),
            ("a..b", false),
        ] {
            let asked = ask(&StateArgs { diff: Some(range.to_owned()), ..args() });
            assert_eq!(asked.is_ok(), fine, "{range}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (args, told) in [
            (StateArgs { entity: "account".to_owned(), ..args() }, "The entity has no kind or no id: column 8"),
            (StateArgs { at: Some("noonish".to_owned()), ..args() }, "--at is no time"),
            (StateArgs { bisect: Some("balance <".to_owned()), ..args() }, "column 10"),
            (StateArgs { reducer: Some("no/such.rules".into()), ..args() }, "no/such.rules"),
        ] {
            let error = ask(&args).err().expect(told);
            assert!(error.to_string().contains(told), "{error}");
            assert!(!error.next_step.is_empty());
        }
    }
}
