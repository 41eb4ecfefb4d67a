//! Whether a type's events are about the entity, about a part of it, or only mention it. An order that
//! is placed mentions its customer: the customer's state is not the order.

use super::phrase::{About, Phrase, phrase};
use super::sample::Sample;
use super::types::Type;

/// Looked at, so that thousands of types and kinds do not take seconds.
const MAX_KINDS: usize = 32;
const MAX_TYPES: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The payload is the entity's state or changes it.
    Subject,
    /// The payload belongs to a thing of its own inside the state: the payment of an order.
    Part,
    Mention,
}

/// What is known of a kind before its types are looked at.
pub struct Kind<'a> {
    pub sample: &'a Sample,
    /// Other kinds that stand in its events.
    pub others: Vec<&'a str>,
    /// Those, and itself, that the name of some type speaks of.
    spoken_of: Vec<&'a str>,
    /// Its types are named as processes name their activities: with blanks, not in the past.
    pub has_activities: bool,
    /// Several of its types are plain names (`m.room.topic`, `conn`), whose payloads have nothing in common.
    pub has_plain_types: bool,
    /// Other nouns under which the same thing is opened: `account` for streams of the kind `aggregate`.
    aliases: Vec<String>,
}

impl<'a> Kind<'a> {
    pub fn new(sample: &'a Sample, types: &[Type<'_>]) -> Self {
        let mut others: Vec<&str> = Vec::new();
        for entity in sample.histories.iter().flat_map(|history| &history.events).flat_map(|event| &event.entities) {
            if others.len() < MAX_KINDS && entity.kind != sample.kind && !others.contains(&entity.kind.as_str()) {
                others.push(&entity.kind);
            }
        }
        let phrases: Vec<Phrase> = sample.all_types.iter().take(MAX_TYPES).map(|name| phrase(name)).collect();
        let is_spoken_of =
            |kind: &&str| phrases.iter().any(|phrase| !phrase.verb.is_empty() && phrase.about(kind) == About::Itself);
        let spoken_of = others.iter().copied().chain([sample.kind.as_str()]).filter(is_spoken_of).collect();
        let with_blanks: usize = types.iter().filter(|seen| seen.name.contains(' ')).map(Type::count).sum();
        let has_activities = with_blanks * 3 > types.iter().map(Type::count).sum();
        let plain = types.iter().filter(|seen| seen.is_plain());
        let opening = |seen: &&Type<'_>| {
            seen.opens * 2 >= sample.histories.len().max(1) && has_stream(seen, sample) && !seen.phrase.verb.is_empty()
        };
        let aliases = types.iter().filter(opening).map(|seen| seen.phrase.member()).filter(|noun| !noun.is_empty());
        let (aliases, has_plain_types) = (aliases.collect(), !has_activities && plain.count() > 1);
        Self { sample, others, spoken_of, has_activities, has_plain_types, aliases }
    }

    /// Whether the noun is the kind, under one of its names, or there is none.
    pub fn is_itself(&self, seen: &Type<'_>) -> bool {
        let member = seen.phrase.member();
        member.is_empty() || self.aliases.contains(&member) || seen.phrase.about(&self.sample.kind) == About::Itself
    }

    pub fn role(&self, seen: &Type<'_>) -> Role {
        let kind = self.sample.kind.as_str();
        if has_stream(seen, self.sample) {
            return Role::Subject;
        }
        if *seen.name == *kind {
            return Role::Subject;
        }
        if seen.events.iter().any(|(_, event)| event.stream.is_some()) {
            return Role::Mention;
        }
        let others: Vec<&str> = entities_of(seen).filter(|other| *other != kind).collect();
        if others.is_empty() || self.is_itself(seen) || matches!(seen.phrase.about(kind), About::Aspect(_)) {
            return Role::Subject;
        }
        let has_own = self.spoken_of.contains(&kind);
        if let Some(other) = others.iter().find(|other| seen.phrase.about(other) == About::Itself) {
            return if has_own && self.has_few(seen, other) { Role::Part } else { Role::Mention };
        }
        // About something that is no entity: it belongs to the first that events speak of.
        let mut candidates = entities_of(seen).filter(|other| self.spoken_of.contains(other));
        match candidates.next() {
            Some(first) if first == kind => Role::Part,
            Some(_) => Role::Mention,
            None if entities_of(seen).next() == Some(kind) => Role::Subject,
            None => Role::Mention,
        }
    }

    /// Whether an entity meets about one entity of the other kind: an order has one payment, a customer
    /// many orders.
    fn has_few(&self, seen: &Type<'_>, other: &str) -> bool {
        let (mut histories, mut met) = (0, 0);
        for history in &self.sample.histories {
            let mut ids: Vec<&str> = history
                .events
                .iter()
                .filter(|event| event.type_name == seen.name)
                .flat_map(|event| event.entities.iter().filter(|entity| entity.kind == other))
                .map(|entity| entity.id.as_str())
                .collect();
            ids.sort_unstable();
            ids.dedup();
            histories += usize::from(!ids.is_empty());
            met += ids.len();
        }
        met * 2 <= histories * 3
    }
}

/// Whether most events of the type stand in streams of the kind.
fn has_stream(seen: &Type<'_>, sample: &Sample) -> bool {
    let own = seen.events.iter().filter(|(history, event)| {
        event.stream.as_ref().is_some_and(|stream| stream.kind == sample.kind && stream.id == history.id)
    });
    own.count() * 2 > seen.count()
}

/// Kinds in the order of the record, as the first event of the type has them.
fn entities_of<'a>(seen: &'a Type<'_>) -> impl Iterator<Item = &'a str> {
    seen.events.first().into_iter().flat_map(|(_, event)| event.entities.iter().map(|entity| entity.kind.as_str()))
}
