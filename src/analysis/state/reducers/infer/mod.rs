//! Rules out of a log's own events: what their names and shapes say of the state that they make.
//!
//! A sample of the kind's entities is read. Each type of event gets rules from the first of the ideas
//! in [`draft`] that fits, with what speaks for it and how far to trust it. The result is a text that a
//! person reads and changes; nothing is hidden in it.

mod amounts;
mod changes;
mod collections;
mod draft;
mod phrase;
mod roles;
mod sample;
#[cfg(test)]
mod tests;
mod types;

use crate::analysis::state::reducers::rules::quoted_type;
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;
use draft::Draft;
use sample::Sample;

/// Rules as text, and why each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inferred {
    pub text: String,
    pub rules: Vec<InferredRule>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct InferredRule {
    /// `*` for types that were not in the sample.
    pub event_type: String,
    /// Of its `on`, from 1.
    pub line: u32,
    /// From 0 to 1.
    pub confidence: f32,
    pub evidence: String,
}

/// Rules for a kind of entity. The same log gives the same rules; an unknown kind gives none.
#[must_use]
pub fn infer(snapshot: &Snapshot, kind: KindIx, cancel: &Cancel) -> Inferred {
    let Some(name) = snapshot.kinds().get(kind.at()) else { return Inferred::default() };
    let sample = Sample::read(snapshot, kind, cancel);
    let drafts = draft::drafts(&sample);
    let read: usize = sample.histories.iter().map(|history| history.events.len()).sum();
    let head = format!(
        "# Rules for {}, read off {} of {}: what they are called and what they hold.\n\
         # Each says why and how sure that is. Change what is wrong: the events stay as they are.\n",
        name.name,
        plural(read as u64, "event", "events"),
        if sample.histories.len() as u64 == name.entities {
            plural(name.entities, "entity", "entities")
        } else {
            format!("{} of {} entities", count(sample.histories.len() as u64), count(name.entities))
        },
    );
    write(head, &drafts.starts, drafts.blocks)
}

fn write(head: String, starts: &[(String, String)], blocks: Vec<Draft>) -> Inferred {
    let mut inferred = Inferred { text: head, rules: Vec::new() };
    if !starts.is_empty() {
        inferred.text.push('\n');
    }
    for (place, value) in starts {
        inferred.text.push_str(&format!("start {place} = {value}\n"));
    }
    for block in blocks {
        let sure = (block.confidence * 100.0).round();
        let of = |count: usize| format!("{}: {}", plural(count as u64, "event", "events"), block.evidence);
        let comment = if block.counts.is_empty() { block.evidence.clone() } else { of(block.counts.iter().sum()) };
        inferred.text.push_str(&format!("\n# {comment} ({sure} % sure)\n"));
        let line = u32::try_from(inferred.text.lines().count() + 1).unwrap_or(u32::MAX);
        let types: Vec<String> = block.types.iter().map(|name| type_word(name)).collect();
        let when = block.when.map(|when| format!(" when {when}")).unwrap_or_default();
        inferred.text.push_str(&format!("on {}{when}\n", types.join(", ")));
        for rule in &block.lines {
            inferred.text.push_str(&format!("  {rule}\n"));
        }
        inferred.rules.extend(block.types.iter().enumerate().map(|(i, event_type)| InferredRule {
            event_type: event_type.to_string(),
            line,
            confidence: block.confidence,
            evidence: block.counts.get(i).map_or_else(|| block.evidence.clone(), |count| of(*count)),
        }));
    }
    inferred
}

fn type_word(name: &str) -> String {
    if name == "*" { name.to_owned() } else { quoted_type(name) }
}
