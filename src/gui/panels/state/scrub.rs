//! The scrub bar: a step per place, whatever the length. Drag, click, wheel; with Shift a point of
//! the mouse is one event, however many there are. Few events show as marks in their types' colours.

use egui::{CornerRadius, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::jobs::Focus;
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{GRID, Theme};
use crate::gui::widgets::chip;
use crate::gui::widgets::parts::focus_ring;

pub const HEIGHT: f32 = 34.0;
/// Least room for a mark per event.
const MARK_ROOM: f32 = 5.0;

/// What a drag began with, for the fine way of dragging.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drag {
    from: Option<(f32, u32)>,
    wheel: f32,
}

/// Places and steps of one bar.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub left: f32,
    pub width: f32,
    pub steps: u32,
}

impl Scale {
    #[must_use]
    pub fn x(self, step: u32) -> f32 {
        self.left + self.width * (f64::from(step) / f64::from(self.steps.max(1))) as f32
    }

    #[must_use]
    pub fn step(self, x: f32) -> u32 {
        let share = f64::from(((x - self.left) / self.width.max(1.0)).clamp(0.0, 1.0));
        (share * f64::from(self.steps)).round() as u32
    }
}

/// Draws the bar; returns the step that a person went to.
pub fn scrub_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    focus: &Focus,
    step: u32,
    found: Option<u32>,
    drag: &mut Drag,
) -> Option<u32> {
    let theme = ctx.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click_and_drag());
    let len = focus.history.len();
    let scale = Scale { left: rect.left() + 8.0, width: (rect.width() - 16.0).max(1.0), steps: len };
    let y = rect.center().y;
    let done = focus.folded.as_ref().map_or(len, |f| f.done());
    track(ui, theme, rect, scale, step, done);
    if scale.width / len.max(1) as f32 >= MARK_ROOM {
        for (i, &event) in focus.history.events.iter().enumerate() {
            let look = ctx.looks.of_type(ctx.snapshot.type_ix(event));
            chip::paint_look(ui.painter(), pos2(scale.x(i as u32 + 1), y), 8.0, look, theme);
        }
    }
    errors(ui, theme, rect, scale, focus);
    if let Some(found) = found {
        let x = scale.x(found);
        let points = vec![pos2(x - 4.0, rect.top() + 1.0), pos2(x + 4.0, rect.top() + 1.0), pos2(x, rect.top() + 7.0)];
        ui.painter().add(egui::Shape::convex_polygon(points, theme.accent, Stroke::NONE));
    }
    let x = scale.x(step);
    ui.painter().vline(x, rect.top() + 2.0..=rect.bottom() - 2.0, Stroke::new(1.5, theme.accent));
    ui.painter().circle(pos2(x, y), 5.5, theme.panel, Stroke::new(2.0, theme.accent));
    if response.has_focus() {
        focus_ring(ui.painter(), rect, theme);
    }
    let words = format!("Step {} of {}", count(step.into()), count(len.into()));
    response.widget_info(|| WidgetInfo::slider(true, f64::from(step), words.as_str()));

    let mut to = None;
    let fine = ui.input(|i| i.modifiers.shift);
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
        to = Some(match drag.from {
            Some((from, first)) if fine => {
                let by = i64::from((pointer.x - from).round() as i32);
                (i64::from(first) + by).clamp(0, i64::from(len)) as u32
            }
            _ => scale.step(pointer.x),
        });
        if drag.from.is_none() || !fine {
            drag.from = Some((pointer.x, to.unwrap_or(step)));
        }
    }
    if response.drag_stopped() || response.clicked() {
        drag.from = None;
    }
    if response.clicked() {
        response.request_focus();
    }
    to = to.or_else(|| wheel(ui, &response, step, len, drag)).or_else(|| keys(ui, &response, step, len));
    if let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) {
        let over = scale.step(pointer.x);
        response.on_hover_ui_at_pointer(|ui| hint(ui, ctx, focus, over));
    }
    to.filter(|to| *to != step)
}

