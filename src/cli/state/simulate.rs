//! `--simulate`: what becomes of the state when deliveries go wrong.

use std::io::Write;

use serde::Serialize;

use super::answers::{At, Differs, Named};
use super::ask::Place;
use super::subject::Subject;
use super::{Failed, print};
use crate::analysis::state::delivery::{
    Example, Fault, Kind, Minimal, PairReport, Report, Request, TypeReport, simulate as run,
};
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::cli::Exit;
use crate::cli::args::StateFormat;
use crate::cli::out::Out;
use crate::cli::report::Report as Told;

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    about: Named,
    /// `duplicates`, `loss` or `reorder`.
    simulated: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u32>,
    seed: u64,
    events: u32,
    looked_at: u32,
    /// For duplicates and losses.
    types: Vec<OfType>,
    /// For reordering: what may come in either order, and what not.
    pairs: Vec<OfPair>,
    rounds: Rounds,
    advice: Vec<String>,
    complete: bool,
}

#[derive(Serialize)]
struct OfType {
    #[serde(rename = "type")]
    type_name: String,
    seen: u32,
    tried: u32,
    differing: u32,
    refused: u32,
    without_effect: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Shown>,
    /// A copy that comes after other events.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<Shown>,
}

#[derive(Serialize)]
struct OfPair {
    types: [String; 2],
    tried: u32,
    differing: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Shown>,
}

/// `changes` are from the true state to the one with the fault.
#[derive(Serialize)]
struct Shown {
    at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<At>,
    changes: Vec<Differs>,
    more_changes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Rounds {
    asked: u32,
    run: u32,
    differing: u32,
    faults: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimal: Option<Fewest>,
}

#[derive(Serialize)]
struct Fewest {
    faults: Vec<OneFault>,
    changes: Vec<Differs>,
    more_changes: bool,
}

#[derive(Serialize)]
struct OneFault {
    /// `twice`, `lost` or `late`.
    fault: &'static str,
    #[serde(flatten)]
    at: At,
    /// How many events later it comes, or comes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<u32>,
}

pub(super) fn simulate<W: Write>(
    subject: &mut Subject,
    place: &Place,
    request: &Request,
    format: StateFormat,
    told: &mut Told,
    out: &mut Out<W>,
) -> Result<Exit, Failed> {
    let end = subject.step(place)?;
    let folded = subject.fold_to(end);
    if let Some(stopped) = folded.stopped() {
        told.warning(&subject.stopped(stopped));
    }
    let report = run(&folded, &mut *subject.reducer, request, &Cancel::new(), &mut |part| {
        told.progress(&format!("{:.0} % simulated", part * 100.0));
    });
    let answer = simulated(subject, &report);
    print(&answer, format, || text(subject, &report), out)?;
    Ok(if report.has_findings() { Exit::Findings } else { Exit::Fine })
}

fn text(subject: &Subject, report: &Report) -> Vec<String> {
    let how = match report.kind {
        Kind::Duplicates => "delivered at least once".to_owned(),
        Kind::Loss => "delivered at most once".to_owned(),
        Kind::Reorder { window } => format!("delivered up to {} late", plural(window.into(), "event", "events")),
    };
    let events = plural(report.events.into(), "event", "events");
    let mut lines = vec![format!("{}, {events}, {how}", subject.name), String::new()];
    lines.extend(report.advice());
    lines
}

fn simulated(subject: &Subject, report: &Report) -> Answer {
    let (name, window) = match report.kind {
        Kind::Duplicates => ("duplicates", None),
        Kind::Loss => ("loss", None),
        Kind::Reorder { window } => ("reorder", Some(window)),
    };
    let rounds = &report.rounds;
    Answer {
        about: subject.named(),
        simulated: name,
        window,
        seed: report.seed,
        events: report.events,
        looked_at: report.looked_at,
        types: report.types.iter().map(|of_type| self::of_type(subject, of_type)).collect(),
        pairs: report.pairs.iter().map(|pair| of_pair(subject, pair)).collect(),
        rounds: Rounds {
            asked: rounds.asked,
            run: rounds.run,
            differing: rounds.differing,
            faults: rounds.faults,
            minimal: rounds.minimal.as_ref().map(|minimal| fewest(subject, minimal)),
        },
        advice: report.advice(),
        complete: report.complete,
    }
}

fn of_type(subject: &Subject, of_type: &TypeReport) -> OfType {
    let TypeReport { type_name, seen, tried, differing, refused, without_effect, .. } = of_type;
    OfType {
        type_name: type_name.to_string(),
        seen: *seen,
        tried: *tried,
        differing: *differing,
        refused: *refused,
        without_effect: *without_effect,
        example: of_type.example.as_ref().map(|example| shown(subject, example)),
        late: of_type.late.as_ref().map(|example| shown(subject, example)),
    }
}

fn of_pair(subject: &Subject, pair: &PairReport) -> OfPair {
    OfPair {
        types: [&pair.first, &pair.second].map(ToString::to_string),
        tried: pair.tried,
        differing: pair.differing,
        example: pair.example.as_ref().map(|example| shown(subject, example)),
    }
}

fn shown(subject: &Subject, example: &Example) -> Shown {
    Shown {
        at: subject.at(example.step),
        other: example.other_step.map(|step| subject.at(step)),
        changes: example.changes.iter().map(Differs::of).collect(),
        more_changes: example.more_changes,
        error: example.error.as_ref().map(ToString::to_string),
    }
}

fn fewest(subject: &Subject, minimal: &Minimal) -> Fewest {
    let fault = |fault: &Fault| {
        let (name, by) = match *fault {
            Fault::Twice { after, .. } => ("twice", Some(after)),
            Fault::Lost { .. } => ("lost", None),
            Fault::Late { by, .. } => ("late", Some(by)),
        };
        OneFault { fault: name, at: subject.at(fault.step()), by }
    };
    Fewest {
        faults: minimal.faults.iter().map(fault).collect(),
        changes: minimal.changes.iter().map(Differs::of).collect(),
        more_changes: minimal.more_changes,
    }
}
