//! The shared answers in the form in which panels need them.

use std::sync::Arc;

use super::lanes::LaneList;
use crate::analysis::timeline::axis::Gap;
use crate::app::state::AxisRange;
use crate::gui::panels::PanelCtx;
use crate::model::ids::EventIx;

/// Says whether an event passes the filter.
pub type Shown = Arc<dyn Fn(EventIx) -> bool + Send + Sync>;

/// The filter's answer; `None` where nothing is filtered.
#[must_use]
pub fn filter_rows(_ctx: &PanelCtx<'_>) -> Option<Shown> {
    None
}

/// The visible range; the whole log gets a margin, so that its first event is not cut in half.
#[must_use]
pub fn visible(ctx: &PanelCtx<'_>) -> Option<AxisRange> {
    ctx.state.view.range.or_else(|| {
        let extent = ctx.state.extent?;
        Some(extent.scaled_around(extent.start as f64 + extent.len() * 0.5, 1.03))
    })
}

/// The lanes of the timeline in their order.
#[must_use]
pub fn lanes(ctx: &PanelCtx<'_>) -> Option<Arc<LaneList>> {
    thread_local!(static CACHE: std::cell::RefCell<(u64, Option<Arc<LaneList>>)> = const { std::cell::RefCell::new((u64::MAX, None)) });
    CACHE.with_borrow_mut(|(generation, list)| {
        if *generation != ctx.snapshot.generation() || list.is_none() {
            *generation = ctx.snapshot.generation();
            let order = (0..ctx.snapshot.entity_count()).map(crate::model::ids::EntityIx).collect();
            *list = Some(Arc::new(LaneList { order, ..LaneList::default() }));
        }
        list.clone()
    })
}

/// Long silent stretches of the log.
#[must_use]
pub fn gaps(_ctx: &PanelCtx<'_>) -> Arc<[Gap]> {
    Arc::from([])
}

/// Places on the axis are times; else positions of events.
#[must_use]
pub fn timed(ctx: &PanelCtx<'_>) -> bool {
    ctx.snapshot.time_range().is_some()
}
