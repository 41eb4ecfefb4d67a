//! That the survey of all chains is older than the log, and the button that mends it.

use egui::{RichText, Ui};

use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::SMALL;

pub fn behind_ui(ui: &mut Ui, ctx: &PanelCtx<'_>) {
    let behind = ctx.jobs.flows.behind(ctx.snapshot);
    if behind == 0 {
        return;
    }
    let words = format!("{} not in it yet", plural(behind, "newer event is", "newer events are"));
    ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
    if ui.small_button(RichText::new("Look again").size(SMALL)).clicked() {
        ctx.jobs.flows.look_again();
    }
}
