//! The keyboard in a drawing of the chain. One event of it takes the focus when the drawing is reached by
//! tab; the arrows move the focus along causes and effects, Home and End to the first and last event, and
//! Enter selects. Every event in sight is a node for screen readers.

use egui::{EventFilter, Id, Key, Modifiers, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::draw::Parts;
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::widgets::parts::focus_ring;
use crate::model::ids::EventIx;

/// More events in sight are no nodes: they are points then, and the arrows reach them all the same.
pub const NODES: usize = 300;

/// Where the focus is in one drawing.
#[derive(Default)]
pub struct Rover {
    /// None: at the selected event.
    at: Option<EventIx>,
    /// What was selected when it was moved.
    selected: Option<EventIx>,
}

impl Rover {
    /// The event that takes the focus, of those that the drawing has.
    #[must_use]
    pub fn place(&self, ctx: &PanelCtx<'_>, parts: &Parts<'_>, has: impl Fn(usize) -> bool) -> Option<usize> {
        let selected = ctx.state.selection.event;
        let moved = self.at.filter(|_| self.selected == selected);
        let wanted = moved.or(selected).and_then(|event| parts.shown.chain.index_of(event)).map(|at| at as usize);
        wanted.filter(|at| has(*at)).or_else(|| (0..parts.shown.chain.links.len()).find(|&at| has(at)))
    }

    /// Reads keys while the focus is in the drawing; gives the event that it moved to, to be brought into
    /// sight. `base` is the drawing's id, `has` tells which events it shows.
    pub fn keys(
        &mut self,
        ui: &Ui,
        base: Id,
        ctx: &PanelCtx<'_>,
        parts: &Parts<'_>,
        has: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let here = self.place(ctx, parts, &has)?;
        let id = node_id(base, here);
        if !ui.memory(|memory| memory.has_focus(id)) {
            return None;
        }
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, tab: false, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let keys = [Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown, Key::Home, Key::End];
        let pressed: Vec<Key> =
            ui.input_mut(|input| keys.into_iter().filter(|key| input.consume_key(Modifiers::NONE, *key)).collect());
        let to = pressed.into_iter().fold(here, |at, key| step(parts, at, key, &has).unwrap_or(at));
        if to == here {
            return None;
        }
        self.at = parts.shown.chain.links.get(to).map(|link| link.event);
        self.selected = ctx.state.selection.event;
        ui.memory_mut(|memory| memory.request_focus(node_id(base, to)));
        Some(to)
    }
}

fn step(parts: &Parts<'_>, at: usize, key: Key, has: &impl Fn(usize) -> bool) -> Option<usize> {
    let links = &parts.shown.chain.links;
    match key {
        Key::ArrowLeft => {
            // The latest cause; over those that the drawing leaves out.
            let mut at = at;
            while let Some(&cause) = links.get(at)?.causes.iter().max_by_key(|&&cause| links[cause as usize].time) {
                at = cause as usize;
                if has(at) {
                    return Some(at);
                }
            }
            None
        }
        Key::ArrowRight => {
            // Effects come after their causes, so one walk finds the first one that is shown.
            let mut reached = vec![false; links.len()];
            *reached.get_mut(at)? = true;
            for (next, link) in links.iter().enumerate().skip(at + 1) {
                if link.causes.iter().any(|&cause| reached[cause as usize]) {
                    if has(next) {
                        return Some(next);
                    }
                    reached[next] = true;
                }
            }
            None
        }
        Key::ArrowUp => (0..at).rev().find(|&other| has(other)),
        Key::ArrowDown => (at + 1..links.len()).find(|&other| has(other)),
        Key::Home => (0..links.len()).find(|&other| has(other)),
        Key::End => (0..links.len()).rev().find(|&other| has(other)),
        _ => None,
    }
}

#[must_use]
pub fn node_id(base: Id, at: usize) -> Id {
    base.with(("event", at))
}

/// One event of a drawing, for screen readers, the pointer and the keyboard.
pub struct Node {
    pub id: Id,
    pub rect: Rect,
    pub selected: bool,
    /// It takes the focus when the drawing is reached by tab.
    pub focusable: bool,
}

impl Node {
    /// Selects the event when it is clicked or Enter is pressed.
    pub fn ui(
        &self,
        ui: &Ui,
        ctx: &PanelCtx<'_>,
        label: impl Fn() -> String,
        event: EventIx,
        out: &mut Vec<Command>,
    ) -> Response {
        let sense = if self.focusable { Sense::click() } else { Sense::CLICK };
        let response = ui.interact(self.rect, self.id, sense);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, self.selected, label()));
        if response.has_focus() {
            focus_ring(ui.painter(), self.rect.expand(2.0), ctx.theme);
        }
        if response.clicked() {
            out.push(SelectCommand::Event(event).into());
        }
        response
    }
}
