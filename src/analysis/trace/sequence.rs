//! A chain as a sequence diagram: services as life lines, events as messages from the service of their
//! cause to their own. What a person folds is left out and counted, never silently.

use rapidhash::RapidHashMap;

use super::describe::{DescribedEvent, Description};
use crate::model::ids::EventIx;

/// Where a service has no name.
pub const UNKNOWN: &str = "(no service)";

/// What is left out or drawn together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    /// The same message several times in a row becomes one, with their number.
    pub repetitions: bool,
    /// Types whose messages are left out.
    pub types: Vec<String>,
    /// Services whose messages are left out, and their life lines with them.
    pub services: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// In the order of first appearance.
    pub services: Vec<String>,
    pub messages: Vec<Message>,
    /// Events that have no message of their own.
    pub folded: u64,
    /// Causes that are not in the log: the id, and the life line of the event that names it.
    pub missing: Vec<(String, u32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Life lines, as indexes into the services.
    pub from: u32,
    pub to: u32,
    pub label: String,
    /// The first of them.
    pub event: EventIx,
    pub count: u32,
    /// Since the chain's first event.
    pub after_ns: Option<i64>,
    pub critical: bool,
    /// As in [`DescribedEvent::odd`], of the first.
    pub odd: Vec<&'static str>,
    /// The cause is a guess.
    pub inferred: bool,
}

impl Sequence {
    #[must_use]
    pub fn of(chain: &Description, folding: &Folding) -> Self {
        let mut sequence = Self::default();
        let mut lines: RapidHashMap<&str, u32> = RapidHashMap::default();
        let mut line_of: RapidHashMap<EventIx, u32> = RapidHashMap::default();
        let first = chain.events.iter().filter_map(|event| event.instant).min();
        let mut critical: Vec<EventIx> = chain.critical_path.clone();
        critical.sort_unstable();
        for event in &chain.events {
            let service = service(event);
            if folding.services.iter().any(|name| name == service) {
                sequence.folded += 1;
                continue;
            }
            let next = lines.len() as u32;
            let to = *lines.entry(service).or_insert(next);
            if to == next {
                sequence.services.push(service.to_owned());
            }
            line_of.insert(event.ix, to);
            if folding.types.contains(&event.type_name) {
                sequence.folded += 1;
                continue;
            }
            let from = event.causes.iter().rev().find_map(|cause| line_of.get(cause)).copied().unwrap_or(to);
            if folding.repetitions
                && let Some(last) = sequence.messages.last_mut()
                && (last.from, last.to, last.label.as_str()) == (from, to, event.type_name.as_str())
            {
                last.count += 1;
                sequence.folded += 1;
                continue;
            }
            sequence.messages.push(Message {
                from,
                to,
                label: event.type_name.clone(),
                event: event.ix,
                count: 1,
                after_ns: event.instant.zip(first).map(|(at, first)| at.0.saturating_sub(first.0)),
                critical: critical.binary_search(&event.ix).is_ok(),
                odd: event.odd.clone(),
                inferred: chain.inferred && !event.causes.is_empty(),
            });
        }
        let missing = chain.missing.iter();
        let missing = missing.filter_map(|missing| Some((missing.id.clone(), *line_of.get(&missing.wanted_by)?)));
        sequence.missing = missing.collect();
        sequence
    }

    /// `12 of 340 events are folded`, where any are.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let shown: u64 = self.messages.iter().map(|message| u64::from(message.count)).sum();
        let repeated: u64 = self.messages.iter().map(|message| u64::from(message.count - 1)).sum();
        let all = shown + self.folded - repeated;
        let count = crate::base::text::count;
        (self.folded > 0).then(|| format!("{} of {} events are folded", count(self.folded), count(all)))
    }
}

/// `PaymentRequested ×3`.
impl Message {
    #[must_use]
    pub fn words(&self) -> String {
        if self.count > 1 { format!("{} ×{}", self.label, self.count) } else { self.label.clone() }
    }
}

#[must_use]
pub fn service(event: &DescribedEvent) -> &str {
    event.service.as_deref().filter(|name| !name.is_empty()).unwrap_or(UNKNOWN)
}
