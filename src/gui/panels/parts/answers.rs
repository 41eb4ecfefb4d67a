//! The shared answers in the form in which panels need them.

use std::sync::Arc;

use crate::app::jobs::{Answer, EntitiesAnswer, EntitiesKey, LintKey, Linted, RowsAnswer, RowsKey};
use crate::app::state::AxisRange;
use crate::gui::panels::PanelCtx;

/// The rows of the filter in the table's order.
#[must_use]
pub fn rows(ctx: &PanelCtx<'_>) -> Option<Arc<Answer<RowsKey, Option<RowsAnswer>>>> {
    ctx.jobs.rows.answer().filter(|a| a.value.is_some())
}

/// Entities with rows that pass the filter, counted and sorted.
#[must_use]
pub fn entities(ctx: &PanelCtx<'_>) -> Option<Arc<Answer<EntitiesKey, Option<EntitiesAnswer>>>> {
    ctx.jobs.entities.answer().filter(|a| a.value.is_some())
}

/// What rules found, where events that they name are to be marked.
#[must_use]
pub fn linted(ctx: &PanelCtx<'_>) -> Option<Arc<Answer<LintKey, Option<Linted>>>> {
    ctx.jobs.lints.slot.answer().filter(|a| ctx.state.settings.finding_marks && a.value.is_some())
}

/// The visible range; the whole log gets a margin, so that its first event is not cut in half.
#[must_use]
pub fn visible(ctx: &PanelCtx<'_>) -> Option<AxisRange> {
    ctx.state.view.range.or_else(|| {
        let extent = ctx.state.extent?;
        let wider = extent.scaled_around(extent.place_at(0.5), 1.03);
        // Of a few positions a share is less than one. The last has its room already.
        Some(if wider == extent { AxisRange::new(extent.start.saturating_sub(1), extent.end) } else { wider })
    })
}
