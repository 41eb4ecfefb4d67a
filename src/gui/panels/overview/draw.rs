//! Draws the strip and its window. One mesh for all bars.

use std::sync::{Arc, Mutex};

use egui::{Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::brush::{Grip, Strip};
use super::model::{Bars, height};
use crate::analysis::timeline::Basis;
use crate::analysis::timeline::density::Pyramid;
use crate::app::Command;
use crate::app::command::ViewCommand;
use crate::app::jobs::{RowsAnswer, Slot};
use crate::app::state::{AxisRange, ColorBy};
use crate::base::text::count;
use crate::gui::panels::parts::{answers, paint};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL, mono};
use crate::model::ids::{ServiceIx, TypeIx};
use crate::model::time::TimeNs;

#[derive(Default)]
pub struct Overview {
    bars: Option<Slot<(ColorBy, String), Option<Bars>>>,
    pyramid: Arc<Mutex<Pyramid>>,
    /// The drag that is going on and the window as it was when it began.
    grip: Option<(Grip, AxisRange)>,
}

impl Panel for Overview {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let full = ui.available_rect_before_wrap();
        ui.allocate_rect(full, Sense::hover());
        let Some(extent) = ctx.state.extent else {
            let words = if ctx.reading { "Reading…" } else { "No events" };
            paint::left(ui.painter(), full.shrink(GRID * 2.0), words, mono(SMALL), ctx.theme.faint);
            return;
        };
        let inner = full.shrink2(vec2(GRID * 2.0, 2.0));
        let words = Rect::from_min_size(inner.min, vec2(inner.width(), 14.0));
        let strip_rect = inner.with_min_y(words.bottom() + 1.0);
        self.words_ui(ui, ctx, words);
        let strip = Strip { extent, width: strip_rect.width() };
        self.ask(ctx);
        self.bars_ui(ui, ctx, strip_rect, strip);
        let response = ui.interact(strip_rect, ui.scope_id().with("overview"), Sense::click_and_drag());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Slider, true, "Overview, drag to choose what is visible")
        });
        self.brush(ui, ctx, strip_rect, strip, &response, out);
        self.window_ui(ui, ctx, strip_rect, strip);
    }
}

impl Overview {
    fn ask(&mut self, ctx: &PanelCtx<'_>) {
        let rows = answers::rows(ctx).filter(|a| !a.key.filter.is_empty());
        let by = ctx.state.view.lanes.color_by;
        let key = (by, rows.as_ref().map_or_else(String::new, |a| a.key.filter.clone()));
        let slot = self.bars.get_or_insert_with(|| Slot::new("overview", ctx.waker.clone()));
        let pyramid = Arc::clone(&self.pyramid);
        // The filter's rows belong to a moment of their own.
        let found = rows.as_ref().and_then(|a| a.value.as_ref());
        let log = found.map_or_else(|| Arc::clone(ctx.snapshot), |f| Arc::clone(&f.snapshot));
        slot.ask(key, log.generation(), move |job| {
            let set = rows.as_ref().and_then(|a| a.value.as_ref()).map(RowsAnswer::rows);
            Bars::count(&log, set, by, &pyramid, &job.cancel)
        });
    }

    fn words_ui(&self, ui: &Ui, ctx: &PanelCtx<'_>, rect: Rect) {
        let theme = ctx.theme;
        let basis = Basis::of(ctx.snapshot);
        let Some((first, last)) = basis.ends(ctx.snapshot) else { return };
        let place = |at: i64| match basis {
            Basis::Time => ctx.state.settings.zone.format_with(TimeNs(at), "%Y-%m-%d %H:%M:%S"),
            Basis::Position => format!("#{}", count(u64::try_from(at).unwrap_or(0) + 1)),
        };
        let painter = ui.painter_at(rect);
        let third = rect.width() / 3.0;
        paint::left(&painter, rect.with_max_x(rect.left() + third), &place(first), mono(SMALL), theme.faint);
        let end = paint::right(&painter, rect.with_min_x(rect.right() - third), &place(last), mono(SMALL), theme.faint);
        if let Some(range) = ctx.state.view.range {
            let middle =
                Rect::from_min_max(pos2(rect.left() + third, rect.top()), pos2(end - GRID * 2.0, rect.bottom()));
            let words = format!("{} – {}", place(range.start.max(first)), place(range.end.min(last)));
            paint::centred(&painter, middle.center(), &words, mono(SMALL), theme.muted);
        }
    }

