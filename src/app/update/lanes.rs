//! Lanes: order, text, kinds, pins, colour.

use super::change_view;
use crate::app::command::LaneCommand;
use crate::app::state::State;

pub(super) fn update(state: &mut State, command: LaneCommand) {
    let kind = match &command {
        LaneCommand::Text(_) => "lane text",
        _ => "lanes",
    };
    change_view(state, kind, |view| {
        let lanes = &mut view.lanes;
        match command {
            LaneCommand::Sort(sort) if lanes.sort == sort => lanes.reversed = !lanes.reversed,
            LaneCommand::Sort(sort) => {
                lanes.sort = sort;
                lanes.reversed = false;
            }
            LaneCommand::Text(text) => lanes.text = text,
            LaneCommand::Kinds(kinds) => lanes.kinds = kinds,
            LaneCommand::ToggleKind(kind) => {
                if let Some(at) = lanes.kinds.iter().position(|k| *k == kind) {
                    lanes.kinds.remove(at);
                } else {
                    lanes.kinds.push(kind);
                }
            }
            LaneCommand::GroupByKind(on) => lanes.group_by_kind = on,
            LaneCommand::InView(on) => lanes.in_view = on,
            LaneCommand::ToggleInView => lanes.in_view = !lanes.in_view,
            LaneCommand::Fold(kind) => {
                if !lanes.folded.remove(&kind) {
                    lanes.folded.insert(kind);
                }
            }
            LaneCommand::TogglePin(entity) => {
                if let Some(at) = lanes.pinned.iter().position(|&e| e == entity) {
                    lanes.pinned.remove(at);
                } else {
                    lanes.pinned.push(entity);
                }
            }
            LaneCommand::UnpinAll => lanes.pinned.clear(),
            LaneCommand::ColorBy(by) => lanes.color_by = by,
        }
    });
}
