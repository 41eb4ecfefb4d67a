//! What pointer, wheel and gestures do on the lanes. Zooming and panning give a range of the axis;
//! everything else is decided by what lies under the pointer.

use egui::{Modifiers, PointerButton, Pos2, Rect, Response, Ui, Vec2};

use crate::analysis::timeline::axis::Axis;
use crate::app::Command;
use crate::app::command::ViewCommand;
use crate::app::state::AxisRange;

/// A drag that is going on.
#[derive(Clone, Debug)]
pub enum Drag {
    /// The axis as it was when the drag began, so that nothing drifts.
    Pan { axis: Axis, from: f32 },
    /// A box from here.
    Zoom { from: Pos2 },
}

/// What the frame's input asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves {
    /// Points to scroll the rows by; positive is towards the end.
    pub scroll: f32,
    /// The box being drawn, in points from the left edge of the lanes.
    pub selecting: Option<(f32, f32)>,
}

/// Handles drags, wheel and pinch over `marks` (the lanes without their labels) and `labels`.
pub fn moves(
    ui: &Ui,
    response: &Response,
    labels_hovered: bool,
    marks: Rect,
    axis: &Axis,
    drag: &mut Option<Drag>,
    out: &mut Vec<Command>,
) -> Moves {
    let mut moves = Moves::default();
    let (wheel, zoom, modifiers) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers));
    let pointer = response.hover_pos().or_else(|| response.interact_pointer_pos());
    if response.contains_pointer() || labels_hovered {
        moves.scroll = -wheel.y;
    }
    if let Some(pointer) = pointer.filter(|_| response.contains_pointer()) {
        if (zoom - 1.0).abs() > 1e-4 {
            let px = f64::from(pointer.x - marks.left());
            push(out, axis.zoomed(px, 1.0 / f64::from(zoom)));
            moves.scroll = 0.0;
        } else if wheel.x.abs() > 0.0 {
            push(out, axis.panned(f64::from(-wheel.x)));
        }
    }
    if let Some(at) = response.interact_pointer_pos() {
        if response.drag_started() {
            *drag = Some(started(response, modifiers, axis, at, ui));
        }
        match drag {
            Some(Drag::Pan { axis: from_axis, from }) if response.dragged() => {
                let delta = at.x - *from;
                if response.drag_motion() != Vec2::ZERO || delta != 0.0 {
                    push(out, from_axis.panned(f64::from(-delta)));
                }
                moves.scroll -= response.drag_delta().y;
            }
            Some(Drag::Zoom { from }) => {
                let (a, b) = (from.x.min(at.x) - marks.left(), from.x.max(at.x) - marks.left());
                let width = axis.width() as f32;
                let (a, b) = (a.clamp(0.0, width), b.clamp(0.0, width));
                if response.drag_stopped() {
                    if b - a > 3.0 {
                        push(out, (axis.time_from_px(f64::from(a)), axis.time_from_px(f64::from(b))));
                    }
                } else {
                    moves.selecting = Some((a, b));
                }
            }
            _ => {}
        }
    }
    if response.drag_stopped() || !response.is_pointer_button_down_on() && !response.dragged() {
        *drag = None;
    }
    moves
}

fn started(response: &Response, modifiers: Modifiers, axis: &Axis, at: Pos2, ui: &Ui) -> Drag {
    let from = ui.input(|i| i.pointer.press_origin()).unwrap_or(at);
    if modifiers.shift || response.dragged_by(PointerButton::Secondary) {
        Drag::Zoom { from }
    } else {
        Drag::Pan { axis: axis.clone(), from: from.x }
    }
}

fn push(out: &mut Vec<Command>, (start, end): (i64, i64)) {
    out.push(ViewCommand::Range(AxisRange::new(start, end)).into());
}
