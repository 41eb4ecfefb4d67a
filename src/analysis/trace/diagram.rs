//! A chain as the text of a sequence diagram, for documents and tickets. Names are quoted, so that
//! nothing in a log is taken for the diagram's own language.

use std::fmt::Write as _;

use rapidhash::RapidHashMap;

use super::describe::{DescribedEvent, Description};
use crate::model::ids::EventIx;

/// Where a service has no name.
const UNKNOWN: &str = "(no service)";

/// A Mermaid sequence diagram: <https://mermaid.js.org/syntax/sequenceDiagram.html>.
#[must_use]
pub fn mermaid(chain: &Description) -> String {
    let mut text = "sequenceDiagram\n".to_owned();
    let services = participants(chain);
    for (i, service) in services.iter().enumerate() {
        writeln!(text, "    participant s{i} as {}", mermaid_text(service)).expect("writing to a String");
    }
    let places = places(chain, &services);
    for (event, from, to) in messages(chain, &places) {
        let (arrow, label) = (if from == to { "->>" } else { "-)" }, mermaid_text(&event.type_name));
        writeln!(text, "    s{from}{arrow}s{to}: {label}").expect("writing to a String");
    }
    for missing in &chain.missing {
        let at = places.get(&missing.wanted_by).copied().unwrap_or(0);
        let id = mermaid_text(&missing.id);
        writeln!(text, "    Note over s{at}: cause {id} is not in the log").expect("writing to a String");
    }
    text
}

/// A PlantUML sequence diagram: <https://plantuml.com/sequence-diagram>.
#[must_use]
pub fn plantuml(chain: &Description) -> String {
    let mut text = "@startuml\n".to_owned();
    let services = participants(chain);
    for (i, service) in services.iter().enumerate() {
        writeln!(text, "participant \"{}\" as s{i}", plantuml_text(service)).expect("writing to a String");
    }
    let places = places(chain, &services);
    for (event, from, to) in messages(chain, &places) {
        writeln!(text, "s{from} ->> s{to} : {}", plantuml_text(&event.type_name)).expect("writing to a String");
    }
    for missing in &chain.missing {
        let at = places.get(&missing.wanted_by).copied().unwrap_or(0);
        let id = plantuml_text(&missing.id);
        writeln!(text, "note over s{at} : cause {id} is not in the log").expect("writing to a String");
    }
    text.push_str("@enduml\n");
    text
}

fn participants(chain: &Description) -> Vec<&str> {
    let mut services: Vec<&str> = Vec::new();
    for event in &chain.events {
        let service = event.service.as_deref().unwrap_or(UNKNOWN);
        if !services.contains(&service) {
            services.push(service);
        }
    }
    services
}

/// Which participant each event belongs to.
fn places(chain: &Description, services: &[&str]) -> RapidHashMap<EventIx, usize> {
    let place = |event: &DescribedEvent| {
        let service = event.service.as_deref().unwrap_or(UNKNOWN);
        services.iter().position(|name| *name == service)
    };
    chain.events.iter().filter_map(|event| Some((event.ix, place(event)?))).collect()
}

/// An event is a message from the service of its last cause to its own.
fn messages<'a>(
    chain: &'a Description,
    places: &RapidHashMap<EventIx, usize>,
) -> Vec<(&'a DescribedEvent, usize, usize)> {
    let message = |event: &'a DescribedEvent| {
        let to = *places.get(&event.ix)?;
        let from = event.causes.last().and_then(|cause| places.get(cause)).copied().unwrap_or(to);
        Some((event, from, to))
    };
    chain.events.iter().filter_map(message).collect()
}

/// `;` ends a statement and `#` begins an entity there.
pub fn mermaid_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '"' | '&' => write!(out, "#{};", u32::from(c)).expect("writing to a String"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A word of the language alone would be taken for it.
    if out.eq_ignore_ascii_case("end") { format!("#8203;{out}") } else { out }
}

fn plantuml_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('"', "''")
}
