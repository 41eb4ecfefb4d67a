//! What was found, and what to do about it, in sentences.

use super::Kind;
use super::report::{Example, Fault, Minimal, PairReport, Report, TypeReport};
use crate::analysis::state::compare::in_words;
use crate::analysis::state::diff::Change;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::base::text::{count, plural};

/// Types named in one line.
const NAMED: usize = 6;
/// Findings of a kind that have a line of their own; the rest is counted.
const MOST_LINES: usize = 20;

impl Report {
    /// One finding a line: what matters first, then what was looked at.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.kind {
            Kind::Duplicates => self.duplicates(&mut lines),
            Kind::Loss => self.losses(&mut lines),
            Kind::Reorder { .. } => self.order(&mut lines),
        }
        lines.extend(self.rounds_in_words());
        lines.push(self.coverage());
        lines
    }

    fn duplicates(&self, lines: &mut Vec<String>) {
        for (of_type, example) in self.types.iter().filter_map(with_example).take(MOST_LINES) {
            lines.push(format!(
                "{} is not idempotent: deliver the one of step {} twice and {}. {}",
                name(&of_type.type_name),
                count(example.step.into()),
                in_words(&example.changes, example.more_changes),
                remedy(example)
            ));
        }
        push_rest(lines, self.types.iter().filter_map(with_example).count(), "more that are not idempotent");
        let late = || self.types.iter().filter(|of_type| of_type.differing == 0).filter_map(late);
        for (of_type, late) in late().take(MOST_LINES) {
            let after = late.other_step.map_or_else(String::new, |step| format!(" after step {}", count(step.into())));
            lines.push(format!(
                "{} may come twice in a row, but a late copy undoes what came between: the one of step {} again{after}, \
                 and {}.",
                name(&of_type.type_name),
                count(late.step.into()),
                in_words(&late.changes, late.more_changes),
            ));
        }
        push_rest(lines, late().count(), "more that must not come late again");
        if late().next().is_some() {
            lines.push(
                "Refuse copies that are older than the state (compare versions), or keep a processed_events table."
                    .to_owned(),
            );
        }
        let fine = |of_type: &&TypeReport| of_type.differing == 0 && of_type.late.is_none() && of_type.tried > 0;
        self.name_types(lines, "Duplicates do no harm to", fine);
    }

    fn losses(&self, lines: &mut Vec<String>) {
        for (of_type, example) in self.types.iter().filter_map(with_example).take(MOST_LINES) {
            lines.push(format!(
                "{} must not be lost: without the one of step {} the history ends differently, {}.",
                name(&of_type.type_name),
                count(example.step.into()),
                in_words(&example.changes, example.more_changes),
            ));
        }
        push_rest(lines, self.types.iter().filter_map(with_example).count(), "more that must not be lost");
        if self.types.iter().any(|of_type| of_type.differing > 0) {
            lines.push("Deliver at least once, and let consumers notice gaps in the versions.".to_owned());
        }
        let healed = |of_type: &&TypeReport| of_type.differing == 0 && of_type.tried > 0;
        self.name_types(lines, "Later events make up for a lost", healed);
        let idle = |of_type: &&TypeReport| of_type.without_effect == of_type.seen;
        self.name_types(lines, "The state does not depend on", idle);
    }

    fn order(&self, lines: &mut Vec<String>) {
        let differing = || self.pairs.iter().filter_map(|pair| Some((pair, pair.example.as_ref()?)));
        lines.extend(differing().take(MOST_LINES).map(|(pair, example)| pair_in_words(pair, example)));
        push_rest(lines, differing().count(), "more that do not commute");
        if self.pairs.iter().any(|pair| pair.differing > 0) {
            lines.push("Keep an entity's events in one partition, by its id, or compare versions.".to_owned());
        }
        let fine = self.pairs.iter().filter(|pair| pair.differing == 0);
        let names: Vec<String> = fine
            .map(|pair| {
                let first = name(&pair.first);
                if pair.first == pair.second {
                    format!("two {first}")
                } else {
                    format!("{first} and {}", name(&pair.second))
                }
            })
            .collect();
        push_names(lines, "May come in either order:", &names);
    }

    fn name_types(&self, lines: &mut Vec<String>, what: &str, which: impl Fn(&&TypeReport) -> bool) {
        let names: Vec<String> = self.types.iter().filter(which).map(|of_type| name(&of_type.type_name)).collect();
        push_names(lines, what, &names);
    }

    fn rounds_in_words(&self) -> Option<String> {
        let rounds = &self.rounds;
        if rounds.run == 0 {
            let why = match self.kind {
                _ if self.events == 0 => "There are no events.",
                Kind::Reorder { .. } if self.events == 1 => "A history of one event has no order to change.",
                _ => return None,
            };
            return Some(why.to_owned());
        }
        let (what, each) = match self.kind {
            Kind::Duplicates => ("duplicates", plural(rounds.faults.into(), "duplicate", "duplicates")),
            Kind::Loss => ("losses", plural(rounds.faults.into(), "lost event", "lost events")),
            Kind::Reorder { .. } => ("late events", plural(rounds.faults.into(), "late event", "late events")),
        };
        if rounds.differing == 0 {
            let runs = plural(rounds.run.into(), "random history", "random histories");
            return Some(format!("None of {runs} with {each} each ends differently."));
        }
        let mut text = format!(
            "{} of {} with {each} each end differently.",
            count(rounds.differing.into()),
            plural(rounds.run.into(), "random history", "random histories"),
        );
        if let Some(minimal) = &rounds.minimal {
            let enough = if minimal.faults.len() == 1 { "One is enough" } else { "The fewest that do it" };
            text.push_str(&format!(
                " {enough}: {}, and at the end {}.",
                faults_in_words(minimal),
                in_words(&minimal.changes, minimal.more_changes)
            ));
        } else {
            text.push_str(&format!(" Which of the {what} does it was not found out in the time given."));
        }
        Some(text)
    }

    fn coverage(&self) -> String {
        let mut text = if self.events == 1 && self.looked_at == 1 {
            "Looked at its only event".to_owned()
        } else if self.looked_at == self.events {
            format!("Looked at all {}", plural(self.events.into(), "event", "events"))
        } else {
            format!("Looked at {} of {} events one by one", count(self.looked_at.into()), count(self.events.into()))
        };
        if self.rounds.run < self.rounds.asked && self.rounds.run > 0 {
            text.push_str(&format!(
                ", and ran {} of {} random histories",
                count(self.rounds.run.into()),
                count(self.rounds.asked.into())
            ));
        }
        match &self.stopped {
            Some(stopped) => text.push_str(&format!(", then the reducer stopped: {}", stopped.error)),
            None if !self.complete => text.push_str(", then it was cancelled"),
            None => (),
        }
        text.push_str(&format!(". Seed {}.", self.seed));
        text
    }
}

