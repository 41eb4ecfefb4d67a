//! A chain as a sequence diagram: services as life lines, events as messages from the services of their
//! causes to their own. What a person folds is left out and counted, and where it lay between two
//! messages is said.

use rapidhash::RapidHashMap;

use super::describe::{DescribedEvent, Description};
use crate::base::text::count;
use crate::model::ids::EventIx;

/// Where a service has no name.
pub const UNKNOWN: &str = "(no service)";

/// Folded services that are named where a cause leads through more.
const NAMED: usize = 2;

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
    /// Events of the chain.
    pub events: u64,
    /// Causes that are not in the log: the id, and the life line of the event that names it.
    pub missing: Vec<(String, u32)>,
    /// The first message of each event that has one.
    rows: RapidHashMap<EventIx, u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Life lines, as indexes into the services.
    pub from: u32,
    pub to: u32,
    pub label: String,
    /// One, or all of the repetitions that it stands for, in causal order.
    pub events: Vec<EventIx>,
    /// A further arrow to the event of the message before it, which has causes in several services.
    pub again: bool,
    /// Its cause lies in a folded service: `via payments`, or `from payments` where nothing before that
    /// is shown.
    pub through: String,
    /// Since the chain's first event.
    pub after_ns: Option<i64>,
    /// Any of them is on the critical path.
    pub critical: bool,
    /// As in [`DescribedEvent::odd`], of any of them.
    pub odd: Vec<&'static str>,
    /// The cause is a guess.
    pub inferred: bool,
}

/// Where an event's effects come from: its life line, or what is shown before it where it is folded.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin<'a> {
    /// None where nothing before the folded services is shown.
    line: Option<u32>,
    folded: Vec<&'a str>,
}

impl Sequence {
    #[must_use]
    pub fn of(chain: &Description, folding: &Folding) -> Self {
        let mut sequence = Self { events: chain.events.len() as u64, ..Self::default() };
        let mut lines: RapidHashMap<&str, u32> = RapidHashMap::default();
        let mut origins: RapidHashMap<EventIx, Vec<Origin<'_>>> = RapidHashMap::default();
        let first = chain.events.iter().filter_map(|event| event.instant).min();
        let mut critical: Vec<EventIx> = chain.critical_path.clone();
        critical.sort_unstable();
        for event in &chain.events {
            let service = service(event);
            let mut before = origins_of(event, &origins);
            if folding.services.iter().any(|name| name == service) {
                before.iter_mut().filter(|origin| !origin.folded.contains(&service)).for_each(|origin| {
                    origin.folded.push(service);
                });
                if before.is_empty() {
                    before.push(Origin { line: None, folded: vec![service] });
                }
                origins.insert(event.ix, before);
                sequence.folded += 1;
                continue;
            }
            let next = lines.len() as u32;
            let to = *lines.entry(service).or_insert(next);
            if to == next {
                sequence.services.push(service.to_owned());
            }
            origins.insert(event.ix, vec![Origin { line: Some(to), folded: Vec::new() }]);
            if folding.types.contains(&event.type_name) {
                sequence.folded += 1;
                continue;
            }
            // What its own service did before stands above it on the same line anyway.
            let here = Origin { line: Some(to), folded: Vec::new() };
            if before.len() > 1 {
                before.retain(|origin| *origin != here);
            }
            if before.is_empty() {
                before.push(here);
            }
            for (at, origin) in before.iter().enumerate() {
                let message = Message {
                    from: origin.line.unwrap_or(to),
                    to,
                    label: event.type_name.clone(),
                    events: vec![event.ix],
                    again: at > 0,
                    through: through(origin),
                    after_ns: event.instant.zip(first).map(|(at, first)| at.0.saturating_sub(first.0)),
                    critical: critical.binary_search(&event.ix).is_ok(),
                    odd: event.odd.clone(),
                    inferred: chain.inferred && !event.causes.is_empty(),
                };
                sequence.add(message, folding.repetitions && before.len() == 1);
            }
        }
        let missing = chain.missing.iter().filter_map(|missing| {
            // Of a folded event that is no more than one of those left out.
            let origin = origins.get(&missing.wanted_by)?.first().filter(|origin| origin.folded.is_empty())?;
            Some((missing.id.clone(), origin.line?))
        });
        sequence.missing = missing.collect();
        for (row, message) in sequence.messages.iter().enumerate().filter(|(_, message)| !message.again) {
            sequence.rows.extend(message.events.iter().map(|event| (*event, row as u32)));
        }
        sequence
    }

    /// One more message, or one more of the message before it.
    fn add(&mut self, message: Message, folds: bool) {
        if folds
            && let Some(last) = self.messages.last_mut()
            && last.is_like(&message)
        {
            last.events.extend(message.events);
            last.critical |= message.critical;
            for odd in message.odd {
                if !last.odd.contains(&odd) {
                    last.odd.push(odd);
                }
            }
            self.folded += 1;
            return;
        }
        self.messages.push(message);
    }

    /// `12 of 340 events are folded`, where any are.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        (self.folded > 0).then(|| format!("{} of {} events are folded", count(self.folded), count(self.events)))
    }

    /// The first message that stands for an event.
    #[must_use]
    pub fn row_of(&self, event: EventIx) -> Option<usize> {
        self.rows.get(&event).map(|row| *row as usize)
    }
}

