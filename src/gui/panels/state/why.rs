//! Where a value comes from: the event that set it, from what to what, and what caused that event.
//! Asked while the pointer rests on a row.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::model::Row;
use crate::analysis::state::blame::{Touch, set_by};
use crate::analysis::state::path::Path;
use crate::app::jobs::{Focus, Slot};
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{named, one_line};
use crate::gui::panels::parts::value::{short, short_or_nothing};
use crate::gui::theme::{GRID, SMALL, mono, semibold};
use crate::gui::widgets::chip;

/// A fold, a place and a step.
type Key = (u64, Path, u32);

/// The event that set a value; nothing where it is as it was before the first event.
struct Origin {
    touch: Option<Touch>,
    /// `caused by evt-3`, from the envelope.
    cause: Option<String>,
}

#[derive(Default)]
pub struct Why {
    slot: Option<Slot<Key, Origin>>,
}

impl Why {
    /// Asks for the origin of a row's value at a step.
    pub fn ask(&mut self, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, row: &Row, step: u32) {
        let Some(folded) = focus.folded.clone() else { return };
        let slot = self.slot.get_or_insert_with(|| Slot::new("provenance", ctx.waker.clone()));
        let (pool, path, log) = (ctx.jobs.travel.pool.clone(), row.path.clone(), Arc::clone(&focus.snapshot));
        slot.ask((focus.number, row.path.clone(), step), 0, move |job| {
            let Ok(mut reducer) = pool.lend(folded.source()) else { return Origin { touch: None, cause: None } };
            let touch = set_by(&folded, &mut *reducer, &path, step, &job.cancel);
            let envelope = touch.as_ref().and_then(|t| t.event).and_then(|event| log.envelope(event).ok());
            let cause = envelope.and_then(|e| e.causes.first().map(|id| one_line(&id.value, 60)));
            Origin { touch, cause }
        });
    }

    /// The step of the event that set the value of this row, once that is known.
    #[must_use]
    pub fn step_of(&self, focus: &Focus, row: &Row, step: u32) -> Option<u32> {
        let answer = self.slot.as_ref()?.answer()?;
        let found = answer.key == (focus.number, row.path.clone(), step);
        answer.value.touch.as_ref().filter(|_| found).map(|touch| touch.step)
    }

    pub fn hint_ui(&self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, row: &Row, step: u32) {
        let theme = ctx.theme;
        ui.spacing_mut().item_spacing.y = GRID * 0.5;
        ui.label(RichText::new(row.path.dotted()).font(mono(12.0)).color(theme.muted));
        let answer = self.slot.as_ref().and_then(Slot::answer);
        let Some(answer) = answer.filter(|a| a.key == (focus.number, row.path.clone(), step)) else {
            ui.label(RichText::new("looking for the event that set it…").size(SMALL).color(theme.muted));
            return;
        };
        let Some(touch) = &answer.value.touch else {
            ui.label("as it was before the first event");
            return;
        };
        ui.horizontal(|ui| {
            ui.label("set by");
            ui.label(RichText::new(format!("event {}", count(touch.step.into()))).font(semibold(13.0)));
            if let Some(event) = touch.event {
                let type_ix = ctx.snapshot.type_ix(event);
                let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 16.0), egui::Sense::hover());
                chip::paint_look(ui.painter(), rect.center(), 9.0, ctx.looks.of_type(type_ix), theme);
                let name = ctx.snapshot.type_name(type_ix);
                ui.label(named(&one_line(name, 60)));
            }
        });
        if let Some(time) = touch.event.and_then(|event| ctx.snapshot.time(event)) {
            ui.label(RichText::new(ctx.state.settings.zone.format(time)).font(mono(12.0)).color(theme.muted));
        }
        let words = match (&touch.before, &touch.after) {
            (None, Some(after)) => format!("to {}, from nothing", short(after)),
            (Some(before), None) => format!("removed, was {}", short(before)),
            (before, after) => {
                let show = |value: &Option<_>| short_or_nothing(value.as_ref());
                format!("from {} to {}", show(before), show(after))
            }
        };
        ui.label(RichText::new(words).font(mono(12.0)));
        if let Some(cause) = &answer.value.cause {
            ui.label(RichText::new(format!("caused by {cause}")).size(SMALL).color(theme.muted));
        }
        if row.open.is_none() && touch.step != step {
            ui.label(RichText::new("Click to go there").size(SMALL).color(theme.muted));
        }
    }
}
