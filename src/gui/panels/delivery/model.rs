//! The question as it is typed, and what the report says in the panel's words.

use crate::analysis::state::compare::{in_words, short};
use crate::analysis::state::delivery::{Example, Fault, Kind, Minimal, PairReport, Report, Request, TypeReport};
use crate::analysis::state::diff::Change;
use crate::base::text::{count, plural};

/// Which fault is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    #[default]
    Duplicates,
    Loss,
    Reorder,
}

impl Choice {
    pub const ALL: [Self; 3] = [Self::Duplicates, Self::Loss, Self::Reorder];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Duplicates => "Duplicates",
            Self::Loss => "Losses",
            Self::Reorder => "Reordering",
        }
    }

    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Duplicates => "At least once: an event comes again, at once or later",
            Self::Loss => "At most once: an event does not come",
            Self::Reorder => "An event comes late, inside a window",
        }
    }
}

/// The form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub choice: Choice,
    /// Events that a late one may be late by.
    pub window: u32,
    pub seed: u64,
    pub rounds: u32,
}

impl Default for Form {
    fn default() -> Self {
        Self { choice: Choice::default(), window: 4, seed: 1, rounds: 100 }
    }
}

impl Form {
    #[must_use]
    pub fn request(&self) -> Request {
        let kind = match self.choice {
            Choice::Duplicates => Kind::Duplicates,
            Choice::Loss => Kind::Loss,
            Choice::Reorder => Kind::Reorder { window: self.window.max(1) },
        };
        Request { rounds: self.rounds, ..Request::new(kind, self.seed) }
    }
}

/// Whether a finding is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Fine,
    Doubtful,
    Harm,
}

/// One line that answers the question.
#[must_use]
pub fn verdict(report: &Report) -> (Mood, String) {
    if let Some(stopped) = &report.stopped {
        return (Mood::Doubtful, format!("The reducer stopped: {}", stopped.error));
    }
    if report.events == 0 {
        return (Mood::Doubtful, "There are no events to deliver".to_owned());
    }
    if !report.has_findings() {
        let words = match report.kind {
            Kind::Duplicates => "Duplicates do no harm to this history",
            Kind::Loss => "Losses do not change where this history ends",
            Kind::Reorder { .. } => "Order inside the window does not matter to this history",
        };
        return (Mood::Fine, words.to_owned());
    }
    let harmful = report.types.iter().filter(|t| t.differing > 0).count() as u64;
    let late = report.types.iter().filter(|t| t.differing == 0 && t.late.is_some()).count() as u64;
    let pairs = report.pairs.iter().filter(|p| p.differing > 0).count() as u64;
    let types = plural(harmful, "type of event", "types of event");
    let words = match report.kind {
        Kind::Duplicates if harmful == 0 => {
            format!("{} must not come again late", plural(late, "type of event", "types of event"))
        }
        Kind::Duplicates if harmful == 1 => format!("{types} is not idempotent"),
        Kind::Duplicates => format!("{types} are not idempotent"),
        Kind::Loss => format!("{types} must not be lost"),
        Kind::Reorder { .. } if pairs == 1 => "1 pair of types does not commute".to_owned(),
        Kind::Reorder { .. } => format!("{} pairs of types do not commute", count(pairs)),
    };
    let rounds = &report.rounds;
    let share = if rounds.run == 0 {
        String::new()
    } else {
        format!("; {} of {} random histories end differently", count(rounds.differing.into()), count(rounds.run.into()))
    };
    (Mood::Harm, format!("{words}{share}"))
}

/// A row of the table: type (or pair), what it is, how often, an example, where the example is.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub name: String,
    pub mood: Mood,
    pub verdict: &'static str,
    pub tried: String,
    pub example: String,
    pub step: Option<u32>,
}

#[must_use]
pub fn findings(report: &Report) -> Vec<Finding> {
    // In another order types matter in pairs only.
    let alone = if matches!(report.kind, Kind::Reorder { .. }) { &[][..] } else { &report.types[..] };
    let types = alone.iter().map(|of| of_type(report.kind, of));
    types.chain(report.pairs.iter().map(of_pair)).collect()
}

fn of_type(kind: Kind, of: &TypeReport) -> Finding {
    let harm = of.differing > 0;
    let example = of.example.as_ref().or(of.late.as_ref());
    let verdict = match (kind, harm, of.late.is_some()) {
        _ if of.tried == 0 => "not tried",
        (Kind::Loss, true, _) => "must not be lost",
        (Kind::Loss, false, _) => "may be lost",
        (_, true, _) => "not idempotent",
        (_, false, true) => "harmful when late",
        (_, false, false) => "idempotent",
    };
    let mood = if harm {
        Mood::Harm
    } else if of.late.is_some() || of.tried == 0 {
        Mood::Doubtful
    } else {
        Mood::Fine
    };
    Finding {
        name: of.type_name.to_string(),
        mood,
        verdict,
        tried: format!("{} of {}", count(of.differing.into()), count(of.tried.into())),
        example: example.map(words).unwrap_or_default(),
        step: example.map(|e| e.step),
    }
}

