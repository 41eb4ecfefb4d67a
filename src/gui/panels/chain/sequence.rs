//! The chain as a sequence diagram of any length: only the messages in sight are drawn.

use std::sync::Arc;

use egui::{Align2, Button, Rect, RichText, Sense, Shape, Stroke, Ui, pos2};

use super::draw::Parts;
use super::rover::{Node, Rover, node_id};
use crate::analysis::trace::{Description, Folding, Message, Sequence};
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::app::jobs::{ChainAnswer, FoundChain, Slot};
use crate::base::text::{count, duration_ns};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::list::{self, RowScroll};
use crate::gui::panels::parts::paint::tip;
use crate::gui::panels::parts::preview::{middle_cut, named, one_line};
use crate::gui::theme::{GRID, SMALL, mono, sans, semibold};
use crate::gui::widgets::chip;
use crate::model::ids::EventIx;

const ROW: f32 = 28.0;
const HEAD: f32 = 28.0;
const TIMES: f32 = 92.0;
const ACROSS: f32 = 150.0;

/// The chain's start, the moment of the log, and what is folded.
type Key = (EventIx, u64, Folding);

#[derive(Default)]
pub struct SequenceView {
    pub folding: Folding,
    scroll: RowScroll,
    /// Points scrolled to the right.
    right: f32,
    made: Option<Slot<Key, Sequence>>,
    /// The event that was last brought into sight.
    shown: Option<EventIx>,
    rover: Rover,
}

