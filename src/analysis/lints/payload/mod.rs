//! What one pass over all records tells of their payloads: the fields of each type with what was seen
//! of them, the shapes that records have, where a broker keeps them. Rules read it; none of them reads
//! a record itself, but to compare two.
//!
//! Memory does not grow with the log: fields and shapes are kept up to a limit per type and in all,
//! values of a sample of entities only. What was left out is counted.

mod facts;
mod pass;
mod placed;
mod roles;
mod secrets;
mod shape;

use std::collections::BTreeMap;

pub use facts::{Cold, Kind, Sampled, SecretSeen, Written, is_id};
pub use placed::{Keys, Placed, Spread};
pub use secrets::{AWS_KEY_ID, Secret};

use self::shape::{Shape, Step};
use super::Context;
use crate::model::ids::{EntityIx, EventIx, TypeIx};

/// Entities whose values are compared from event to event, and events that each may have.
const SAMPLED_ENTITIES: usize = 400;
const SAMPLED_EVENTS: usize = 64;

/// Records with the same fields.
#[derive(Clone, Copy, Debug)]
pub struct ShapeSeen {
    hash: u64,
    pub records: u64,
    pub first: EventIx,
}

/// A field of a type that has values of its own, not only members.
#[derive(Clone, Debug)]
pub struct Field {
    /// A JSON pointer from the record, `*` for elements.
    pub path: String,
    /// Its name, or that of the list it is an element of.
    pub name: String,
    /// Of the payload, not of the envelope.
    pub in_data: bool,
    /// Inside of a list, or one of too many members.
    pub one_of_many: bool,
    pub is_time: bool,
    /// Records that have it, and the first and last of them.
    pub records: u64,
    pub first: EventIx,
    pub last: EventIx,
    /// Values of each [`Kind`].
    pub kinds: [u64; 6],
    pub cold: Cold,
    hash: u64,
}

/// What was seen of one type.
#[derive(Clone, Debug, Default)]
pub struct TypeFacts {
    pub records: u64,
    pub fields: Vec<Field>,
    /// The most frequent first.
    pub shapes: Vec<ShapeSeen>,
    /// There are more shapes or fields than are told apart.
    pub capped: bool,
}

/// Events whose values are wanted, with their stream.
#[derive(Debug, Default)]
struct Sample(Vec<(EventIx, EntityIx)>);

#[derive(Debug, Default)]
pub struct Payloads {
    /// By [`TypeIx`].
    pub types: Vec<TypeFacts>,
    pub placed: Placed,
    /// Records that were not looked into: unreadable, no JSON, or of types beyond the limit.
    pub left_out: u64,
    values: Vec<Sampled>,
    sample: Sample,
}

impl Payloads {
    /// `None` when cancelled.
    pub(super) fn of(context: &Context<'_>) -> Option<Self> {
        let sample = Sample::of(context)?;
        let parts = pass::run(context, &sample)?;
        let mut out = Self { types: vec![TypeFacts::default(); context.log.types().len()], ..Self::default() };
        let mut fields: BTreeMap<(TypeIx, String), Field> = BTreeMap::new();
        for seen in parts {
            for of_type in seen.types {
                let Some(facts) = out.types.get_mut(of_type.of.at()) else { continue };
                facts.records += of_type.records;
                facts.capped |= of_type.fields.shape.capped || of_type.other_shapes > 0;
                facts.add_shapes(&of_type.shapes);
                for field in of_type.fields.all() {
                    match fields.entry((of_type.of, field.path.clone())) {
                        std::collections::btree_map::Entry::Vacant(slot) => _ = slot.insert(field),
                        std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().merge(field),
                    }
                }
            }
            out.values.extend(seen.values);
            out.placed.merge(seen.placed);
            out.left_out += seen.unread + seen.unwalked + seen.beyond;
        }
        for ((of, _), field) in fields {
            out.types.get_mut(of.at()).into_iter().for_each(|facts| facts.fields.push(field.clone()));
        }
        out.types.iter_mut().for_each(|facts| facts.shapes.sort_by_key(|shape| std::cmp::Reverse(shape.records)));
        out.values.sort_unstable();
        out.sample = sample;
        Some(out)
    }

    /// Types with payloads that were looked into, in the order of their numbers.
    pub fn types(&self) -> impl Iterator<Item = (TypeIx, &TypeFacts)> {
        let types = self.types.iter().enumerate().filter(|(_, facts)| facts.records > 0);
        types.map(|(ix, facts)| (TypeIx(ix as u16), facts))
    }

