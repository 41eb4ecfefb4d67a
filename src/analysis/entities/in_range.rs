//! Which entities of a list have an event in a stretch of the axis. One pass over the postings of
//! the segments that reach into it; a segment that lies inside as a whole is not looked at by rows.

use super::list::{EntityList, Group};
use crate::analysis::rows::Rows;
use crate::analysis::timeline::Basis;
use crate::base::cancel::Cancel;
use crate::model::ids::EntityIx;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// The same list without entities that have no event between `start` and `end`, both included;
/// pinned ones stay. `rows` narrows down which events count. `None` when cancelled.
#[must_use]
pub fn in_range(
    snapshot: &Snapshot,
    list: &EntityList,
    rows: Option<&Rows>,
    basis: Basis,
    (start, end): (i64, i64),
    cancel: &Cancel,
) -> Option<EntityList> {
    let mut seen = vec![false; snapshot.entity_count() as usize];
    for (i, segment) in snapshot.segments().iter().enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        let rows = rows.filter(|rows| !rows.all_in(i));
        if rows.is_some_and(|rows| rows.count_in(i) == 0) {
            continue;
        }
        let Some(inside) = Inside::of(segment, basis, start, end) else { continue };
        for (key, of_key) in segment.entities().iter() {
            let Some(seen) = seen.get_mut(key as usize).filter(|seen| !**seen) else { continue };
            *seen = of_key.iter().any(|&row| inside.has(row) && rows.is_none_or(|rows| rows.contains_in(i, row)));
        }
    }
    Some(keep(list, |entity| seen.get(entity.at()) == Some(&true)))
}

/// Rows of a segment inside the stretch.
enum Inside {
    All,
    /// From one row to before another one.
    Run(u16, u32),
    Marked(Vec<bool>),
}

impl Inside {
    /// `None` where no row can be inside.
    fn of(segment: &Segment, basis: Basis, start: i64, end: i64) -> Option<Self> {
        let (first, last) = basis.range(segment)?;
        if last < start || end < first {
            return None;
        }
        if start <= first && last <= end && basis.placed(segment) == segment.len() {
            return Some(Self::All);
        }
        let in_order = basis == Basis::Position || segment.in_time_order();
        let from = basis.rank(segment, start);
        let to = end.checked_add(1).map_or_else(|| basis.placed(segment), |after| basis.rank(segment, after));
        if from >= to {
            return None;
        }
        if in_order {
            return u16::try_from(from).ok().map(|from| Self::Run(from, to));
        }
        let mut marked = vec![false; segment.len() as usize];
        for k in from..to {
            if let Some(mark) = marked.get_mut(usize::from(basis.row(segment, k))) {
                *mark = true;
            }
        }
        Some(Self::Marked(marked))
    }

    #[inline]
    fn has(&self, row: u16) -> bool {
        match self {
            Self::All => true,
            Self::Run(from, to) => row >= *from && u32::from(row) < *to,
            Self::Marked(marked) => marked.get(usize::from(row)) == Some(&true),
        }
    }
}

/// The list with only its pinned entities and those that `stays` holds for.
fn keep(list: &EntityList, stays: impl Fn(EntityIx) -> bool) -> EntityList {
    let pinned = list.pinned as usize;
    let mut order: Vec<EntityIx> = list.order.iter().take(pinned).copied().collect();
    let mut groups = Vec::new();
    if list.groups.is_empty() {
        order.extend(list.order.iter().skip(pinned).filter(|&&entity| stays(entity)));
    }
    for group in &list.groups {
        let first = order.len() as u32;
        let members = list.order.iter().skip(group.first as usize).take(group.len as usize);
        order.extend(members.filter(|&&entity| stays(entity)));
        let len = order.len() as u32 - first;
        if len > 0 {
            groups.push(Group { kind: group.kind, first, len });
        }
    }
    EntityList { order, pinned: list.pinned, groups }
}