impl SequenceView {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: &Arc<ChainAnswer>,
        parts: &Parts<'_>,
        out: &mut Vec<Command>,
    ) {
        self.folding_ui(ui, parts.shown.described);
        let slot = self.made.get_or_insert_with(|| Slot::new("sequence", ctx.waker.clone()));
        let (of, folding) = (Arc::clone(answer), self.folding.clone());
        slot.ask((answer.start, answer.snapshot.generation(), folding.clone()), 0, move |_| match &of.found {
            FoundChain::Chain(whole) => Sequence::of(&whole.described, &folding),
            FoundChain::Constant { .. } | FoundChain::TooLarge { .. } => Sequence::default(),
        });
        if let Some(made) = slot.answer() {
            self.notice_ui(ui, ctx, &made.value);
            self.diagram_ui(ui, ctx, &made.value, parts, out);
        }
    }

    fn folding_ui(&mut self, ui: &mut Ui, described: &Description) {
        ui.horizontal(|ui| {
            ui.add_space(GRID * 2.0);
            let on = self.folding.repetitions;
            let hint = "The same message several times in a row becomes one with their number";
            if ui.add(Button::selectable(on, "Fold repetitions")).on_hover_text(hint).clicked() {
                self.folding.repetitions = !on;
            }
            let types = || {
                let mut types: Vec<&str> = described.events.iter().map(|event| &*event.type_name).collect();
                types.sort_unstable();
                types.dedup();
                types
            };
            hiding_ui(ui, "Types", types, &mut self.folding.types);
            let services = || described.services.iter().map(|name| &**name).collect();
            hiding_ui(ui, "Services", services, &mut self.folding.services);
        });
    }

    fn notice_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, sequence: &Sequence) {
        let Some(notice) = sequence.notice() else { return };
        ui.horizontal(|ui| {
            ui.add_space(GRID * 2.0);
            ui.label(RichText::new(notice).size(SMALL).color(ctx.theme.muted));
            if ui.small_button(RichText::new("Show all").size(SMALL)).clicked() {
                self.folding = Folding::default();
            }
        });
    }

    fn diagram_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        sequence: &Sequence,
        parts: &Parts<'_>,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let head = whole.with_max_y(whole.top() + HEAD);
        let body = Rect::from_min_max(head.left_bottom(), pos2(whole.right() - list::BAR, whole.bottom()));
        let rows = sequence.messages.len() as u64;
        let across = ((body.width() - TIMES) / sequence.services.len().max(1) as f32).clamp(ACROSS * 0.7, 260.0);
        let wide = TIMES + across * sequence.services.len() as f32;
        let base = ui.scope_id().with("sequence");
        let links = &parts.shown.chain.links;
        let selected = ctx.state.selection.event;
        // Of several events in one message the first stands for all, or the one that is selected.
        let has = |at: usize| {
            let Some(event) = links.get(at).map(|link| link.event) else { return false };
            let message = sequence.row_of(event).and_then(|row| sequence.messages.get(row));
            message.is_some_and(|message| message.event() == event || selected == Some(event))
        };
        let row_at = |at: usize| sequence.row_of(links.get(at)?.event);
        let moved = self.rover.keys(ui, base, ctx, parts, has);
        let focusable = self.rover.place(ctx, parts, has);
        let response = ui.interact(body, base, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Sequence diagram of the chain"));
        if response.dragged() {
            self.right -= response.drag_delta().x;
            self.scroll = self.scroll.moved(-response.drag_delta().y, rows, ROW, body.height());
        }
        if ui.rect_contains_pointer(body) {
            let delta = ui.input(egui::InputState::smooth_scroll_delta);
            self.right -= delta.x;
            if delta.y != 0.0 {
                self.scroll = self.scroll.moved(-delta.y, rows, ROW, body.height());
            }
        }
        self.right = self.right.clamp(0.0, (wide - body.width()).max(0.0));
        let mut wanted = moved.and_then(row_at);
        if selected != self.shown {
            self.shown = selected;
            wanted = selected.and_then(|event| sequence.row_of(event));
        }
        if let Some(row) = wanted {
            self.scroll = self.scroll.showing(row as u64, rows, ROW, body.height());
        }
        self.scroll = self.scroll.clamped(rows, ROW, body.height());
        let x_of = |line: u32| body.left() + TIMES + (line as f32 + 0.5) * across - self.right;
        let painter = ui.painter_at(Rect::from_min_max(pos2(body.left() + TIMES, whole.top()), body.max));
        for (at, service) in sequence.services.iter().enumerate() {
            let x = x_of(at as u32);
            let line = Stroke::new(1.0, theme.line);
            painter.line_segment([pos2(x, head.bottom()), pos2(x, body.bottom())], line);
            let name = middle_cut(&one_line(service, 80), ((across - 8.0) / 6.8) as usize);
            painter.text(pos2(x, head.center().y), Align2::CENTER_CENTER, name, semibold(12.0), theme.text);
        }
        painter.hline(head.x_range(), head.bottom() - 0.5, Stroke::new(1.0, theme.line));
        let times = ui.painter_at(body);
        let fit = ((body.height() + self.scroll.part) / ROW).ceil() as u64;
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
        let focus = focusable.and_then(|at| Some((at, row_at(at)?)));
        let mut hit = None;
        for i in 0..fit.min(rows.saturating_sub(self.scroll.first)) {
            let at = self.scroll.first + i;
            let Some(message) = usize::try_from(at).ok().and_then(|at| sequence.messages.get(at)) else { continue };
            let y = body.top() - self.scroll.part + i as f32 * ROW;
            let row = Rect::from_min_max(pos2(body.left(), y), pos2(body.right(), y + ROW));
            let hovered = pointer.is_some_and(|at| row.contains(at));
            let chosen = selected.is_some_and(|event| message.events.contains(&event));
            if chosen {
                times.rect_filled(row, 0.0, theme.accent_soft);
            } else if hovered {
                times.rect_filled(row, 0.0, theme.hover);
            }
            let after = message.after_ns.map(duration_ns).unwrap_or_default();
            times.text(
                pos2(body.left() + TIMES - 8.0, y + ROW / 2.0),
                Align2::RIGHT_CENTER,
                after,
                mono(10.5),
                theme.muted,
            );
            message_ui(&painter, ctx, message, (x_of(message.from), x_of(message.to)), y, across);
            if let Some(flag) = parts.flags.highest(&message.events) {
                let at = pos2(body.left() + 8.0, y + ROW / 2.0);
                chip::paint(&times, at, 8.0, flag.mark(), flag.color(theme));
            }
            let focusable = focus.filter(|(_, row)| *row as u64 == at).map(|(at, _)| at);
            let node = Node {
                id: focusable.map_or_else(|| base.with(("message", at)), |at| node_id(base, at)),
                rect: row.intersect(body),
                selected: chosen,
                focusable: focusable.is_some(),
            };
            node.ui(ui, ctx, || label(sequence, parts, message), message.event(), out);
            if hovered {
                hit = Some(message);
            }
        }
        list::bar(ui, body, &mut self.scroll, rows, ROW, "Scroll messages");
        if let Some(message) = hit {
            if response.clicked() {
                self.shown = Some(message.event());
                out.push(SelectCommand::Event(message.event()).into());
            }
            out.push(SelectCommand::Hover(Some(message.event())).into());
            response.show_tooltip_text(words(parts, message));
        }
    }
}

