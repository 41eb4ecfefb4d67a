//! What the panel says of a chain and of its events.

use crate::analysis::trace::{Chain, DescribedEvent, Description};
use crate::base::text::{count, duration_ns, plural};
use crate::gui::panels::parts::preview::{named, one_line};

/// A chain with its names.
pub struct Shown<'a> {
    pub chain: &'a Chain,
    pub described: &'a Description,
}

impl Shown<'_> {
    /// `7 events of 5 services in 44 min 3 s`.
    #[must_use]
    pub fn summary(&self) -> String {
        let events = plural(self.described.events.len() as u64, "event", "events");
        let services = match self.described.services.len() as u64 {
            0 => String::new(),
            n => format!(" of {}", plural(n, "service", "services")),
        };
        let took = self.chain.duration_ns.map_or_else(String::new, |ns| format!(" in {}", duration_ns(ns)));
        format!("{events}{services}{took}")
    }

    /// The ids that tie it together.
    #[must_use]
    pub fn ids(&self) -> String {
        if self.described.inferred {
            let most = crate::analysis::trace::MOST_INFERRED;
            let cut = if self.chain.links.len() >= most {
                format!("; only the nearest {most} events")
            } else {
                String::new()
            };
            return format!("a guess: nothing names a cause or a correlation id, these events share entities{cut}");
        }
        if self.described.ids.is_empty() {
            return "tied by causes alone".to_owned();
        }
        let constants = match self.described.constants.len() as u64 {
            0 => String::new(),
            n => format!(" · {} left out: so many events share it that it is a constant", plural(n, "id", "ids")),
        };
        format!("{}{constants}", one_line(&self.described.ids.join(" · "), 200))
    }

    /// Causes that are not in the log, each with the event that names it.
    #[must_use]
    pub fn missing(&self) -> Vec<(String, u32)> {
        self.chain
            .missing
            .iter()
            .zip(&self.described.missing)
            .map(|(link, named)| (one_line(&named.id, 120), link.wanted_by))
            .collect()
    }

    /// How long after the chain's first event, and after its own latest cause.
    #[must_use]
    pub fn times(&self, at: usize) -> (String, String) {
        let Some(link) = self.chain.links.get(at) else { return (String::new(), String::new()) };
        let after = link.time.zip(self.chain.start).map(|(time, start)| duration_ns(time.0.saturating_sub(start.0)));
        let cause = link.causes.iter().filter_map(|&cause| self.chain.links.get(cause as usize)?.time).max();
        let waited = link.time.zip(cause).map(|(time, cause)| duration_ns(time.0.saturating_sub(cause.0)));
        (after.unwrap_or_default(), waited.unwrap_or_default())
    }

    /// What is odd about an event, in words.
    #[must_use]
    pub fn notes(&self, at: usize) -> String {
        let event = self.described.events.get(at);
        let mut notes: Vec<String> =
            event.map_or(&[][..], |event| &event.odd).iter().map(|odd| (*odd).to_owned()).collect();
        let missing = self.chain.missing.iter().filter(|missing| missing.wanted_by as usize == at).count() as u64;
        if missing > 0 {
            notes.push(format!("{} not in the log", plural(missing, "cause", "causes")));
        }
        notes.join(", ")
    }

    /// Everything about an event, for hovering and for screen readers.
    #[must_use]
    pub fn words(&self, at: usize) -> String {
        let Some(event) = self.described.events.get(at) else { return String::new() };
        let (after, waited) = self.times(at);
        let mut words = format!("{}\n{}", named(&event.type_name), service_of(event));
        if !after.is_empty() {
            words.push_str(&format!("\n{after} after the first event"));
        }
        if !waited.is_empty() {
            words.push_str(&format!(", {waited} after its cause"));
        }
        if !event.shared.is_empty() {
            words.push_str(&format!("\nguessed by {}", one_line(&event.shared.join(", "), 120)));
        }
        let notes = self.notes(at);
        if !notes.is_empty() {
            words.push_str(&format!("\n{notes}"));
        }
        words
    }

    #[must_use]
    pub fn is_critical(&self, at: usize) -> bool {
        self.chain.critical.binary_search(&(at as u32)).is_ok()
    }
}

pub fn service_of(event: &DescribedEvent) -> String {
    one_line(crate::analysis::trace::service(event), 80)
}

/// Said in place of a chain that is none.
#[must_use]
pub fn constant(id: &str, events: u64) -> String {
    let id = one_line(id, 60);
    format!("{} events have the correlation id {id}: it is a constant, not a chain.", count(events))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::trace::{Start, Trace, describe, trace};
    use crate::base::cancel::Cancel;
    use crate::model::ids::EventIx;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn events_say_when_and_what_is_odd() {
        let event = |id: &str, ms: i64, causes: &[&str]| TestEvent {
            time: Some(ms * 1_000_000),
            type_name: id.to_uppercase(),
            service: "web".to_owned(),
            id: id.to_owned(),
            correlations: vec!["c".to_owned()],
            causes: causes.iter().map(|&cause| cause.to_owned()).collect(),
            ..TestEvent::default()
        };
        let log = Builder::new()
            .event(event("a", 0, &["lost"]))
            .event(event("b", 250, &["a"]))
            .event(event("c", 100, &["b"]))
            .build();
        let Some(Trace::Chain(chain)) = trace(&log, &Start::Event(EventIx(0)), &Cancel::new()) else { panic!() };
        let described = describe(&log, &chain);
        let shown = Shown { chain: &chain, described: &described };
        assert_eq!(shown.summary(), "3 events of 1 service in 250 ms");
        assert_eq!(shown.ids(), "c");
        assert_eq!(shown.missing(), [("lost".to_owned(), 0)]);
        assert_eq!(shown.notes(0), "1 cause not in the log");
        assert_eq!(shown.times(1), ("250 ms".to_owned(), "250 ms".to_owned()));
        assert_eq!(shown.words(2), "C\nweb\n100 ms after the first event, −150 ms after its cause\nbefore its cause");
    }
}