fn of_pair(pair: &PairReport) -> Finding {
    let harm = pair.differing > 0;
    Finding {
        name: format!("{}, {}", pair.first, pair.second),
        mood: if harm { Mood::Harm } else { Mood::Fine },
        verdict: if harm { "do not commute" } else { "commute" },
        tried: format!("{} of {}", count(pair.differing.into()), count(pair.tried.into())),
        example: pair.example.as_ref().map(words).unwrap_or_default(),
        step: pair.example.as_ref().map(|e| e.step),
    }
}

fn words(example: &Example) -> String {
    let what = match &example.error {
        Some(error) if example.changes.is_empty() => error.to_string(),
        _ => in_words(&example.changes, example.more_changes),
    };
    format!("event {}: {what}", example.step)
}

/// The faults of the smallest counter-example, each with its step and sentence.
#[must_use]
pub fn faults(minimal: &Minimal) -> Vec<(u32, String)> {
    let name = |i: usize| minimal.type_names.get(i).map_or("", |name| &**name);
    let faults = minimal.faults.iter().enumerate();
    faults
        .map(|(i, fault)| {
            let (step, name) = (fault.step(), name(i));
            let words = match fault {
                Fault::Twice { after: 0, .. } => format!("{name} comes twice"),
                Fault::Twice { after, .. } => format!("{name} comes again {} later", events(*after)),
                Fault::Lost { .. } => format!("{name} is lost"),
                Fault::Late { by, .. } => format!("{name} comes {} late", events(*by)),
            };
            (step, words)
        })
        .collect()
}

fn events(n: u32) -> String {
    plural(n.into(), "event", "events")
}

/// Place, true value, value with the faults.
#[must_use]
pub fn sides(change: &Change) -> [String; 3] {
    let side = |value: &Option<crate::analysis::state::value::Value>| value.as_ref().map_or("–".to_owned(), short);
    [change.path.dotted(), side(&change.before), side(&change.after)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::delivery::simulate;
    use crate::analysis::state::fold::{LIMIT_BYTES, fold};
    use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
    use crate::analysis::state::reducers::compile;
    use crate::analysis::state::testing::Given;
    use crate::base::cancel::Cancel;
    use std::sync::Arc;

    fn run(rules: &str, form: Form) -> Report {
        let source = ReducerSource { kind: ReducerKind::Rules, text: rules.into() };
        let mut reducer = compile(&source).expect("rules");
        let events = Arc::new(Given::amounts([5, 3, 9]));
        let cancel = Cancel::new();
        let folded = fold(events, source, &mut *reducer, None, LIMIT_BYTES, &cancel, &mut |_| ());
        simulate(&folded, &mut *reducer, &form.request(), &cancel, &mut |_| ())
    }

    #[test]
    fn sums_and_sets_are_told_apart() {
        let sum = "on T\n  balance += amount\n";
        let set = "on T\n  balance = amount\n";
        for (rules, choice, mood, expected, finding) in [
            (sum, Choice::Duplicates, Mood::Harm, "1 type of event is not idempotent", "not idempotent"),
            (sum, Choice::Loss, Mood::Harm, "1 type of event must not be lost", "must not be lost"),
            (sum, Choice::Reorder, Mood::Fine, "Order inside the window does not matter", "commute"),
            (set, Choice::Reorder, Mood::Harm, "1 pair of types does not commute", "do not commute"),
        ] {
            let report = run(rules, Form { choice, ..Form::default() });
            let (found, words) = verdict(&report);
            assert!(found == mood && words.starts_with(expected), "{words}");
            let findings = findings(&report);
            assert_eq!(findings.first().map(|f| f.verdict), Some(finding));
            let step = findings.first().and_then(|f| f.step);
            assert_eq!(step.is_some(), mood == Mood::Harm);
        }
    }

    #[test]
    fn the_smallest_example_is_one_fault() {
        let report = run("on T\n  balance += amount\n", Form::default());
        let minimal = report.rounds.minimal.expect("every round ends differently");
        let faults = faults(&minimal);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].1.starts_with("T comes"), "{}", faults[0].1);
        let [place, before, _] = sides(&minimal.changes[0]);
        assert_eq!((&*place, &*before), ("balance", "17"));
    }
}
