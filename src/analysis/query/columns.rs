//! Tests that the columns and postings of a segment answer without reading a record.

use super::super::rows::Bits;
use crate::model::filter::{Condition, Instant, NameKey, Op, Pattern};
use crate::model::ids::{EntityIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// Keys of postings: looked up one by one where they are few, passed over in one go where not.
const FEW_KEYS: usize = 256;

#[derive(Clone, Debug)]
pub(super) enum ColumnTest {
    Everything,
    Type(Vec<bool>),
    Service(Vec<bool>),
    Source(Vec<bool>),
    Entities(Keys),
    Correlations(Keys),
    HasCorrelation,
    Version {
        op: Op,
        value: u32,
    },
    /// From the first to before the second; ends that are `None` are open.
    Time(Option<TimeNs>, Option<TimeNs>),
    Undecodable,
    Untimed,
    Doubtful,
    HasId,
    IdHash(u64),
    HasCause,
    CauseHash(u64),
}

/// Keys of entities or correlations.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    Few(Vec<u32>),
    /// A bit for each key there is.
    Many(Vec<u64>),
}

impl ColumnTest {
    /// What a named test can say by columns alone, and whether that is the whole truth.
    pub fn of_name(key: NameKey, pattern: &Pattern, snapshot: &Snapshot) -> (Self, bool) {
        let any = pattern.0 == [crate::model::filter::Piece::Any];
        match key {
            NameKey::Type => {
                // A row that could not be read has no type; `is:undecodable` finds it.
                let mut wanted: Vec<bool> = snapshot.types().iter().map(|n| pattern.matches(&n.name)).collect();
                wanted.iter_mut().take(1).for_each(|undecodable| *undecodable = false);
                (Self::Type(wanted), true)
            }
            NameKey::Service => {
                let mut wanted: Vec<bool> = snapshot.services().iter().map(|n| pattern.matches(&n.name)).collect();
                wanted.iter_mut().take(1).for_each(|none| *none = pattern.exact() == Some(""));
                (Self::Service(wanted), true)
            }
            NameKey::Source => {
                let matches = |name: &str, address: &str| pattern.matches(name) || pattern.matches(address);
                (Self::Source(snapshot.sources().iter().map(|s| matches(&s.name, &s.address)).collect()), true)
            }
            NameKey::Kind => (Self::Entities(entities_of_kinds(pattern, snapshot)), true),
            NameKey::Entity => (Self::Entities(entities(pattern, snapshot)), true),
            NameKey::Correlation if any => (Self::HasCorrelation, true),
            NameKey::Correlation => match pattern.exact() {
                Some(id) => {
                    let found = snapshot.find_correlation(id).map(|ix| ix.0);
                    (Self::Correlations(Keys::Few(found.into_iter().collect())), true)
                }
                None => (Self::HasCorrelation, false),
            },
            NameKey::Id if any => (Self::HasId, true),
            NameKey::Id => (pattern.exact().map_or(Self::HasId, |id| Self::IdHash(Snapshot::id_hash(id))), false),
            NameKey::Cause if any => (Self::HasCause, true),
            NameKey::Cause => {
                (pattern.exact().map_or(Self::HasCause, |id| Self::CauseHash(Snapshot::id_hash(id))), false)
            }
        }
    }

    /// `None` for a negation: the caller turns `!=` around.
    pub fn of_time(op: Op, value: &Instant) -> Self {
        match op {
            Op::Is | Op::IsNot => Self::Time(Some(value.from), Some(value.until)),
            Op::Less => Self::Time(None, Some(value.from)),
            Op::AtMost => Self::Time(None, Some(value.until)),
            Op::Greater => Self::Time(Some(value.until), None),
            Op::AtLeast => Self::Time(Some(value.from), None),
        }
    }

    pub fn of_condition(condition: Condition) -> Self {
        match condition {
            Condition::Undecodable => Self::Undecodable,
            Condition::Untimed => Self::Untimed,
            Condition::Doubtful => Self::Doubtful,
        }
    }

