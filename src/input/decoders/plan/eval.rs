//! Expressions over captures → texts.

use super::ObjectKinds;
use super::captures::{Captures, Text};
use super::program::{Expr, Piece, Program, Setting};
use super::template::Filter;

/// A text of the mapping itself, or one of the record.
#[derive(Clone, Copy, Debug)]
pub struct Found<'p> {
    fixed: &'p [u8],
    text: Text,
}

impl<'p> Found<'p> {
    const ABSENT: Self = Self { fixed: b"", text: Text::ABSENT };

    #[inline]
    pub fn of(expr: &'p Expr, text: Text) -> Self {
        match expr {
            Expr::Text(fixed) => Self { fixed, text: Text::ABSENT },
            _ => Self { fixed: b"", text },
        }
    }

    #[inline]
    pub fn is_absent(self) -> bool {
        self.fixed.is_empty() && self.text.is_empty()
    }

    #[inline]
    pub fn bytes<'a>(self, record: &'a [u8], scratch: &'a [u8]) -> &'a [u8]
    where
        'p: 'a,
    {
        if self.fixed.is_empty() { self.text.bytes(record, scratch) } else { self.fixed }
    }
}

/// The texts behind an expression that was evaluated before.
#[inline]
pub fn resolve<'a>(expr: &'a Expr, text: Text, record: &'a [u8], scratch: &'a [u8]) -> &'a [u8] {
    Found::of(expr, text).bytes(record, scratch)
}

/// The first alternative that is there.
#[inline]
pub fn first<'p>(program: &'p Program, list: &'p [Setting<Expr>], captures: &mut Captures, record: &[u8]) -> Found<'p> {
    for setting in list {
        let found = one(program, setting, captures, record);
        if !found.is_absent() {
            return found;
        }
    }
    Found::ABSENT
}

/// The value of one alternative; the first match where there are several.
#[inline]
pub fn one<'p>(program: &'p Program, setting: &'p Setting<Expr>, captures: &mut Captures, record: &[u8]) -> Found<'p> {
    // The usual case: one pointer.
    if let (Expr::Slot(slot), None) = (&setting.value, setting.driver) {
        return Found { fixed: b"", text: captures.single(*slot) };
    }
    one_of_many(program, setting, captures, record)
}

fn one_of_many<'p>(
    program: &'p Program,
    setting: &'p Setting<Expr>,
    captures: &mut Captures,
    record: &[u8],
) -> Found<'p> {
    let Some(driver) = setting.driver else {
        return Found::of(&setting.value, text(program, &setting.value, 0, captures, record));
    };
    let mut place = 0;
    while let Some(&(of_match, _)) = captures.matches(driver).get(place) {
        let found = Found::of(&setting.value, text(program, &setting.value, of_match, captures, record));
        if !found.is_absent() {
            return found;
        }
        place += 1;
    }
    Found::ABSENT
}

/// An expression's text in one match of a `*` (0 where it has none), absent for plain words.
#[inline]
pub fn text(program: &Program, expr: &Expr, of_match: u64, captures: &mut Captures, record: &[u8]) -> Text {
    match expr {
        Expr::Text(_) => Text::ABSENT,
        Expr::Slot(slot) => slot_text(program, *slot, of_match, captures),
        Expr::Pieces(pieces) => compose(program, pieces, of_match, captures, record),
    }
}

#[inline]
fn slot_text(program: &Program, slot: u8, of_match: u64, captures: &Captures) -> Text {
    if of_match > 0 && program.is_many(slot) { captures.in_match(slot, of_match) } else { captures.single(slot) }
}

/// All fields must be there, or the whole is absent.
fn compose(program: &Program, pieces: &[Piece], of_match: u64, captures: &mut Captures, record: &[u8]) -> Text {
    if let [piece] = pieces {
        return field(program, piece, of_match, captures, record);
    }
    // Filters may write to the scratch space themselves, so they go first.
    let mut whole = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.extend_from_slice(text),
            Piece::Field { .. } | Piece::Named { .. } => {
                let found = field(program, piece, of_match, captures, record);
                if found.is_empty() {
                    return Text::ABSENT;
                }
                whole.extend_from_slice(found.bytes(record, &captures.scratch));
            }
        }
    }
    captures.keep(&whole)
}

/// One field's text; absent for plain words.
fn field(program: &Program, piece: &Piece, of_match: u64, captures: &mut Captures, record: &[u8]) -> Text {
    let (slot, filters) = match piece {
        Piece::Text(_) => return Text::ABSENT,
        Piece::Field { slot, filters } => (*slot, filters),
        Piece::Named { slot, names, name, filters } => {
            let beside = slot_text(program, *names, of_match, captures);
            if !beside.bytes(record, &captures.scratch).eq_ignore_ascii_case(name) {
                return Text::ABSENT;
            }
            (*slot, filters)
        }
    };
    let found = slot_text(program, slot, of_match, captures);
    filtered(program, filters, found, captures, record)
}

fn filtered(program: &Program, filters: &[Filter], mut found: Text, captures: &mut Captures, record: &[u8]) -> Text {
    for filter in filters {
        let absent = found.is_empty();
        let bytes = found.bytes(record, &captures.scratch);
        found = match filter {
            Filter::Else(text) if absent => captures.keep(text),
            _ if absent => Text::ABSENT,
            Filter::Else(_) => found,
            Filter::Before(separator) => match memchr::memmem::find(bytes, separator) {
                Some(at) => found.part(0, at),
                None => Text::ABSENT,
            },
            Filter::After(separator) => match memchr::memmem::find(bytes, separator) {
                Some(at) => found.part(at + separator.len(), bytes.len()),
                None => found,
            },
            Filter::Names(names) => match names.iter().find(|(value, _)| **value == *bytes) {
                Some((_, name)) => captures.keep(name),
                None => found,
            },
            Filter::Object => {
                let objects: Option<&dyn ObjectKinds> = program.objects.as_deref();
                match objects.and_then(|objects| objects.kind(bytes)) {
                    Some(kind) => captures.keep(kind),
                    None => Text::ABSENT,
                }
            }
        };
    }
    found
}