/// Everything about a message: of a folded run the first event, and what is said of the others.
fn words(parts: &Parts<'_>, message: &Message) -> String {
    let Some(at) = parts.shown.chain.index_of(message.event()) else { return String::new() };
    let mut words = parts.words(at as usize);
    let others = message.events.get(1..).unwrap_or_default();
    if !others.is_empty() {
        words.push_str(&format!("\nand {} like it", others.len()));
        let flagged = others.iter().filter(|event| parts.flags.flag(**event).is_some()).count() as u64;
        if flagged > 0 {
            words.push_str(&format!(", {} of them marked", count(flagged)));
        }
    }
    words
}

/// What screen readers say.
fn label(sequence: &Sequence, parts: &Parts<'_>, message: &Message) -> String {
    let name = |line: u32| sequence.services.get(line as usize).map_or("", |name| name);
    let way = if message.from == message.to {
        format!("within {}", name(message.to))
    } else {
        format!("{} to {}", name(message.from), name(message.to))
    };
    let words = words(parts, message);
    let rest: Vec<&str> = words.lines().skip(2).collect();
    one_line(&format!("{}, {way}, {}", message.words(), rest.join(", ")), 400)
}

/// A menu of names that can be left out; they are looked for only while it is open.
fn hiding_ui<'a>(ui: &mut Ui, label: &str, names: impl FnOnce() -> Vec<&'a str>, hidden: &mut Vec<String>) {
    let label = if hidden.is_empty() { label.to_owned() } else { format!("{label} −{}", hidden.len()) };
    ui.menu_button(label, |ui| {
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for name in names() {
                let mut on = !hidden.iter().any(|other| other == name);
                if ui.checkbox(&mut on, named(name)).changed() {
                    hidden.retain(|other| other != name);
                    if !on {
                        hidden.push(name.to_owned());
                    }
                }
            }
        });
    });
}

fn message_ui(painter: &egui::Painter, ctx: &PanelCtx<'_>, message: &Message, (a, b): (f32, f32), y: f32, across: f32) {
    let theme = ctx.theme;
    let line = y + ROW - 8.0;
    let color = match (message.odd.is_empty(), message.critical) {
        (false, _) => theme.amber,
        (true, true) => theme.accent,
        _ => theme.faint,
    };
    let stroke = Stroke::new(if message.critical { 1.75 } else { 1.25 }, color);
    let draw = |points: &[egui::Pos2]| {
        if message.inferred {
            painter.extend(Shape::dashed_line(points, stroke, 5.0, 4.0));
        } else {
            painter.add(Shape::line(points.to_vec(), stroke));
        }
    };
    let label = named(&message.words());
    let room = if a.to_bits() == b.to_bits() { across - 28.0 } else { (b - a).abs() - 12.0 };
    let label = middle_cut(&label, (room / 6.2).max(4.0) as usize);
    if a.to_bits() == b.to_bits() {
        draw(&[pos2(a, line - 10.0), pos2(a + 18.0, line - 10.0), pos2(a + 18.0, line), pos2(a + 2.0, line)]);
        tip(painter, pos2(a + 1.0, line), -1.0, color);
        painter.text(pos2(a + 24.0, line - 5.0), Align2::LEFT_CENTER, label, sans(SMALL), theme.text);
        return;
    }
    draw(&[pos2(a, line), pos2(b, line)]);
    tip(painter, pos2(b, line), (b - a).signum(), color);
    painter.text(pos2(f32::midpoint(a, b), line - 2.0), Align2::CENTER_BOTTOM, label, sans(SMALL), theme.text);
}