fn push_rest(lines: &mut Vec<String>, all: usize, what: &str) {
    if let Some(rest @ 1..) = all.checked_sub(MOST_LINES) {
        lines.push(format!("And {} {what}.", count(rest as u64)));
    }
}

fn with_example(of_type: &TypeReport) -> Option<(&TypeReport, &Example)> {
    Some((of_type, of_type.example.as_ref()?))
}

fn late(of_type: &TypeReport) -> Option<(&TypeReport, &Example)> {
    Some((of_type, of_type.late.as_ref()?))
}

fn pair_in_words(pair: &PairReport, example: &Example) -> String {
    let (first, second) = (name(&pair.first), name(&pair.second));
    let what = if first == second {
        format!("Two {first} do not commute")
    } else {
        format!("{first} and {second} do not commute")
    };
    let steps = match example.other_step {
        Some(other) => format!("exchange steps {} and {}", count(example.step.into()), count(other.into())),
        None => format!("exchange step {} with the next one", count(example.step.into())),
    };
    let refused = match &example.error {
        Some(error) => format!(" (the reducer refuses one: {error})"),
        None => String::new(),
    };
    format!("{what}: {steps} and {}{refused}.", in_words(&example.changes, example.more_changes))
}

/// What helps against a duplicate, by what it changed.
fn remedy(example: &Example) -> String {
    let table = "Keep a processed_events table";
    match example.changes.first() {
        Some(Change { path, before: Some(Value::Number(_)), after: Some(Value::Number(_)) }) => {
            format!("{table}, or let the event carry the new {}.", path.dotted())
        }
        Some(Change { path, before: None, after: Some(_) }) if is_element(path) => {
            let list = path.parent().unwrap_or_default().dotted();
            format!("{table}, or give what is added to {list} an id and add it only once.")
        }
        _ => format!("{table} with the ids of events that were folded."),
    }
}

fn is_element(path: &Path) -> bool {
    path.steps().last().is_some_and(|step| step.parse::<usize>().is_ok())
}

fn faults_in_words(minimal: &Minimal) -> String {
    let names = minimal.type_names.iter().map(Some).chain(std::iter::repeat(None));
    let words = minimal.faults.iter().zip(names).map(|(fault, type_name)| {
        let step = count(fault.step().into());
        let of = format!("{} of step {step}", type_name.map_or_else(|| "the event".to_owned(), |of| name(of)));
        let later = |events: u32| plural(events.into(), "event", "events");
        match fault {
            Fault::Twice { after: 0, .. } => format!("{of} comes twice"),
            Fault::Twice { after, .. } => format!("{of} comes again {} later", later(*after)),
            Fault::Lost { .. } => format!("{of} is lost"),
            Fault::Late { by, .. } => format!("{of} comes {} late", later(*by)),
        }
    });
    words.collect::<Vec<_>>().join(" and ")
}

fn push_names(lines: &mut Vec<String>, what: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let mut text = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(NAMED) {
        text.push_str(&format!(" and {} more", count(more as u64)));
    }
    lines.push(format!("{what} {text}."));
}

fn name(type_name: &str) -> String {
    if type_name.is_empty() { "An event without a type".to_owned() } else { type_name.to_owned() }
}