    pub fn rows(&self, segment: &Segment) -> Bits {
        let len = segment.len();
        let named = |wanted: &[bool], ix: usize| wanted.get(ix).copied().unwrap_or(false);
        match self {
            Self::Everything => Bits::all(len),
            Self::Type(wanted) => Bits::rows_where(len, |row| named(wanted, segment.type_ix(row).at())),
            Self::Service(wanted) => Bits::rows_where(len, |row| named(wanted, segment.service_ix(row).at())),
            Self::Source(wanted) if named(wanted, segment.source().at()) => Bits::all(len),
            Self::Source(_) => Bits::none(len),
            Self::Entities(keys) => postings(segment.entities(), keys, len),
            Self::Correlations(keys) => postings(segment.correlations(), keys, len),
            Self::HasCorrelation => {
                let mut bits = Bits::none(len);
                segment.correlations().iter().for_each(|(_, rows)| rows.iter().for_each(|&row| bits.insert(row)));
                bits
            }
            Self::Version { op, value } => {
                Bits::rows_where(len, |row| segment.version(row).is_some_and(|v| op.holds(v.cmp(value))))
            }
            Self::Time(from, until) => in_time(segment, *from, *until),
            Self::Undecodable => Bits::rows_where(len, |row| segment.type_ix(row) == TypeIx::UNDECODABLE),
            Self::Untimed => Bits::rows_where(len, |row| segment.time(row).is_none()),
            Self::Doubtful => {
                Bits::rows_where(len, |row| segment.type_ix(row) != TypeIx::UNDECODABLE && segment.issue(row).is_some())
            }
            Self::HasId => Bits::rows_where(len, |row| segment.id_hash(row).is_some()),
            Self::IdHash(hash) => Bits::rows_where(len, |row| segment.id_hash(row) == Some(*hash)),
            Self::HasCause => caused(segment, |_| true),
            Self::CauseHash(hash) => caused(segment, |cause| cause == *hash),
        }
    }
}

fn caused(segment: &Segment, by: impl Fn(u64) -> bool) -> Bits {
    let mut bits = Bits::none(segment.len());
    segment.all_causes().filter(|&(_, cause)| by(cause)).for_each(|(row, _)| bits.insert(row));
    bits
}

fn in_time(segment: &Segment, from: Option<TimeNs>, until: Option<TimeNs>) -> Bits {
    let len = segment.len();
    let first = from.map_or(0, |t| segment.rank_of(t));
    let last = until.map_or(segment.timed_len(), |t| segment.rank_of(t));
    if first == 0 && last == len {
        return Bits::all(len);
    }
    let mut bits = Bits::none(len);
    (first..last).for_each(|k| bits.insert(segment.row_by_time(k)));
    bits
}

fn postings(postings: &crate::store::postings::Postings, keys: &Keys, len: u32) -> Bits {
    let mut bits = Bits::none(len);
    match keys {
        Keys::Few(keys) => {
            keys.iter().for_each(|&key| postings.rows(key).iter().for_each(|&row| bits.insert(row)));
        }
        Keys::Many(wanted) => {
            for (key, rows) in postings.iter() {
                if has_bit(wanted, key) {
                    rows.iter().for_each(|&row| bits.insert(row));
                }
            }
        }
    }
    bits
}

fn has_bit(bits: &[u64], key: u32) -> bool {
    bits.get(key as usize / 64).is_some_and(|word| word >> (key % 64) & 1 == 1)
}

/// `KIND:ID`, or an id of any kind. Both may hold colons, so every way to cut an exact text counts.
fn entities(pattern: &Pattern, snapshot: &Snapshot) -> Keys {
    if let Some(text) = pattern.exact() {
        let cuts = text.match_indices(':').filter_map(|(i, _)| snapshot.find_entity(&text[..i], &text[i + 1..]));
        let alone = snapshot.kinds().iter().filter_map(|kind| snapshot.find_entity(&kind.name, text));
        let mut keys: Vec<u32> = cuts.chain(alone).map(|ix| ix.0).collect();
        keys.sort_unstable();
        keys.dedup();
        return Keys::Few(keys);
    }
    let with_kind =
        pattern.0.iter().any(|piece| matches!(piece, crate::model::filter::Piece::Text(t) if t.contains(':')));
    let mut text = String::new();
    keys_where(snapshot, |ix| {
        let Some(entity) = snapshot.entity(ix) else { return false };
        if !with_kind {
            return pattern.matches(entity.id);
        }
        text.clear();
        text.push_str(snapshot.kind_name(entity.kind));
        text.push(':');
        text.push_str(entity.id);
        pattern.matches(&text)
    })
}

fn entities_of_kinds(pattern: &Pattern, snapshot: &Snapshot) -> Keys {
    let wanted: Vec<bool> = snapshot.kinds().iter().map(|kind| pattern.matches(&kind.name)).collect();
    if !wanted.contains(&true) {
        return Keys::Few(Vec::new());
    }
    keys_where(snapshot, |ix| snapshot.entity(ix).is_some_and(|e| wanted.get(e.kind.at()) == Some(&true)))
}

fn keys_where(snapshot: &Snapshot, mut wanted: impl FnMut(EntityIx) -> bool) -> Keys {
    let mut bits = vec![0_u64; snapshot.entity_count().div_ceil(64) as usize];
    let mut count = 0;
    for key in 0..snapshot.entity_count() {
        if wanted(EntityIx(key)) {
            bits[key as usize / 64] |= 1 << (key % 64);
            count += 1;
        }
    }
    if count <= FEW_KEYS {
        Keys::Few((0..snapshot.entity_count()).filter(|&key| has_bit(&bits, key)).collect())
    } else {
        Keys::Many(bits)
    }
}
