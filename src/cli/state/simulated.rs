//! What faults in delivery would do to the state: as JSON, and for people.

use serde::Serialize;
use serde_json::value::RawValue;

use super::answers::{Differs, Named, raw};
use super::subject::Subject;
use crate::analysis::state::delivery::{Example, Fault, Kind, Minimal, PairReport, Report, TypeReport};
use crate::analysis::state::diff::Change;
use crate::base::text::plural;

#[derive(Serialize)]
pub(super) struct Simulated {
    #[serde(flatten)]
    about: Named,
    simulate: &'static str,
    /// Events that one may come late by.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u32>,
    seed: u64,
    events: u32,
    /// Of them so many were tried one by one.
    looked_at: u32,
    pub(super) findings: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    types: Vec<OfType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pairs: Vec<OfPair>,
    rounds: OfRounds,
    /// After the true history.
    state: Box<RawValue>,
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
    example: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<Shown>,
}

#[derive(Serialize)]
struct OfPair {
    first: String,
    second: String,
    tried: u32,
    differing: u32,
    example: Option<Shown>,
}

/// From the true state to the one with the fault.
#[derive(Serialize)]
struct Shown {
    ix: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_ix: Option<u64>,
    changes: Vec<Differs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct OfRounds {
    asked: u32,
    run: u32,
    differing: u32,
    faults: u32,
    minimal: Option<Smallest>,
}

#[derive(Serialize)]
struct Smallest {
    faults: Vec<OfFault>,
    changes: Vec<Differs>,
}

#[derive(Serialize)]
struct OfFault {
    fault: &'static str,
    ix: Option<u64>,
    #[serde(rename = "type")]
    type_name: String,
    /// Events between it and its copy, or that came before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<u32>,
}

pub(super) fn answer(report: &Report, subject: &Subject) -> Simulated {
    let (simulate, window) = match report.kind {
        Kind::Duplicates => ("duplicates", None),
        Kind::Loss => ("loss", None),
        Kind::Reorder { window } => ("reorder", Some(window)),
    };
    let rounds = &report.rounds;
    Simulated {
        about: subject.named(),
        simulate,
        window,
        seed: report.seed,
        events: report.events,
        looked_at: report.looked_at,
        findings: report.has_findings(),
        types: report.types.iter().map(|of_type| self::of_type(of_type, subject)).collect(),
        pairs: report.pairs.iter().map(|pair| of_pair(pair, subject)).collect(),
        rounds: OfRounds {
            asked: rounds.asked,
            run: rounds.run,
            differing: rounds.differing,
            faults: rounds.faults,
            minimal: rounds.minimal.as_ref().map(|minimal| smallest(minimal, subject)),
        },
        state: raw(&report.end),
        complete: report.complete,
    }
}

fn of_type(report: &TypeReport, subject: &Subject) -> OfType {
    OfType {
        type_name: report.type_name.to_string(),
        seen: report.seen,
        tried: report.tried,
        differing: report.differing,
        refused: report.refused,
        without_effect: report.without_effect,
        example: report.example.as_ref().map(|example| shown(example, subject)),
        late: report.late.as_ref().map(|example| shown(example, subject)),
    }
}

fn of_pair(pair: &PairReport, subject: &Subject) -> OfPair {
    OfPair {
        first: pair.first.to_string(),
        second: pair.second.to_string(),
        tried: pair.tried,
        differing: pair.differing,
        example: pair.example.as_ref().map(|example| shown(example, subject)),
    }
}

fn shown(example: &Example, subject: &Subject) -> Shown {
    Shown {
        ix: example.event.map(|event| event.0),
        other_ix: example.other_step.and_then(|step| subject.ix(step)),
        changes: example.changes.iter().map(Differs::of).collect(),
        error: example.error.as_ref().map(ToString::to_string),
    }
}

fn smallest(minimal: &Minimal, subject: &Subject) -> Smallest {
    let of_fault = |(fault, type_name): (&Fault, &std::sync::Arc<str>)| {
        let (name, events) = match *fault {
            Fault::Twice { after, .. } => ("twice", Some(after)),
            Fault::Lost { .. } => ("lost", None),
            Fault::Late { by, .. } => ("late", Some(by)),
        };
        OfFault { fault: name, ix: subject.ix(fault.step()), type_name: type_name.to_string(), events }
    };
    Smallest {
        faults: minimal.faults.iter().zip(&minimal.type_names).map(of_fault).collect(),
        changes: minimal.changes.iter().map(Differs::of).collect(),
    }
}

pub(super) fn text(report: &Report, subject: &Subject) -> Vec<String> {
    let rounds = &report.rounds;
    let what = match report.kind {
        Kind::Duplicates => "duplicates".to_owned(),
        Kind::Loss => "losses".to_owned(),
        Kind::Reorder { window } => format!("events up to {window} late"),
    };
    let mut lines = vec![format!(
        "{}, {}: {} of {} with random {what} (seed {}) end in another state",
        subject.name,
        plural(report.events.into(), "event", "events"),
        rounds.differing,
        plural(rounds.run.into(), "history", "histories"),
        report.seed,
    )];
    lines.push(String::new());
    for of_type in &report.types {
        let example = of_type.example.as_ref().or(of_type.late.as_ref());
        let verdict = match (of_type.differing, of_type.late.is_some()) {
            (0, false) => "makes no difference".to_owned(),
            (0, true) => "differs when it comes later".to_owned(),
            (n, _) => format!("differs {n} of {} times", of_type.tried),
        };
        lines.push(format!("{}: {verdict}{}", of_type.type_name, of_example(example, subject)));
    }
    for pair in &report.pairs {
        let verdict = match pair.differing {
            0 => "commute".to_owned(),
            n => format!("do not commute, {n} of {} times", pair.tried),
        };
        let example = of_example(pair.example.as_ref(), subject);
        lines.push(format!("{} and {}: {verdict}{example}", pair.first, pair.second));
    }
    if let Some(minimal) = &rounds.minimal {
        lines.push(String::new());
        let faults = minimal.faults.iter().zip(&minimal.type_names);
        let faults: Vec<String> = faults.map(|(fault, name)| in_words(*fault, name, subject)).collect();
        lines.push(format!("fewest faults that matter: {}{}", faults.join(", "), changed(&minimal.changes)));
    }
    if !report.complete {
        lines.push("incomplete: the reducer stopped on the way".to_owned());
    }
    lines
}

fn in_words(fault: Fault, type_name: &str, subject: &Subject) -> String {
    let ix = subject.ix(fault.step()).map_or_else(|| "?".to_owned(), |ix| ix.to_string());
    match fault {
        Fault::Twice { after: 0, .. } => format!("event {ix} {type_name} twice"),
        Fault::Twice { after, .. } => {
            format!("event {ix} {type_name} again after {}", plural(after.into(), "more event", "more events"))
        }
        Fault::Lost { .. } => format!("event {ix} {type_name} lost"),
        Fault::Late { by, .. } => format!("event {ix} {type_name} late by {}", plural(by.into(), "event", "events")),
    }
}

fn of_example(example: Option<&Example>, subject: &Subject) -> String {
    let Some(example) = example else { return String::new() };
    let ix = subject.ix(example.step).map_or_else(String::new, |ix| format!(", as event {ix}"));
    let error = example.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
    format!("{ix}{}{error}", changed(&example.changes))
}

fn changed(changes: &[Change]) -> String {
    let show = |value: &Option<_>| value.as_ref().map_or("–".to_owned(), ToString::to_string);
    let line = |change: &Change| {
        let Change { path, before, after } = change;
        format!("{} {} instead of {}", path.dotted(), show(after), show(before))
    };
    let lines: Vec<String> = changes.iter().take(3).map(line).collect();
    if lines.is_empty() { String::new() } else { format!(": {}", lines.join(", ")) }
}
