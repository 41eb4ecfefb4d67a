//! A mapping compiled: which slots there are and how each role is made of them.

use std::sync::Arc;

use super::direct::Direct;
use super::template::{Filter, Part, Segment, parse, single_pointer, wrong};
use super::trie::Trie;
use super::{MAX_SLOTS, Objects};
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::{EntityField, Mapping, Template, TimeUnit};

/// How a text is made.
#[derive(Clone, Debug)]
pub enum Expr {
    Text(Box<[u8]>),
    /// The fast case: a template that is one pointer.
    Slot(u8),
    Pieces(Vec<Piece>),
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text(Box<[u8]>),
    Field {
        slot: u8,
        filters: Vec<Filter>,
    },
    /// The value in `slot` where the name beside it, in `names`, is `name`.
    Named {
        slot: u8,
        names: u8,
        name: Box<[u8]>,
        filters: Vec<Filter>,
    },
}

/// An expression and the slot whose matches of `*` it is made for, one by one.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    pub value: T,
    pub driver: Option<u8>,
}

/// What a walk must capture, and what rows are made of it.
#[derive(Debug)]
pub struct Program {
    pub trie: Trie,
    pub(super) slots: Vec<Slot>,
    /// One bit for each slot under a `*`.
    many: u64,
    /// The roles once more as slots alone.
    pub(super) direct: Option<Direct>,
    pub(in crate::input::decoders) type_name: Vec<Setting<Expr>>,
    pub(in crate::input::decoders) id: Vec<Setting<Expr>>,
    pub(in crate::input::decoders) time: Vec<(Setting<Expr>, TimeUnit, i32)>,
    /// `(kind, id)`, streams first.
    pub(in crate::input::decoders) entities: Vec<Setting<(Expr, Expr)>>,
    pub(in crate::input::decoders) version: Vec<Setting<Expr>>,
    /// With the name under which the source carries it.
    pub(in crate::input::decoders) correlation: Vec<(Setting<Expr>, String)>,
    pub(in crate::input::decoders) causation: Vec<(Setting<Expr>, String)>,
    pub(in crate::input::decoders) service: Vec<Setting<Expr>>,
    pub(in crate::input::decoders) key: Vec<Setting<Expr>>,
    pub(in crate::input::decoders) objects: Objects,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub pointer: Vec<Segment>,
    /// The pointer up to its last `*`: slots with the same one match together.
    pub star: Option<Vec<Segment>>,
}

/// A mapping ready for use.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mapping: Arc<Mapping>,
    /// What rows need.
    pub rows: Arc<Program>,
    /// What envelopes need: the message key, too.
    pub full: Arc<Program>,
    /// Where the payload may be, the first that is there counts.
    pub data: Arc<[Vec<Segment>]>,
    pub headers: Option<Arc<[Segment]>>,
}

impl Plan {
    /// `file` is the source's name, for `{@file}`; `objects` answers `|object`.
    ///
    /// # Errors
    /// With the template and the column where it stops making sense.
    pub fn compile(mapping: Mapping, file: &str, objects: Objects) -> Result<Self> {
        let rows = Program::compile(&mapping, file, objects.clone(), false)?;
        let full = Program::compile(&mapping, file, objects, true)?;
        let data = mapping.data.iter().map(single_pointer).collect::<Result<Vec<_>>>()?;
        let headers = mapping.headers.as_ref().map(single_pointer).transpose()?;
        Ok(Self {
            mapping: Arc::new(mapping),
            rows: Arc::new(rows),
            full: Arc::new(full),
            data: data.into(),
            headers: headers.map(Into::into),
        })
    }
}

impl Program {
    fn compile(mapping: &Mapping, file: &str, objects: Objects, with_key: bool) -> Result<Self> {
        let mut compiler = Compiler { file, slots: Vec::new() };
        let mut entity_fields: Vec<&EntityField> = mapping.entities.iter().collect();
        entity_fields.sort_by_key(|field| !field.stream);
        let entities: Vec<Setting<(Expr, Expr)>> =
            entity_fields.into_iter().map(|field| compiler.entity(field)).collect::<Result<_>>()?;
        let time =
            mapping.time.iter().map(|field| Ok((compiler.setting(&field.field)?, field.unit, field.zone_minutes)));
        let time = time.collect::<Result<Vec<_>>>()?;
        let mut named = |list: &[Template]| {
            list.iter().map(|t| Ok((compiler.setting(t)?, last_key(t)))).collect::<Result<Vec<_>>>()
        };
        let (correlation, causation) = (named(&mapping.correlation)?, named(&mapping.causation)?);
        let mut all = |list: &[Template]| list.iter().map(|t| compiler.setting(t)).collect::<Result<Vec<_>>>();
        let (type_name, id, version) = (all(&mapping.type_name)?, all(&mapping.id)?, all(&mapping.version)?);
        let service = all(&mapping.service)?;
        let key = if with_key { all(&mapping.key)? } else { Vec::new() };
        let slots = compiler.slots;
        let pointers: Vec<Vec<Segment>> = slots.iter().map(|slot| slot.pointer.clone()).collect();
        let trie = Trie::new(&pointers).ok_or_else(|| {
            Error::new("The mapping has too many * beside named fields", Place::Nowhere, "Name the fields instead of *")
        })?;
        let starred = slots.iter().zip(0..).filter(|(slot, _)| slot.star.is_some());
        let many = starred.fold(0, |bits, (_, ix)| bits | 1u64 << ix);
        let mut program = Self {
            trie,
            slots,
            many,
            direct: None,
            type_name,
            id,
            time,
            entities,
            version,
            correlation,
            causation,
            service,
            key,
            objects,
        };
        program.direct = Direct::of(&program);
        Ok(program)
    }

    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// Whether a slot may have several values in one record.
    #[inline]
    #[must_use]
    pub fn is_many(&self, slot: u8) -> bool {
        self.many >> (slot & 63) & 1 == 1
    }

