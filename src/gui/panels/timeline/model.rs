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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::entities::{ListQuery, list, stats};
    use crate::analysis::timeline::Basis;
    use crate::base::cancel::Cancel;
    use crate::store::testing::Builder;

    #[test]
    fn lanes_are_told_with_their_groups_pins_and_selection() {
        let second = 1_000_000_000;
        let log = Builder::new()
            .simple(second, "Placed", &["order:1", "customer:ann"])
            .simple(2 * second, "Paid", &["order:1"])
            .simple(3 * second, "Placed", &["order:2\u{202e}", "customer:ann"])
            .build();
        let mut state = State::default();
        let entity = |kind, id| log.find_entity(kind, id).expect("it is in the log");
        state.selection.entity = Some(entity("customer", "ann"));
        state.view.lanes.pinned = vec![entity("order", "2\u{202e}")];
        state.pins_changed();
        let cancel = Cancel::new();
        let stats = stats(&log, None, Basis::Time, &cancel).expect("not cancelled");
        let told = |query: &ListQuery, folded: bool, first: u64, fit: usize| -> Vec<String> {
            let list = list(&log, &stats, query, &cancel).expect("not cancelled");
            let rows = rows_of(&list, |kind| folded && log.kind_name(kind) == "order");
            let scroll = RowScroll { first, ..RowScroll::default() };
            let row = |row: RowView| match row {
                RowView::Header { name, counts, folded, .. } => {
                    format!("{} {name}: {counts}", if folded { "▸" } else { "▾" })
                }
                RowView::Lane(lane) => {
                    let marks = [(lane.pinned, " pinned"), (lane.selected, " selected")];
                    let marks = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
                    lane.accessible() + &marks.collect::<String>()
                }
            };
            visible_rows(&log, &state, &list, &rows, scroll, fit, &stats).into_iter().map(row).collect()
        };
        let flat = ListQuery { pinned: state.view.lanes.pinned.clone(), ..ListQuery::default() };
        assert_eq!(
            told(&flat, false, 0, 9),
            ["order:2\\u{202E}, 1 event pinned", "order:1, 2 events", "customer:ann, 2 events selected"]
        );
        assert_eq!(told(&flat, false, 2, 9), ["customer:ann, 2 events selected"]);
        let grouped = ListQuery { group_by_kind: true, ..flat };
        assert_eq!(
            told(&grouped, true, 0, 4),
            [
                "order:2\\u{202E}, 1 event pinned",
                "▸ order: 1 lane",
                "▾ customer: 1 lane",
                "customer:ann, 2 events selected"
            ]
        );
        let all = list(&log, &stats, &ListQuery::default(), &cancel).expect("not cancelled");
        assert_eq!(summary(&all, &all, LaneSort::First, false), "3 lanes, earliest first");
        let some = ListQuery { text: "ann".to_owned(), ..ListQuery::default() };
        let some = list(&log, &stats, &some, &cancel).expect("not cancelled");
        assert_eq!(summary(&some, &all, LaneSort::First, false), "1 of 3 in view");
    }
}