impl Message {
    /// The first of its events.
    #[must_use]
    pub fn event(&self) -> EventIx {
        self.events.first().copied().unwrap_or_default()
    }

    /// `PaymentRequested ×3`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.label.clone();
        if self.events.len() > 1 {
            words.push_str(&format!(" ×{}", self.events.len()));
        }
        if self.again {
            words.push_str(", same event");
        }
        if !self.through.is_empty() {
            words.push_str(&format!(" ({})", self.through));
        }
        words
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.from, self.to, self.again, &self.label, &self.through)
            == (other.from, other.to, other.again, &other.label, &other.through)
    }
}

/// The origins of an event's causes, each line once.
fn origins_of<'a>(event: &DescribedEvent, known: &RapidHashMap<EventIx, Vec<Origin<'a>>>) -> Vec<Origin<'a>> {
    let mut found: Vec<Origin<'a>> = Vec::new();
    // The latest cause comes first, and a direct one hides the way through a folded service.
    for origin in event.causes.iter().rev().filter_map(|cause| known.get(cause)).flatten() {
        match found.iter_mut().find(|other| other.line == origin.line) {
            Some(other) if origin.folded.is_empty() => other.folded.clear(),
            Some(_) => (),
            None => found.push(origin.clone()),
        }
    }
    found
}

fn through(origin: &Origin<'_>) -> String {
    let Some(first) = origin.folded.first() else { return String::new() };
    let mut names = (*first).to_owned();
    for name in origin.folded.iter().take(NAMED).skip(1) {
        names.push_str(&format!(" and {name}"));
    }
    if origin.folded.len() > NAMED {
        names.push_str(&format!(" and {} more", origin.folded.len() - NAMED));
    }
    let word = if origin.line.is_some() { "via" } else { "from" };
    format!("{word} {names}, folded")
}

#[must_use]
pub fn service(event: &DescribedEvent) -> &str {
    event.service.as_deref().filter(|name| !name.is_empty()).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as `service type causes`, the causes as places: `stock Reserved 0 2`.
    fn chain(events: &[&str]) -> Description {
        let event = |(at, text): (usize, &&str)| {
            let mut words = text.split(' ');
            DescribedEvent {
                ix: EventIx(at as u64),
                service: words.next().map(str::to_owned),
                type_name: words.next().unwrap_or_default().to_owned(),
                causes: words.filter_map(|cause| cause.parse().ok().map(EventIx)).collect(),
                ..DescribedEvent::default()
            }
        };
        Description { events: events.iter().enumerate().map(event).collect(), ..Description::default() }
    }

    fn shown(sequence: &Sequence) -> Vec<String> {
        let name = |line: u32| sequence.services[line as usize].as_str();
        sequence.messages.iter().map(|m| format!("{}>{} {}", name(m.from), name(m.to), m.words())).collect()
    }

    #[test]
    fn each_cause_in_another_service_has_an_arrow() {
        let chain = chain(&["web Asked", "stock Reserved 0", "bank Paid 0", "web Done 0 1 2", "web Closed 3"]);
        let sequence = Sequence::of(&chain, &Folding { repetitions: true, ..Folding::default() });
        let expected = [
            "web>web Asked",
            "web>stock Reserved",
            "web>bank Paid",
            "bank>web Done",
            "stock>web Done, same event",
            "web>web Closed",
        ];
        assert_eq!(shown(&sequence), expected);
        assert_eq!((sequence.notice(), sequence.row_of(EventIx(3))), (None, Some(3)));
    }

    #[test]
    fn a_folded_service_is_named_where_causes_lead_through_it() {
        let chain =
            chain(&["web Asked", "bus Routed 0", "bus Routed 1", "web Heard 2", "stock Reserved 2", "bus Lost"]);
        let folded = |services: &[&str]| {
            let services = services.iter().map(|&name| name.to_owned()).collect();
            Sequence::of(&chain, &Folding { services, ..Folding::default() })
        };
        let expected = ["web>web Asked", "web>web Heard (via bus, folded)", "web>stock Reserved (via bus, folded)"];
        assert_eq!(shown(&folded(&["bus"])), expected);
        assert_eq!(folded(&["bus"]).notice().as_deref(), Some("3 of 6 events are folded"));
        assert_eq!(shown(&folded(&["bus", "web"])), ["stock>stock Reserved (from web and bus, folded)"]);
    }

    #[test]
    fn what_is_odd_about_a_repetition_stays() {
        let mut chain = chain(&["web Asked", "web Retried 0", "web Retried 1", "web Retried 2"]);
        chain.events[3].odd = vec!["repeated id"];
        chain.critical_path = vec![EventIx(2)];
        let sequence = Sequence::of(&chain, &Folding { repetitions: true, ..Folding::default() });
        assert_eq!(shown(&sequence), ["web>web Asked", "web>web Retried ×3"]);
        let run = &sequence.messages[1];
        assert_eq!((run.critical, &*run.odd, &*run.events), (true, &["repeated id"][..], &[1, 2, 3].map(EventIx)[..]));
        assert_eq!((sequence.row_of(EventIx(2)), sequence.folded), (Some(1), 2));
    }
}