    /// Whether any slot may.
    #[must_use]
    pub fn has_lists(&self) -> bool {
        self.many != 0
    }

    /// Slots of the pointers `/name`, for tables: `(name, slot)`.
    pub fn columns(&self) -> impl Iterator<Item = (&[u8], u8)> {
        self.slots.iter().zip(0u8..).filter_map(|(slot, ix)| match slot.pointer.as_slice() {
            [Segment::Key(name)] => Some((&**name, ix)),
            _ => None,
        })
    }

    /// The slot of `/@key`, which document readers fill with a member's name.
    #[must_use]
    pub fn key_slot(&self) -> Option<u8> {
        self.columns().find(|(name, _)| *name == b"@key").map(|(_, slot)| slot)
    }
}

struct Compiler<'a> {
    file: &'a str,
    slots: Vec<Slot>,
}

impl Compiler<'_> {
    fn setting(&mut self, template: &Template) -> Result<Setting<Expr>> {
        let (value, driver) = self.expr(template)?;
        Ok(Setting { value, driver })
    }

    fn entity(&mut self, field: &EntityField) -> Result<Setting<(Expr, Expr)>> {
        let (kind, kind_driver) = self.expr(&field.kind)?;
        let (id, id_driver) = self.expr(&field.id)?;
        if let (Some(kind_driver), Some(id_driver)) = (kind_driver, id_driver) {
            self.same_star(kind_driver, id_driver, &field.kind)?;
        }
        Ok(Setting { value: (kind, id), driver: id_driver.or(kind_driver) })
    }

    fn expr(&mut self, template: &Template) -> Result<(Expr, Option<u8>)> {
        let mut pieces = Vec::new();
        let mut driver: Option<u8> = None;
        for part in parse(template, self.file)? {
            match part {
                Part::Text(text) => pieces.push(Piece::Text(text)),
                Part::Field { mut pointer, filters } => {
                    let named = match pointer.pop() {
                        Some(Segment::Named(name)) => Some(name),
                        last => {
                            pointer.extend(last);
                            None
                        }
                    };
                    // `/headers/[a]` is `/headers/*/1` where `/headers/*/0` is `a`.
                    let of_pair = |place: &str| {
                        let pair = [Segment::Any, Segment::Key(place.as_bytes().into())];
                        pointer.iter().cloned().chain(pair).collect::<Vec<_>>()
                    };
                    let names = named.as_ref().map(|_| self.slot(of_pair("0"), template)).transpose()?;
                    let value = if named.is_some() { of_pair("1") } else { pointer };
                    let slot = self.slot(value, template)?;
                    if self.slots.get(usize::from(slot)).is_some_and(|s| s.star.is_some()) {
                        match driver {
                            Some(driver) => self.same_star(driver, slot, template)?,
                            None => driver = Some(slot),
                        }
                    }
                    pieces.push(match named.zip(names) {
                        Some((name, names)) => Piece::Named { slot, names, name, filters },
                        None => Piece::Field { slot, filters },
                    });
                }
            }
        }
        let expr = match pieces.as_mut_slice() {
            [] => Expr::Text(Box::default()),
            [Piece::Text(text)] => Expr::Text(std::mem::take(text)),
            [Piece::Field { slot, filters }] if filters.is_empty() => Expr::Slot(*slot),
            _ => Expr::Pieces(pieces),
        };
        Ok((expr, driver))
    }

    fn slot(&mut self, pointer: Vec<Segment>, template: &Template) -> Result<u8> {
        let known = self.slots.iter().position(|slot| slot.pointer == pointer);
        let ix = known.unwrap_or(self.slots.len());
        if ix >= MAX_SLOTS {
            return Err(wrong("The mapping names more than 64 fields", &template.0, 0, "Leave out fields"));
        }
        if known.is_none() {
            let last_star = pointer.iter().rposition(|segment| *segment == Segment::Any);
            let star = last_star.and_then(|at| pointer.get(..=at)).map(<[Segment]>::to_vec);
            self.slots.push(Slot { pointer, star });
        }
        u8::try_from(ix).map_err(|_| wrong("The mapping names more than 64 fields", &template.0, 0, "Leave out fields"))
    }

    fn same_star(&self, a: u8, b: u8, template: &Template) -> Result<()> {
        let star = |slot: u8| self.slots.get(usize::from(slot)).and_then(|slot| slot.star.as_ref());
        if star(a) == star(b) {
            return Ok(());
        }
        Err(wrong(
            "Two fields with different * cannot be combined",
            &template.0,
            0,
            "Use the same path up to its last *",
        ))
    }
}

/// What a person would call the field: the last key of the template's last pointer.
fn last_key(template: &Template) -> String {
    let parts = parse(template, "").unwrap_or_default();
    let pointer = parts.iter().rev().find_map(|part| match part {
        Part::Field { pointer, .. } => Some(pointer),
        Part::Text(_) => None,
    });
    let key = pointer.and_then(|pointer| {
        pointer.iter().rev().find_map(|segment| match segment {
            Segment::Key(key) | Segment::Named(key) => Some(String::from_utf8_lossy(key).into_owned()),
            _ => None,
        })
    });
    key.unwrap_or_else(|| template.0.clone())
}