    /// How often a field had the value that it had in its entity's event before, in the sample: by the
    /// type of the later event and the field, comparisons and changes.
    #[must_use]
    pub fn changes(&self, context: &Context<'_>) -> BTreeMap<(TypeIx, u64), (u64, u64)> {
        let mut events: Vec<(EntityIx, EventIx)> =
            self.sample.0.iter().map(|(event, entity)| (*entity, *event)).collect();
        events.sort_unstable();
        let mut changes = BTreeMap::new();
        for of_entity in events.chunk_by(|a, b| a.0 == b.0) {
            let mut before: BTreeMap<u64, u64> = BTreeMap::new();
            for (_, event) in of_entity {
                let at = self.values.partition_point(|value| value.event < *event);
                let values = self.values.get(at..).unwrap_or_default().iter().take_while(|value| value.event == *event);
                for value in values {
                    if let Some(before) = before.insert(value.field, value.value) {
                        let seen: &mut (u64, u64) =
                            changes.entry((context.log.type_ix(*event), value.field)).or_default();
                        seen.0 += 1;
                        seen.1 += u64::from(before != value.value);
                    }
                }
            }
        }
        changes
    }
}

impl Field {
    /// For [`Payloads::changes`].
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    fn merge(&mut self, other: Self) {
        self.records += other.records;
        let first_of =
            |mine: &mut EventIx, has: u64, theirs: EventIx| *mine = if has > 0 { theirs.min(*mine) } else { theirs };
        for kind in 0..self.kinds.len() {
            if other.kinds[kind] > 0 {
                first_of(&mut self.cold.first_of[kind], self.kinds[kind], other.cold.first_of[kind]);
            }
            self.kinds[kind] += other.kinds[kind];
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.cold.merge(other.cold);
    }
}

impl Cold {
    fn merge(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.times.iter_mut().zip(&other.times).for_each(|(mine, theirs)| mine.merge(theirs));
        self.no_cards += other.no_cards;
        self.base64.merge(&other.base64);
        self.base64_bytes += other.base64_bytes;
        for seen in other.secrets {
            match self.secrets.iter_mut().find(|mine| mine.secret == seen.secret && mine.label == seen.label) {
                Some(mine) => mine.examples.merge(&seen.examples),
                None => self.secrets.push(seen),
            }
        }
    }
}

impl TypeFacts {
    fn add_shapes(&mut self, shapes: &[ShapeSeen]) {
        for shape in shapes {
            match self.shapes.iter_mut().find(|mine| mine.hash == shape.hash) {
                Some(mine) => {
                    mine.records += shape.records;
                    mine.first = mine.first.min(shape.first);
                }
                None => self.shapes.push(*shape),
            }
        }
    }

    /// The payload's fields, those of lists and of maps left out.
    pub fn own_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.in_data && !field.one_of_many)
    }
}

impl facts::Fields {
    /// Fields that had values.
    fn all(&self) -> Vec<Field> {
        let known = self.facts.iter().zip(&self.cold).enumerate();
        let valued = known.filter(|(_, (facts, _))| facts.kinds.iter().any(|n| *n > 0));
        let field = |(node, (facts, cold)): (usize, (&facts::Facts, &Cold))| {
            let (name, one_of_many) = named(&self.shape, node as u32);
            Field {
                path: self.shape.path(node as u32),
                name,
                one_of_many,
                in_data: facts.mix != 0,
                is_time: facts.is_time,
                records: facts.records,
                first: cold
                    .first_of
                    .iter()
                    .zip(&facts.kinds)
                    .filter(|(_, n)| **n > 0)
                    .map(|(first, _)| *first)
                    .min()
                    .unwrap_or_default(),
                last: facts.last(),
                kinds: facts.kinds.map(u64::from),
                cold: cold.clone(),
                hash: facts.mix,
            }
        };
        valued.map(field).collect()
    }
}

/// The nearest name, and whether there is a list or a map above.
fn named(shape: &Shape, of: u32) -> (String, bool) {
    let (mut name, mut many, mut at) = (String::new(), false, of);
    while let Some(node) = shape.node(at).filter(|node| node.step != Step::Root) {
        match &node.step {
            Step::Member(own) if name.is_empty() => (**own).clone_into(&mut name),
            Step::Element | Step::Other => many = true,
            _ => {}
        }
        at = node.parent;
    }
    (name, many)
}

impl Sample {
    /// Entities from all over the log with a few events each, always the same ones.
    fn of(context: &Context<'_>) -> Option<Self> {
        let mut out = Vec::new();
        let (count, mut entities) = (context.log.entity_count() as usize, 0);
        for entity in (0..count).step_by((count / (SAMPLED_ENTITIES * 8)).max(1)) {
            if context.cancel.is_cancelled() {
                return None;
            }
            let entity = EntityIx(entity as u32);
            let events: Vec<EventIx> = context.log.entity_events(entity).take(SAMPLED_EVENTS).collect();
            if events.len() >= 2 {
                out.extend(events.into_iter().map(|event| (event, entity)));
                entities += 1;
            }
            if entities == SAMPLED_ENTITIES {
                break;
            }
        }
        out.sort_unstable();
        Some(Self(out))
    }
}
