//! Search as you type over a million names: part of an id, without regard to case, optionally with
//! the kind before a colon.

use memchr::memchr2_iter;

use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::names::EntityName;
use crate::store::snapshot::Snapshot;

/// How many names are looked at between two looks at the cancel flag.
const STEP: u32 = 1 << 14;

/// The text to look for, prepared once.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// Kinds whose own name has the text: all their entities match.
    whole_kinds: Vec<bool>,
    id: Part,
    /// `KIND:ID`: the kinds whose name ends in what was typed before the colon, and the id after it.
    with_kind: Option<(Vec<bool>, Part)>,
}

impl Matcher {
    #[must_use]
    pub fn new(text: &str, snapshot: &Snapshot) -> Self {
        let text = text.trim();
        let id = Part::new(text);
        let kinds = snapshot.kinds();
        let whole_kinds = kinds.iter().map(|kind| id.is_in(&kind.name)).collect();
        let with_kind = text.split_once(':').map(|(kind, id)| {
            let ends = |name: &str| name.to_lowercase().ends_with(&kind.to_lowercase());
            (kinds.iter().map(|kind| ends(&kind.name)).collect(), Part { starts: true, ..Part::new(id) })
        });
        Self { whole_kinds, id, with_kind }
    }

    /// Matches everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.text.is_empty()
    }

    #[must_use]
    pub fn matches(&self, entity: EntityName<'_>) -> bool {
        let kind = entity.kind.at();
        self.id.is_in(entity.id)
            || self.whole_kinds.get(kind) == Some(&true)
            || self.with_kind.as_ref().is_some_and(|(kinds, id)| kinds.get(kind) == Some(&true) && id.is_in(entity.id))
    }
}

/// Entities whose id or kind has the text, of these kinds (all where none are given), by number.
/// `None` when cancelled.
#[must_use]
pub fn search(text: &str, kinds: &[KindIx], snapshot: &Snapshot, cancel: &Cancel) -> Option<Vec<EntityIx>> {
    let matcher = Matcher::new(text, snapshot);
    let mut wanted = vec![kinds.is_empty(); snapshot.kinds().len()];
    kinds.iter().for_each(|kind| wanted.iter_mut().skip(kind.at()).take(1).for_each(|wanted| *wanted = true));
    let mut found = Vec::new();
    for key in 0..snapshot.entity_count() {
        if key % STEP == 0 && cancel.is_cancelled() {
            return None;
        }
        let ix = EntityIx(key);
        let Some(entity) = snapshot.entity(ix) else { continue };
        if wanted.get(entity.kind.at()) == Some(&true) && (matcher.is_empty() || matcher.matches(entity)) {
            found.push(ix);
        }
    }
    Some(found)
}

/// A text to be found without regard to case.
#[derive(Clone, Debug)]
struct Part {
    /// Lower case.
    text: String,
    /// Where all of it is ASCII, whose case can be folded byte by byte.
    ascii: bool,
    /// Only at the start.
    starts: bool,
}

impl Part {
    fn new(text: &str) -> Self {
        Self { text: text.to_lowercase(), ascii: text.is_ascii(), starts: false }
    }

    fn is_in(&self, name: &str) -> bool {
        if !self.ascii {
            let name = name.to_lowercase();
            return if self.starts { name.starts_with(&self.text) } else { name.contains(&self.text) };
        }
        let (wanted, name) = (self.text.as_bytes(), name.as_bytes());
        let Some(&first) = wanted.first() else { return true };
        let here = |at: usize| name.get(at..at + wanted.len()).is_some_and(|part| part.eq_ignore_ascii_case(wanted));
        if self.starts {
            return here(0);
        }
        let Some(last) = name.len().checked_sub(wanted.len()) else { return false };
        let places = name.get(..=last).unwrap_or_default();
        memchr2_iter(first, first.to_ascii_uppercase(), places).any(here)
    }
}
