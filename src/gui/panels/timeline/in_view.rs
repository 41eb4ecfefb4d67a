//! The lanes with an event in the visible range, found by a job each time the range changes; the
//! lanes of the range before stay until it is done.

use std::sync::Arc;

use crate::analysis::entities::{EntityList, in_range};
use crate::analysis::timeline::Basis;
use crate::app::jobs::{RowsAnswer, Slot};
use crate::app::state::AxisRange;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::answers;

/// What the answer depends on; the number stands for the list that all panels share.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    range: AxisRange,
    list: usize,
    filter: String,
}

#[derive(Default)]
pub struct InView {
    slot: Option<Slot<Key, Option<Arc<EntityList>>>>,
    /// The last answer that was not broken off.
    last: Option<Arc<EntityList>>,
}

impl InView {
    /// `all`, or what of it has an event in `range` where only that is wanted.
    pub fn list(&mut self, ctx: &PanelCtx<'_>, all: &Arc<EntityList>, range: AxisRange) -> Arc<EntityList> {
        if !ctx.state.view.lanes.in_view {
            *self = Self::default();
            return Arc::clone(all);
        }
        let rows = answers::rows(ctx).filter(|a| !a.key.filter.is_empty());
        let key = Key {
            range,
            list: Arc::as_ptr(all) as usize,
            filter: rows.as_ref().map_or_else(String::new, |a| a.key.filter.clone()),
        };
        let slot = self.slot.get_or_insert_with(|| Slot::new("lanes in view", ctx.waker.clone()));
        let (snapshot, list) = (Arc::clone(ctx.snapshot), Arc::clone(all));
        slot.ask(key, ctx.snapshot.generation(), move |job| {
            let set = rows.as_ref().and_then(|a| a.value.as_ref()).map(RowsAnswer::rows);
            let range = (range.start, range.end);
            in_range(&snapshot, &list, set, Basis::of(&snapshot), range, &job.cancel).map(Arc::new)
        });
        if let Some(found) = slot.answer().and_then(|a| a.value.clone()) {
            self.last = Some(found);
        }
        self.last.as_ref().map_or_else(|| Arc::clone(all), Arc::clone)
    }
}