fn track(ui: &Ui, theme: &Theme, rect: Rect, scale: Scale, step: u32, done: u32) {
    let y = rect.center().y;
    let bar = |from: f32, to: f32| Rect::from_min_max(pos2(from, y - 1.5), pos2(to, y + 1.5));
    let round = CornerRadius::same(2);
    ui.painter().rect_filled(bar(scale.x(0), scale.x(scale.steps)), round, theme.line);
    if done < scale.steps {
        // What is folded so far.
        ui.painter().rect_filled(bar(scale.x(0), scale.x(done)), round, theme.outline);
    }
    ui.painter().rect_filled(bar(scale.x(0), scale.x(step)), round, theme.accent);
}

/// A red tick below each place with a failed event.
fn errors(ui: &Ui, theme: &Theme, rect: Rect, scale: Scale, focus: &Focus) {
    let Some(folded) = &focus.folded else { return };
    let mut last = f32::MIN;
    let failed = folded.errors().iter().map(|(step, _)| *step).chain(folded.stopped().map(|s| s.at));
    for step in failed {
        let x = scale.x(step);
        if x - last >= 1.0 {
            last = x;
            ui.painter().vline(x, rect.bottom() - 7.0..=rect.bottom(), Stroke::new(1.5, theme.red));
        }
    }
}

fn wheel(ui: &Ui, response: &egui::Response, step: u32, len: u32, drag: &mut Drag) -> Option<u32> {
    if !response.hovered() {
        return None;
    }
    let delta = ui.input_mut(|i| {
        let delta = i.smooth_scroll_delta;
        i.smooth_scroll_delta = egui::Vec2::ZERO;
        delta.x - delta.y
    });
    /// Points of scrolling that are one event.
    const NOTCH: f32 = 24.0;
    drag.wheel += delta;
    let by = (drag.wheel / NOTCH).trunc();
    drag.wheel -= by * NOTCH;
    (by != 0.0).then(|| (i64::from(step) + by as i64).clamp(0, i64::from(len)) as u32)
}

/// Arrows, Home and End are keys of the whole window; a bar with the keyboard has pages too.
fn keys(ui: &Ui, response: &egui::Response, step: u32, len: u32) -> Option<u32> {
    if !response.has_focus() {
        return None;
    }
    let page = (len / 10).max(1);
    ui.input_mut(|i| {
        if i.consume_key(egui::Modifiers::NONE, egui::Key::PageUp) {
            Some(step.saturating_sub(page))
        } else if i.consume_key(egui::Modifiers::NONE, egui::Key::PageDown) {
            Some(step.saturating_add(page).min(len))
        } else {
            None
        }
    })
}

fn hint(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, step: u32) {
    ui.spacing_mut().item_spacing.y = GRID * 0.5;
    let Some(event) = focus.history.event_of(step) else {
        ui.label("Before the first event");
        return;
    };
    let name = ctx.snapshot.type_name(ctx.snapshot.type_ix(event));
    ui.label(format!("Event {} · {}", count(step.into()), one_line(name, 60)));
    if let Some(time) = ctx.snapshot.time(event) {
        ui.label(ctx.state.settings.zone.format(time));
    }
    if let Some(error) = focus.folded.as_ref().and_then(|f| f.error_at(step)) {
        ui.label(egui::RichText::new(error.to_string()).color(ctx.theme.red));
    }
    if focus.history.len() > 500 {
        ui.label(egui::RichText::new("Drag with Shift to move event by event").color(ctx.theme.muted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_its_place_and_the_ends_are_exact() {
        for steps in [1, 12, 1_000_000] {
            let scale = Scale { left: 8.0, width: 344.0, steps };
            assert_eq!((scale.step(-50.0), scale.step(9_999.0)), (0, steps));
            for step in [0, steps / 3, steps] {
                let back = i64::from(scale.step(scale.x(step)));
                let room = i64::from(steps) / 344 + 1;
                assert!((back - i64::from(step)).abs() <= room, "{step} of {steps}: {back}");
            }
        }
        assert_eq!(Scale { left: 0.0, width: 100.0, steps: 0 }.step(50.0), 0);
    }
}
