//! The short way from what was captured to a row: each role is a slot, or the first of some slots in which there is
//! something. Texts that are put together of several fields are mostly a last resort, for records without a field of
//! their own for that role. Only the records that have use for one go the long way.

use super::captures::Captures;
use super::program::{Expr, Piece, Program, Setting};
use super::template::Filter;

/// A program's roles as slots. Plain words have slots of their own behind those of the pointers, so that a row is
/// made by looking at slots, whatever they are.
#[derive(Debug)]
pub(super) struct Direct {
    pub words: Vec<Box<[u8]>>,
    pub type_name: Vec<u8>,
    pub id: Vec<u8>,
    pub time: Vec<u8>,
    pub entities: Vec<(u8, u8)>,
    pub version: Vec<u8>,
    pub correlation: Vec<u8>,
    pub causation: Vec<u8>,
    pub service: Vec<u8>,
    composed: Vec<Composed>,
}

/// A text that is put together, or changed, before it is used.
#[derive(Debug)]
struct Composed {
    /// Without one of these it is absent.
    of: Vec<u8>,
    /// With one of these there is no use for it.
    unless: Vec<u8>,
}

impl Direct {
    /// None where a field may come several times, or where every record goes the long way.
    pub fn of(program: &Program) -> Option<Self> {
        if program.has_lists() {
            return None;
        }
        let mut slots = Slots { pointers: program.slot_count(), words: Vec::new(), composed: Vec::new() };
        let type_name = slots.list(Takes::First, &program.type_name)?;
        let (id, version) = (slots.list(Takes::First, &program.id)?, slots.list(Takes::First, &program.version)?);
        let service = slots.list(Takes::First, &program.service)?;
        // A time that is there may be none that can be read, and then the next one counts.
        let time = program.time.iter().map(|(setting, ..)| slots.slot(&setting.value)).collect::<Option<_>>()?;
        let correlation = slots.list(Takes::All, program.correlation.iter().map(|(setting, _)| setting))?;
        let causation = slots.list(Takes::All, program.causation.iter().map(|(setting, _)| setting))?;
        let entities = slots.entities(&program.entities)?;
        let Slots { words, composed, .. } = slots;
        Some(Self { words, type_name, id, time, entities, version, correlation, causation, service, composed })
    }

    /// Whether a record has use for a text that is put together.
    #[inline]
    pub fn composes(&self, captures: &Captures) -> bool {
        let is_there = |slot: &u8| !captures.single(*slot).is_empty();
        self.composed.iter().any(|text| !text.unless.iter().any(is_there) && text.of.iter().all(is_there))
    }
}

/// How many of its slots a role uses: of the first in which there is something, or all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    First,
    All,
}

/// The slots that are given so far.
struct Slots {
    pointers: usize,
    words: Vec<Box<[u8]>>,
    composed: Vec<Composed>,
}

impl Slots {
    /// None for what is put together, and where there are too many words.
    fn slot(&mut self, expr: &Expr) -> Option<u8> {
        match expr {
            Expr::Slot(slot) => Some(*slot),
            Expr::Text(word) => {
                self.words.push(word.clone());
                // The last number stands for no slot.
                u8::try_from(self.pointers + self.words.len() - 1).ok().filter(|slot| *slot < u8::MAX)
            }
            Expr::Pieces(_) => None,
        }
    }

    /// Those of a role.
    fn list<'a>(&mut self, takes: Takes, settings: impl IntoIterator<Item = &'a Setting<Expr>>) -> Option<Vec<u8>> {
        let mut slots = Vec::new();
        for Setting { value, .. } in settings {
            if let Expr::Pieces(pieces) = value {
                let unless = if takes == Takes::First { slots.clone() } else { Vec::new() };
                self.compose(fields(pieces).collect(), unless)?;
            } else {
                slots.push(self.slot(value)?);
            }
        }
        Some(slots)
    }

    fn entities(&mut self, list: &[Setting<(Expr, Expr)>]) -> Option<Vec<(u8, u8)>> {
        let mut slots = Vec::new();
        for Setting { value: (kind, id), .. } in list {
            if let (Expr::Slot(_) | Expr::Text(_), Expr::Slot(_) | Expr::Text(_)) = (kind, id) {
                slots.push((self.slot(kind)?, self.slot(id)?));
                continue;
            }
            let of = [kind, id].into_iter().flat_map(|expr| match expr {
                Expr::Text(_) => Vec::new(),
                Expr::Slot(slot) => vec![*slot],
                Expr::Pieces(pieces) => fields(pieces).collect(),
            });
            self.compose(of.collect(), Vec::new())?;
        }
        Some(slots)
    }

    /// None where every record has use for it.
    fn compose(&mut self, of: Vec<u8>, unless: Vec<u8>) -> Option<()> {
        let sometimes = !of.is_empty() || !unless.is_empty();
        sometimes.then(|| self.composed.push(Composed { of, unless }))
    }
}

/// Slots without which there is no text.
fn fields(pieces: &[Piece]) -> impl Iterator<Item = u8> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Field { slot, filters } | Piece::Named { slot, filters, .. } => {
            let instead = filters.iter().any(|filter| matches!(filter, Filter::Else(_)));
            (!instead).then_some(*slot)
        }
        Piece::Text(_) => None,
    })
}
