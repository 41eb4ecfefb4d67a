//! Which event stands in which row of the table, and which rows are read together.

use crate::app::State;
use crate::app::jobs::RowsAnswer;
use crate::app::state::{Column, ColumnView, RowOrder};
use crate::base::text::{count, plural};
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Rows that are read together, beside those in sight.
const BLOCK: u64 = 64;

/// Rows of an answer from top to bottom.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub found: &'a RowsAnswer,
    pub descending: bool,
}

impl View<'_> {
    #[must_use]
    pub fn len(&self) -> u64 {
        self.found.order.len()
    }

    #[must_use]
    pub fn event(&self, row: u64) -> Option<EventIx> {
        let k = if self.descending { self.len().checked_sub(row + 1)? } else { row };
        self.found.order.nth(k)
    }

    /// The row of an event, if it is among the rows.
    #[must_use]
    pub fn row_of(&self, event: EventIx) -> Option<u64> {
        if !self.found.rows().contains(event) {
            return None;
        }
        let k = self.found.order.rank(&self.found.snapshot, event);
        if self.descending { self.len().checked_sub(k + 1) } else { Some(k) }
    }

    /// The rows around those in sight that are read together, as a range.
    #[must_use]
    pub fn block(&self, visible: &std::ops::Range<u64>) -> std::ops::Range<u64> {
        let from = (visible.start / BLOCK).saturating_sub(1) * BLOCK;
        let to = (visible.end / BLOCK + 2) * BLOCK;
        from.min(self.len())..to.min(self.len())
    }
}

/// Shown columns in their order.
pub fn shown(state: &State) -> Vec<ColumnView> {
    state.view.table.columns.iter().filter(|c| c.shown).copied().collect()
}

/// The place among all columns of the one that was dropped at `to` among the shown ones.
#[must_use]
pub fn place_of(state: &State, to: usize) -> usize {
    let columns = &state.view.table.columns;
    let target = columns.iter().enumerate().filter(|(_, c)| c.shown).nth(to).map(|(i, _)| i);
    target.unwrap_or(columns.len())
}

/// The row order that a click on this column's title asks for.
#[must_use]
pub fn order_of(column: Column) -> Option<RowOrder> {
    match column {
        Column::Time | Column::Delta => Some(RowOrder::Time),
        Column::Position => Some(RowOrder::Position),
        _ => None,
    }
}

/// `1,234 of 3,000,000 events, by time`.
#[must_use]
pub fn summary(view: &View<'_>, snapshot: &Snapshot, order: RowOrder) -> String {
    let of = if view.len() == snapshot.len() {
        plural(view.len(), "event", "events")
    } else {
        format!("{} of {}", count(view.len()), plural(snapshot.len(), "event", "events"))
    };
    let by = match order {
        RowOrder::Time => "by time",
        RowOrder::Position => "in the order of the log",
    };
    let unread = match view.found.unread {
        0 => String::new(),
        n => format!("; {} could not be read", count(n)),
    };
    format!("{of}, {by}{}{unread}", if view.descending { ", last first" } else { "" })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::rows::Rows;
    use crate::store::testing::Builder;

    fn found() -> RowsAnswer {
        let mut builder = Builder::new();
        for i in 0..200 {
            builder = builder.simple(i, "T", &["a:1"]);
        }
        let snapshot: Arc<Snapshot> = builder.build();
        let rows = Rows::from_events(&snapshot, (0..200).step_by(2).map(EventIx));
        RowsAnswer { order: crate::analysis::rows::RowOrder::by_position(rows), snapshot, unread: 0, names: None }
    }

    #[test]
    fn rows_and_events_find_each_other_in_both_directions() {
        let found = found();
        for descending in [false, true] {
            let view = View { found: &found, descending };
            for row in 0..view.len() {
                let event = view.event(row).expect("inside");
                assert_eq!(view.row_of(event), Some(row));
            }
            assert_eq!(view.event(100), None);
            assert_eq!(view.row_of(EventIx(3)), None, "filtered out");
        }
        assert_eq!(View { found: &found, descending: true }.event(0), Some(EventIx(198)));
    }

    #[test]
    fn blocks_reach_beyond_what_is_seen() {
        let found = found();
        let view = View { found: &found, descending: false };
        assert_eq!(view.block(&(0..20)), 0..100);
        let words = summary(&view, &found.snapshot, RowOrder::Time);
        assert_eq!(words, "100 of 200 events, by time");
    }

    #[test]
    fn a_dropped_column_finds_its_place_among_hidden_ones() {
        let state = State::default();
        let all = &state.view.table.columns;
        assert!(!all[0].shown, "the position is hidden at first");
        assert_eq!(place_of(&state, 0), 1);
        assert_eq!(place_of(&state, 99), all.len());
    }
}
