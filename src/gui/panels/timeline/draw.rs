//! Puts the timeline together: toolbar, ruler, lanes, legend, and what the pointer does to them.

use std::sync::Arc;

use egui::{Rect, Response, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::cells::{Lanes, Window};
use super::hit::{Placed, nearest};
use super::in_view::InView;
use super::input::{Drag, moves};
use super::lanes::LanePicture;
use super::model::{RowView, lane_of, rows_of, summary, visible_lanes, visible_rows};
use super::rows::Rows;
use super::ruler::Ruler;
use super::tooltip::{Hovered, crowd_ui, event_ui, findings_ui};
use super::{legend, ruler, toolbar};
use crate::analysis::entities::EntityList;
use crate::analysis::timeline::Basis;
use crate::analysis::timeline::axis::{Axis, Gap};
use crate::analysis::timeline::gaps::gaps;
use crate::app::Command;
use crate::app::command::{FilterCommand, LaneCommand, LayoutCommand, SelectCommand, ViewCommand, WindowCommand};
use crate::app::jobs::{Answer, EntitiesAnswer, RowsAnswer, Slot};
use crate::app::state::AxisRange;
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::flags::{Flags, FlagsKey};
use crate::gui::panels::parts::list::{self, RowScroll};
use crate::gui::panels::parts::paint;
use crate::gui::panels::parts::preview::named;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, ROW, SMALL, sans};
use crate::gui::widgets::parts::empty_state;
use crate::model::ids::{EntityIx, EventIx};

/// Reach of the pointer around a mark.
const REACH: f32 = 7.0;

/// The order, filter and axis that cells were counted for; numbers stand for shared answers.
#[derive(Clone, Debug, PartialEq)]
struct CellsKey {
    window: Window,
    list: usize,
    filter: String,
    flags: FlagsKey,
}

#[derive(Default)]
pub struct Timeline {
    label_width: f32,
    scroll: RowScroll,
    cells: Option<Slot<CellsKey, Lanes>>,
    hovered: Option<Slot<(EventIx, EntityIx), Hovered>>,
    gaps: Option<Slot<String, Vec<Gap>>>,
    in_view: InView,
    drag: Option<Drag>,
    /// The selected entity that the rows were last scrolled to.
    shown: Option<EntityIx>,
}

impl Panel for Timeline {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let full = ui.available_rect_before_wrap();
        ui.allocate_rect(full, Sense::hover());
        let answer = answers::entities(ctx);
        let found = answer.as_ref().and_then(|a| a.value.as_ref());
        let bar = Rect::from_min_size(full.min, vec2(full.width(), toolbar::HEIGHT));
        toolbar::toolbar_ui(ui, bar, ctx, out);
        let body = full.with_min_y(bar.bottom());
        let (Some(range), Some(found)) = (answers::visible(ctx), found) else {
            let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(body));
            let why = if ctx.reading { "Events appear as soon as they are read." } else { "The log has no events." };
            empty_state(&mut inner, "Nothing to show yet", why, None);
            return;
        };
        self.body_ui(ui, body, ctx, range, found, out);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        let answer = answers::entities(ctx)?;
        answer.value.as_ref().map(|v| crate::base::text::count(v.list.order.len() as u64))
    }
}

/// Where the parts of the frame are.
struct Places {
    ruler: Rect,
    labels: Rect,
    marks: Rect,
    legend: Rect,
}