    fn bars_ui(&self, ui: &Ui, ctx: &PanelCtx<'_>, rect: Rect, strip: Strip) {
        let theme = ctx.theme;
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 2.0, theme.sunken);
        let answer = self.bars.as_ref().and_then(Slot::answer);
        let Some(bars) = answer.as_ref().and_then(|a| a.value.as_ref()) else { return };
        let colors: Vec<egui::Color32> = bars
            .groups
            .own()
            .iter()
            .map(|&name| match ctx.state.view.lanes.color_by {
                ColorBy::Type => theme.color(ctx.looks.of_type(TypeIx(name))),
                ColorBy::Service => theme.color(ctx.looks.of_service(ServiceIx(name))),
            })
            .collect();
        let (density, grid) = (&bars.density, bars.density.grid);
        let mut mesh = egui::Mesh::default();
        for i in 0..grid.len {
            let events = density.count(i);
            if events == 0 {
                continue;
            }
            let left = rect.left() + strip.px(grid.start_of(i)).max(0.0);
            let right = (rect.left() + strip.px(grid.start_of(i + 1))).max(left + 1.0).min(rect.right());
            let tall = (height(events, density.most) * (rect.height() - 3.0)).max(1.5);
            let mut bottom = rect.bottom();
            for (group, &n) in density.bucket(i).iter().enumerate().filter(|(_, n)| **n > 0) {
                let top = bottom - tall * n as f32 / events as f32;
                let color = colors.get(group).copied().unwrap_or(theme.bar);
                mesh.add_colored_rect(Rect::from_min_max(pos2(left, top), pos2(right, bottom)), color);
                bottom = top;
            }
        }
        painter.add(Shape::mesh(mesh));
    }

    fn window_ui(&self, ui: &Ui, ctx: &PanelCtx<'_>, rect: Rect, strip: Strip) {
        let theme = ctx.theme;
        let painter = ui.painter_at(rect.expand(1.0));
        if let Some(cursor) = ctx.state.cursor.filter(|_| ctx.snapshot.time_range().is_some()) {
            painter.vline(rect.left() + strip.px(cursor.0), rect.y_range(), Stroke::new(1.0, theme.accent));
        }
        let Some(range) = ctx.state.view.range else { return };
        let left = (rect.left() + strip.px(range.start)).clamp(rect.left(), rect.right());
        let right = (rect.left() + strip.px(range.end)).clamp(rect.left(), rect.right()).max(left + 2.0);
        let window = Rect::from_x_y_ranges(left..=right, rect.y_range());
        for dim in [rect.with_max_x(left), rect.with_min_x(right)] {
            painter.rect_filled(dim, 0.0, theme.panel.gamma_multiply(0.62));
        }
        painter.rect_stroke(window, 2.0, Stroke::new(1.0, theme.accent), StrokeKind::Outside);
        for x in [left, right] {
            let grip = Rect::from_center_size(pos2(x, rect.center().y), vec2(4.0, 14.0));
            painter.rect_filled(grip, 2.0, theme.accent);
        }
    }

    fn brush(
        &mut self,
        ui: &Ui,
        ctx: &PanelCtx<'_>,
        rect: Rect,
        strip: Strip,
        response: &Response,
        out: &mut Vec<Command>,
    ) {
        let window = ctx.state.view.range;
        if let Some(pointer) = response.hover_pos().filter(|_| self.grip.is_none()) {
            let icon = match strip.grip(window, pointer.x - rect.left()) {
                Grip::Start | Grip::End => egui::CursorIcon::ResizeHorizontal,
                Grip::Inside(_) => egui::CursorIcon::Grab,
                Grip::New(_) => egui::CursorIcon::Crosshair,
            };
            ui.ctx().set_cursor_icon(icon);
        }
        if response.double_clicked() {
            out.push(ViewCommand::Fit.into());
            return;
        }
        let Some(pointer) = response.interact_pointer_pos() else {
            self.grip = None;
            return;
        };
        let px = pointer.x - rect.left();
        if response.drag_started() {
            let from = ui.input(|i| i.pointer.press_origin()).map_or(px, |p| p.x - rect.left());
            self.grip = Some((strip.grip(window, from), window.unwrap_or(strip.extent)));
        }
        if let Some((grip, before)) = self.grip.filter(|_| response.dragged()) {
            out.push(ViewCommand::Range(strip.dragged(grip, before, px)).into());
        }
        if response.clicked()
            && let (Some(window), Grip::New(at)) = (window, strip.grip(window, px))
        {
            let middle = window.start as f64 + window.len() * 0.5;
            out.push(ViewCommand::Range(window.shifted(at as f64 - middle)).into());
        }
        if response.drag_stopped() {
            self.grip = None;
        }
    }
}
