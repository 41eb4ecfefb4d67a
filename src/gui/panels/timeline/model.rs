//! What the timeline shows of State and the log, without egui: rows of lanes with their labels, and
//! the words around them.

use super::rows::{Row, Rows};
use crate::analysis::entities::{EntityList, EntityStats};
use crate::app::State;
use crate::app::state::LaneSort;
use crate::base::text::{count, plural};
use crate::gui::panels::parts::list::RowScroll;
use crate::gui::panels::parts::preview::one_line;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::snapshot::Snapshot;

/// The place of an entity; a walk, so only when the selection changes.
#[must_use]
pub fn lane_of(list: &EntityList, entity: EntityIx) -> Option<u32> {
    list.order.iter().position(|&e| e == entity).and_then(|i| u32::try_from(i).ok())
}

/// Rows of the lanes, folded groups left out.
#[must_use]
pub fn rows_of(list: &EntityList, folded: impl Fn(KindIx) -> bool) -> Rows {
    if list.groups.is_empty() {
        Rows::flat(u32::try_from(list.order.len()).unwrap_or(u32::MAX))
    } else {
        Rows::grouped(list.pinned, &list.groups, folded)
    }
}

/// One row as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum RowView {
    Header { kind: KindIx, name: String, counts: String, folded: bool },
    Lane(LaneView),
}

#[derive(Clone, Debug, PartialEq)]
pub struct LaneView {
    pub entity: EntityIx,
    pub kind: KindIx,
    pub kind_name: String,
    pub id: String,
    /// Its number of events.
    pub count: String,
    /// Places of its first and its last event.
    pub extent: Option<(i64, i64)>,
    pub events: u64,
    pub pinned: bool,
    pub selected: bool,
}

impl LaneView {
    /// For people who cannot see the lane.
    #[must_use]
    pub fn accessible(&self) -> String {
        format!("{}:{}, {}", self.kind_name, self.id, plural(self.events, "event", "events"))
    }
}

/// The rows in sight, from the first one on.
#[must_use]
pub fn visible_rows(
    snapshot: &Snapshot,
    state: &State,
    list: &EntityList,
    rows: &Rows,
    scroll: RowScroll,
    fit: usize,
    stats: &EntityStats,
) -> Vec<RowView> {
    let kind_name = |kind: KindIx| one_line(snapshot.kind_name(kind), 40);
    (scroll.first..rows.len())
        .take(fit)
        .filter_map(|row| match rows.get(row)? {
            Row::Header(h) => {
                let (group, folded) = rows.group(h)?;
                Some(RowView::Header {
                    kind: group.kind,
                    name: kind_name(group.kind),
                    counts: plural(u64::from(group.len), "lane", "lanes"),
                    folded,
                })
            }
            Row::Lane(lane) => {
                let &entity = list.order.get(lane as usize)?;
                let name = snapshot.entity(entity)?;
                let stat = stats.get(entity);
                let events = u64::from(stat.map_or(0, |s| s.count));
                Some(RowView::Lane(LaneView {
                    entity,
                    kind: name.kind,
                    kind_name: kind_name(name.kind),
                    id: one_line(name.id, 400),
                    count: count(events),
                    extent: stat.and_then(|s| s.extent),
                    events,
                    pinned: state.is_pinned(entity),
                    selected: state.selection.entity == Some(entity),
                }))
            }
        })
        .collect()
}

/// Lanes among the rows in sight: place of the first and how many, for fetching their marks.
#[must_use]
pub fn visible_lanes(rows: &Rows, scroll: RowScroll, fit: usize) -> Option<(u32, u32)> {
    let end = scroll.first.saturating_add(fit as u64).min(rows.len());
    let mut lanes = (scroll.first..end).filter_map(|row| match rows.get(row)? {
        Row::Lane(lane) => Some(lane),
        Row::Header(_) => None,
    });
    let first = lanes.next()?;
    let last = lanes.next_back().unwrap_or(first);
    Some((first, last - first + 1))
}

/// `1,204 lanes, earliest first`; `12 of 1,204 in view` where only some of all are shown.
#[must_use]
pub fn summary(list: &EntityList, all: &EntityList, sort: LaneSort, reversed: bool) -> String {
    let (shown, of) = (list.order.len() as u64, all.order.len() as u64);
    let lanes = plural(of, "lane", "lanes");
    if shown == of {
        format!("{lanes}, {}", sort_words(sort, reversed))
    } else {
        format!("{} of {} in view", count(shown), count(of))
    }
}

#[must_use]
pub fn sort_words(sort: LaneSort, reversed: bool) -> &'static str {
    match (sort, reversed) {
        (LaneSort::First, false) => "earliest first",
        (LaneSort::First, true) => "latest start first",
        (LaneSort::Last, false) => "most recent first",
        (LaneSort::Last, true) => "longest silent first",
        (LaneSort::Count, false) => "most events first",
        (LaneSort::Count, true) => "fewest events first",
        (LaneSort::Name, false) => "by name",
        (LaneSort::Name, true) => "by name, reversed",
    }
}