impl Timeline {
    fn body_ui(
        &mut self,
        ui: &mut Ui,
        body: Rect,
        ctx: &PanelCtx<'_>,
        range: AxisRange,
        found: &EntitiesAnswer,
        out: &mut Vec<Command>,
    ) {
        let list = &self.in_view.list(ctx, &found.list, range);
        let at = self.places(body);
        let basis = Basis::of(ctx.snapshot);
        let timed = basis == Basis::Time;
        let gaps = self.gaps(ctx, basis);
        let axis = Axis::new(range.start, range.end, f64::from(at.marks.width()), &gaps);
        let ruler = Ruler { axis: &axis, state: ctx.state, theme: ctx.theme, timed };
        let ticks = ruler.ticks();
        let lanes = &ctx.state.view.lanes;
        let words = summary(list, &found.list, lanes.sort, lanes.reversed);
        let corner = at.ruler.with_max_x(at.marks.left()).shrink2(vec2(GRID * 2.0, 2.0));
        let (above, below) = corner.split_top_bottom_at_fraction(0.5);
        if !timed {
            let note = "No times in this log: by position";
            paint::left(&ui.painter_at(corner), above, note, sans(SMALL), ctx.theme.amber);
        }
        paint::left(&ui.painter_at(corner), below, &words, sans(SMALL), ctx.theme.faint);
        ruler.ui(ui, at.ruler.with_min_x(at.marks.left()), &ticks, out);
        legend::legend_ui(ui, at.legend, ctx, &legend::entries(ctx), out);
        if list.order.is_empty() {
            Self::no_lanes(ui, at.marks.union(at.labels), ctx, found.list.order.is_empty(), out);
            return;
        }

        let rows = self.rows(ctx, list);
        let height = at.marks.height();
        self.follow_selection(ctx, list, &rows, height);
        self.scroll = self.scroll.clamped(rows.len(), ROW, height);
        let fit = ((height + self.scroll.part) / ROW).ceil() as usize;

        let response = ui.interact(at.marks, ui.scope_id().with("lanes"), Sense::click_and_drag());
        let label = format!("Timeline, {words}");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, &label));
        let labels_hovered = ui.rect_contains_pointer(at.labels);
        let moved = moves(ui, &response, labels_hovered, at.marks, &axis, &mut self.drag, out);
        if moved.scroll != 0.0 {
            self.scroll = self.scroll.moved(moved.scroll, rows.len(), ROW, height);
        }
        self.ask(ctx, list, &rows, fit, &axis, basis);
        let answer = self.cells.as_ref().and_then(Slot::answer);
        let counted = answer.as_deref().map(|a| &a.value);
        let views = visible_rows(ctx.snapshot, ctx.state, list, &rows, self.scroll, fit + 1, &found.stats);

        let top = at.marks.top() - self.scroll.part;
        let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|p| at.marks.union(at.labels).contains(*p));
        let hovered_row =
            pointer.map(|p| ((p.y - top) / ROW) as usize).filter(|&i| i < views.len() && self.drag.is_none());
        let cell = answer.as_deref().map_or(1, |a| a.key.window.cell);
        let painter = ui.painter_at(at.marks);
        for tick in &ticks {
            ruler.line(&painter, at.marks, tick.at, ctx.theme.stripe);
        }
        let picture = LanePicture {
            axis: &axis,
            lanes: counted,
            cell,
            theme: ctx.theme,
            looks: ctx.looks,
            color_by: ctx.state.view.lanes.color_by,
            grouped: !list.groups.is_empty(),
            selected: ctx.state.selection.event,
            selected_at: ctx.state.selection.event.and_then(|e| basis.place(ctx.snapshot, e)),
            hovered: ctx.state.hover,
        };
        picture.draw(ui, &views, at.labels, at.marks, top, hovered_row);
        ruler.gaps(&painter, at.marks, false);
        if let Some(cursor) = ctx.state.cursor.filter(|_| timed) {
            ruler.line(&painter, at.marks, cursor.0, ctx.theme.accent);
        }
        if let Some((a, b)) = moved.selecting {
            let band = Rect::from_x_y_ranges(at.marks.left() + a..=at.marks.left() + b, at.marks.y_range());
            painter.rect_filled(band, 0.0, ctx.theme.accent.gamma_multiply(0.18));
            painter.rect_stroke(band, 0.0, Stroke::new(1.0, ctx.theme.accent), StrokeKind::Inside);
        }
        self.labels_ui(ui, &views, &at, top, ctx, out);
        self.point(ui, ctx, &views, &axis, &response, answer.as_deref(), hovered_row, at.marks, timed, out);
        list::bar(ui, at.marks, &mut self.scroll, rows.len(), ROW, "Scroll lanes");
        self.divider(ui, &at);
    }

    /// Silent stretches, found once they are to be collapsed.
    fn gaps(&mut self, ctx: &PanelCtx<'_>, basis: Basis) -> Vec<Gap> {
        if !ctx.state.view.collapse_gaps {
            return Vec::new();
        }
        let slot = self.gaps.get_or_insert_with(|| Slot::new("silent gaps", ctx.waker.clone()));
        let snapshot = Arc::clone(ctx.snapshot);
        let rows = answers::rows(ctx).filter(|a| !a.key.filter.is_empty());
        let filter = rows.as_ref().map_or_else(String::new, |a| a.key.filter.clone());
        slot.ask(filter, ctx.snapshot.generation(), move |job| {
            let set = rows.as_ref().and_then(|a| a.value.as_ref()).map(RowsAnswer::rows);
            gaps(&snapshot, set, basis, &job.cancel).unwrap_or_default()
        });
        slot.answer().map_or_else(Vec::new, |a| a.value.clone())
    }

    fn places(&mut self, body: Rect) -> Places {
        if self.label_width == 0.0 {
            self.label_width = 208.0;
        }
        let width = self.label_width.clamp(96.0, (body.width() * 0.5).max(96.0));
        let ruler = Rect::from_min_size(body.min, vec2(body.width(), ruler::HEIGHT));
        let legend = body.with_min_y(body.bottom() - legend::HEIGHT);
        let lanes = Rect::from_min_max(ruler.left_bottom(), legend.right_top());
        let split = lanes.left() + width;
        let marks = lanes.with_min_x(split).with_max_x((lanes.right() - list::BAR).max(split + 1.0));
        Places { ruler: ruler.with_max_x(marks.right()), labels: lanes.with_max_x(split), marks, legend }
    }

    fn rows(&self, ctx: &PanelCtx<'_>, list: &Arc<EntityList>) -> Rows {
        let folded = &ctx.state.view.lanes.folded;
        rows_of(list, |kind| ctx.snapshot.kinds().get(kind.at()).is_some_and(|k| folded.contains(k.name.as_ref())))
    }

    fn follow_selection(&mut self, ctx: &PanelCtx<'_>, list: &Arc<EntityList>, rows: &Rows, height: f32) {
        let selected = ctx.state.selection.entity;
        if selected == self.shown {
            return;
        }
        let row = selected.and_then(|e| lane_of(list, e)).and_then(|lane| rows.row_of(lane));
        // Among lanes in view it may still come, with the range that the selection moved.
        if row.is_some() || !ctx.state.view.lanes.in_view {
            self.shown = selected;
        }
        if let Some(row) = row {
            self.scroll = self.scroll.showing(row, rows.len(), ROW, height);
        }
    }

    /// Asks for the cells of the lanes in sight, unless the last question covers them.
    fn ask(&mut self, ctx: &PanelCtx<'_>, list: &Arc<EntityList>, rows: &Rows, fit: usize, axis: &Axis, basis: Basis) {
        let Some((first, count)) = visible_lanes(rows, self.scroll, fit + 1) else { return };
        // Only where something is filtered: asking a set for every event costs.
        let rows = answers::rows(ctx).filter(|a| !a.key.filter.is_empty());
        let flags = Flags::of(ctx);
        let key = CellsKey {
            window: Window::around(axis, first, count),
            list: Arc::as_ptr(list) as usize,
            filter: rows.as_ref().map_or_else(String::new, |a| a.key.filter.clone()),
            flags: flags.key(),
        };
        let window = key.window;
        let slot = self.cells.get_or_insert_with(|| Slot::new("timeline marks", ctx.waker.clone()));
        let (snapshot, list) = (Arc::clone(ctx.snapshot), Arc::clone(list));
        slot.ask(key, ctx.snapshot.generation(), move |job| {
            let from = (window.first_lane as usize).min(list.order.len());
            let to = (from + window.lanes as usize).min(list.order.len());
            let entities = list.order.get(from..to).unwrap_or_default();
            let set = rows.as_ref().and_then(|a| a.value.as_ref()).map(RowsAnswer::rows);
            let shown = |event| set.is_none_or(|rows| rows.contains(event));
            Lanes::count(&snapshot, entities, shown, |event| flags.flag(event), window, basis, &job.cancel)
        });
    }

    fn labels_ui(&self, ui: &Ui, views: &[RowView], at: &Places, top: f32, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        for (i, row) in views.iter().enumerate() {
            let whole = Rect::from_min_size(pos2(at.labels.left(), top + i as f32 * ROW), vec2(at.labels.width(), ROW));
            let hit = whole.intersect(at.labels);
            if hit.height() < 2.0 {
                continue;
            }
            match row {
                RowView::Header { kind, name, counts, folded } => {
                    let response = ui.interact(hit, ui.scope_id().with(("kind", kind.0)), Sense::click());
                    let verb = if *folded { "Unfold" } else { "Fold" };
                    response.widget_info(|| {
                        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{verb} {name}, {counts}"))
                    });
                    if response.clicked() {
                        out.push(LaneCommand::Fold(name.clone()).into());
                    }
                }
                RowView::Lane(lane) => {
                    let response = ui.interact(hit, ui.scope_id().with(("lane", lane.entity.0)), Sense::click());
                    response.widget_info(|| {
                        egui::WidgetInfo::selected(egui::Role::Button, true, lane.selected, lane.accessible())
                    });
                    if response.clicked() {
                        out.push(SelectCommand::Entity(lane.entity).into());
                    }
                    if response.has_focus() {
                        crate::gui::widgets::parts::focus_ring(ui.painter(), hit, ctx.theme);
                    }
                    response.context_menu(|ui| lane_menu(ui, ctx, lane, out));
                    response.on_hover_text(format!("{}:{}", lane.kind_name, lane.id));
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the frame's parts, used once")]
    fn point(
        &mut self,
        ui: &Ui,
        ctx: &PanelCtx<'_>,
        views: &[RowView],
        axis: &Axis,
        response: &Response,
        answer: Option<&Answer<CellsKey, Lanes>>,
        row: Option<usize>,
        marks: Rect,
        timed: bool,
        out: &mut Vec<Command>,
    ) {
        let pointer = response.hover_pos().filter(|_| self.drag.is_none());
        let lane = row.and_then(|i| views.get(i)).and_then(|v| match v {
            RowView::Lane(lane) => Some(lane),
            RowView::Header { .. } => None,
        });
        let hit = pointer.zip(lane).zip(answer).and_then(|((pointer, lane), answer)| {
            let counted = answer.value.get(lane.entity)?;
            let x = pointer.x - marks.left();
            nearest(axis, &counted.cells, answer.key.window.cell, x, REACH).map(|p| (lane, p))
        });
        let event = hit.as_ref().map(|(_, p)| p.cell().event);
        if event != ctx.state.hover && (response.hovered() || ctx.state.hover.is_some() && response.contains_pointer())
        {
            out.push(SelectCommand::Hover(event).into());
        }
        if response.double_clicked() {
            if let Some(pointer) = response.interact_pointer_pos() {
                let (start, end) = axis.zoomed(f64::from(pointer.x - marks.left()), 0.25);
                out.push(ViewCommand::Range(AxisRange::new(start, end)).into());
            }
        } else if response.clicked() {
            match (&hit, lane) {
                (Some((lane, p)), _) => out.push(SelectCommand::EventOf(p.cell().event, lane.entity).into()),
                (None, Some(lane)) => out.push(SelectCommand::Entity(lane.entity).into()),
                (None, None) => {}
            }
        }
        let Some((lane, placed)) = hit else { return };
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        self.tooltip(ui, ctx, lane.entity, &placed, response, timed);
    }

    fn tooltip(
        &mut self,
        ui: &Ui,
        ctx: &PanelCtx<'_>,
        lane: EntityIx,
        placed: &Placed<'_>,
        response: &Response,
        timed: bool,
    ) {
        let cell = *placed.cell();
        let zone = ctx.state.settings.zone;
        let tip =
            egui::Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, egui::PopupAnchor::Pointer)
                .gap(14.0);
        if cell.count > 1 {
            let name = ctx.snapshot.types().get(cell.type_ix.at()).map_or_else(String::new, |n| named(&n.name));
            tip.show(|ui| {
                crowd_ui(ui, &cell, &name, timed, zone, ctx.theme);
                findings_ui(ui, ctx, &cell);
            });
            return;
        }
        let slot = self.hovered.get_or_insert_with(|| Slot::new("timeline hover", ctx.waker.clone()));
        let snapshot = Arc::clone(ctx.snapshot);
        slot.ask((cell.event, lane), 0, move |_| Hovered::read(&snapshot, cell.event, lane));
        if let Some(answer) = slot.answer().filter(|a| a.key == (cell.event, lane)) {
            tip.show(|ui| {
                event_ui(ui, &answer.value, &cell, zone, ctx.theme, ctx.looks);
                findings_ui(ui, ctx, &cell);
            });
        }
    }

    fn no_lanes(ui: &mut Ui, rect: Rect, ctx: &PanelCtx<'_>, all_empty: bool, out: &mut Vec<Command>) {
        let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect));
        let lanes = &ctx.state.view.lanes;
        if lanes.in_view && !all_empty {
            let why = "No lane has an event in the visible range.";
            if empty_state(&mut inner, "Nothing in view", why, Some("Show all lanes")) {
                out.push(LaneCommand::InView(false).into());
            }
        } else if !lanes.text.is_empty() || !lanes.kinds.is_empty() {
            let why = format!(
                "No entity matches “{}”{}.",
                lanes.text,
                if lanes.kinds.is_empty() { "" } else { " in the chosen kinds" }
            );
            if empty_state(&mut inner, "No lanes", &why, Some("Show all lanes")) {
                out.push(LaneCommand::Text(String::new()).into());
                out.push(LaneCommand::Kinds(Vec::new()).into());
            }
        } else if !ctx.state.view.filter.is_empty() {
            let why = "No event that passes the filter has an entity.";
            if empty_state(&mut inner, "No lanes", why, Some("Clear the filter")) {
                out.push(FilterCommand::Clear.into());
            }
        } else if ctx.reading {
            empty_state(&mut inner, "No entities yet", "The log is still being read.", None);
        } else {
            let why = "No field of this log is mapped to an entity.";
            if empty_state(&mut inner, "No entities", why, Some("Edit the field mapping")) {
                out.push(LayoutCommand::Show("mapping").into());
            }
        }
    }

    fn divider(&mut self, ui: &Ui, at: &Places) {
        let line = Rect::from_center_size(at.labels.right_center(), vec2(7.0, at.labels.height()));
        let response = ui.interact(line, ui.scope_id().with("label width"), Sense::drag());
        if response.dragged() {
            self.label_width = at.labels.width() + response.drag_delta().x;
        }
        response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeColumn);
    }
}

fn lane_menu(ui: &mut Ui, ctx: &PanelCtx<'_>, lane: &super::model::LaneView, out: &mut Vec<Command>) {
    let name = ctx.snapshot.entity(lane.entity).map(|e| (lane.kind_name.clone(), e.id.to_owned()));
    let Some((kind, id)) = name else { return };
    let mut item = |ui: &mut Ui, label: &str, command: Command| {
        if ui.button(label).clicked() {
            out.push(command);
            ui.close();
        }
    };
    item(ui, if lane.pinned { "Unpin" } else { "Pin to the top" }, LaneCommand::TogglePin(lane.entity).into());
    let filter = format!("entity:{}", legend::quoted(&format!("{kind}:{id}")));
    item(ui, "Show only its events", FilterCommand::And(filter).into());
    item(ui, &format!("Show only lanes of {kind}"), LaneCommand::Kinds(vec![kind]).into());
    item(ui, "Copy its id", WindowCommand::Copy(id).into());
}
