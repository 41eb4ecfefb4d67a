//! Fields of the entity in focus as columns: their values after the event of a row, blank in rows of
//! other entities. Only rows in sight are asked for; a thread folds them from the nearest keyframes.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::draw::PageKey;
use super::model::View;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::analysis::state::walk::walk;
use crate::app::jobs::Slot;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::value::short;
use crate::gui::widgets::table;
use crate::model::ids::EventIx;

const WIDTH: f32 = 112.0;
/// Steps that are walked over to reach the next one that is wanted.
const GAP: u32 = 256;

/// A fold, the places, the rows in sight.
type Key = (u64, Vec<Path>, PageKey);
/// By event: per place its value on one line; empty where nothing is there.
type Values = Vec<(EventIx, Vec<String>)>;

#[derive(Default)]
pub struct Watched {
    paths: Vec<Path>,
    slot: Option<Slot<Key, Values>>,
}

impl Watched {
    /// The pinned fields of the kind in focus.
    pub fn choose(&mut self, ctx: &PanelCtx<'_>) -> usize {
        let focus = ctx.jobs.travel.focus_of(ctx.state);
        let kind = focus.as_ref().map_or("", |f| &f.kind);
        self.paths = ctx.state.travel.watched(kind).filter(|w| w.column).map(|w| w.path.clone()).collect();
        self.paths.len()
    }

    /// The columns' titles; numbers stand at the right edge.
    pub fn titles(&self, ctx: &PanelCtx<'_>) -> Vec<table::Column<'static>> {
        let at = ctx.jobs.travel.at();
        let is_number = |path: &Path| {
            at.as_ref().is_some_and(|at| matches!(path.get(&at.value.after.value), Some(Value::Number(_))))
        };
        let title = |path: &Path| table::Column {
            title: path.dotted().into(),
            right: is_number(path),
            ..table::Column::plain("", WIDTH, true)
        };
        self.paths.iter().map(title).collect()
    }

    /// The value of the n-th field after an event; nothing where it is not known or not of the entity.
    #[must_use]
    pub fn value(values: &Values, event: EventIx, n: usize) -> &str {
        let row = values.binary_search_by_key(&event, |(of, _)| *of).ok().and_then(|i| values.get(i));
        row.and_then(|(_, texts)| texts.get(n)).map_or("", String::as_str)
    }

    /// The newest values, which may be of rows seen before.
    #[must_use]
    pub fn values(&self, ctx: &PanelCtx<'_>) -> Option<Arc<crate::app::jobs::Answer<Key, Values>>> {
        let focus = ctx.jobs.travel.focus_of(ctx.state)?;
        self.slot.as_ref()?.answer().filter(|a| a.key.0 == focus.number && a.key.1 == self.paths)
    }

    pub fn ask(&mut self, ctx: &PanelCtx<'_>, view: &View<'_>, answer: usize, visible: &Range<u64>) {
        if self.paths.is_empty() {
            return;
        }
        let Some(focus) = ctx.jobs.travel.focus_of(ctx.state) else { return };
        let block = view.block(visible);
        let key = (focus.number, self.paths.clone(), (answer, view.descending, block.clone()));
        let slot = self.slot.get_or_insert_with(|| Slot::new("watched columns", ctx.waker.clone()));
        let mut steps: Vec<(u32, EventIx)> = block
            .filter_map(|row| view.event(row))
            .filter_map(|event| Some((focus.history.step_of(event)?, event)))
            .collect();
        steps.sort_unstable();
        let (paths, pool) = (self.paths.clone(), ctx.jobs.travel.pool.clone());
        // Asked again when the fold that has grown is done.
        slot.ask(key, u64::from(focus.is_done()), move |job| {
            let Some(folded) = &focus.folded else { return Vec::new() };
            let Ok(mut reducer) = pool.lend(folded.source()) else { return Vec::new() };
            let mut values = Values::new();
            for run in steps.chunk_by(|a, b| b.0 - a.0 <= GAP) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                let mut wanted = run.iter().peekable();
                walk(folded, &mut *reducer, first.0, last.0, &job.cancel, &mut |step, state, _| {
                    if let Some((_, event)) = wanted.next_if(|(of, _)| *of == step) {
                        let text = |path: &Path| path.get(state).map_or_else(String::new, short);
                        values.push((*event, paths.iter().map(text).collect()));
                    }
                    ControlFlow::Continue(())
                });
            }
            values.sort_unstable_by_key(|(event, _)| *event);
            values
        });
    }
}

/// Where a column of the screen stands among the table's own, around `n` watched ones at `at`; nothing
/// for a watched one.
#[must_use]
pub fn own(column: usize, at: usize, n: usize) -> Option<usize> {
    match column {
        c if c < at => Some(c),
        c if c < at + n => None,
        c => Some(c - n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_screen_find_the_tables_own() {
        let all: Vec<Option<usize>> = (0..6).map(|c| own(c, 3, 2)).collect();
        assert_eq!(all, [Some(0), Some(1), Some(2), None, None, Some(3)]);
    }
}
