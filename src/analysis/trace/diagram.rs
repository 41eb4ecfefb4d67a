//! A sequence diagram as text, for documents and tickets. Names are quoted, so that nothing in a log is
//! taken for the diagram's own language.

use std::fmt::Write as _;

use super::describe::Description;
use super::sequence::{Folding, Sequence, service};
use crate::base::text::{duration_ns, plural};

/// A Mermaid sequence diagram: <https://mermaid.js.org/syntax/sequenceDiagram.html>.
#[must_use]
pub fn mermaid(sequence: &Sequence) -> String {
    let mut text = "sequenceDiagram\n".to_owned();
    for (i, service) in sequence.services.iter().enumerate() {
        writeln!(text, "    participant s{i} as {}", mermaid_text(service)).expect("writing to a String");
    }
    for message in &sequence.messages {
        let arrow = if message.from == message.to { "->>" } else { "-)" };
        let (from, to, label) = (message.from, message.to, mermaid_text(&message.words()));
        writeln!(text, "    s{from}{arrow}s{to}: {label}").expect("writing to a String");
    }
    for (id, at) in &sequence.missing {
        let id = mermaid_text(id);
        writeln!(text, "    Note over s{at}: cause {id} is not in the log").expect("writing to a String");
    }
    if let (Some(notice), false) = (sequence.notice(), sequence.services.is_empty()) {
        writeln!(text, "    Note over s0: {notice}").expect("writing to a String");
    }
    text
}

/// A PlantUML sequence diagram: <https://plantuml.com/sequence-diagram>.
#[must_use]
pub fn plantuml(sequence: &Sequence) -> String {
    let mut text = "@startuml\n".to_owned();
    for (i, service) in sequence.services.iter().enumerate() {
        writeln!(text, "participant \"{}\" as s{i}", plantuml_text(service)).expect("writing to a String");
    }
    for message in &sequence.messages {
        let (from, to, label) = (message.from, message.to, plantuml_text(&message.words()));
        writeln!(text, "s{from} ->> s{to} : {label}").expect("writing to a String");
    }
    for (id, at) in &sequence.missing {
        let id = plantuml_text(id);
        writeln!(text, "note over s{at} : cause {id} is not in the log").expect("writing to a String");
    }
    if let (Some(notice), false) = (sequence.notice(), sequence.services.is_empty()) {
        writeln!(text, "note over s0 : {notice}").expect("writing to a String");
    }
    text.push_str("@enduml\n");
    text
}

/// The chain as a table with its diagram, for tickets.
#[must_use]
pub fn markdown(chain: &Description) -> String {
    let cell = |text: &str| -> String {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        plain.replace('\\', "\\\\").replace('|', "\\|").replace('`', "\\`").replace('<', "&lt;")
    };
    let title = if chain.ids.is_empty() { "Chain by causes".to_owned() } else { cell(&chain.ids.join(" ")) };
    let (events, services) = (chain.events.len() as u64, chain.services.len() as u64);
    let took = chain.duration_ms.map_or_else(String::new, |ms| format!(" in {}", duration_ns((ms * 1e6) as i64)));
    let (events, services) = (plural(events, "event", "events"), plural(services, "service", "services"));
    let mut text = format!("## {title}\n\n{events} of {services}{took}");
    if chain.inferred {
        text.push_str(", found by likeness: no event carries a correlation id");
    }
    text.push_str("\n\n| After | Service | Event | Id | Notes |\n|--:|---|---|---|---|\n");
    let first = chain.events.iter().filter_map(|event| event.instant).min();
    for event in &chain.events {
        let after = event.instant.zip(first).map(|(at, first)| duration_ns(at.0.saturating_sub(first.0)));
        let id = event.id.as_deref().unwrap_or_default();
        let (service, name) = (cell(service(event)), cell(&event.type_name));
        writeln!(
            text,
            "| {} | {service} | {name} | {} | {} |",
            after.unwrap_or_default(),
            cell(id),
            event.odd.join(", ")
        )
        .expect("writing to a String");
    }
    for missing in &chain.missing {
        writeln!(text, "\nCause {} is not in the log.", cell(&missing.id)).expect("writing to a String");
    }
    let diagram = mermaid(&Sequence::of(chain, &Folding { repetitions: true, ..Folding::default() }));
    write!(text, "\n```mermaid\n{diagram}```\n").expect("writing to a String");
    text
}

/// `;` ends a statement and `#` begins an entity there.
#[must_use]
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
