//! Reducers from settings and files. A script that came with the settings waits until a person says
//! that it may run.

use super::layout;
use super::travel::set_reducer;
use crate::app::command::{LayoutCommand, ReducerCommand};
use crate::app::effect::{Effect, Effects};
use crate::app::state::{Opened, State};
use crate::store::snapshot::Snapshot;

pub(super) fn update(state: &mut State, command: ReducerCommand, log: &Snapshot, effects: &mut Effects) {
    match command {
        ReducerCommand::Allow(kind) => {
            if let Some(waiting) = state.travel.waiting.remove(&kind) {
                set_reducer(state, kind, Some(waiting.source), log, effects);
            }
        }
        ReducerCommand::Refuse(kind) => {
            if state.travel.waiting.remove(&kind).is_some() {
                set_reducer(state, kind, None, log, effects);
            }
        }
        ReducerCommand::Compare(kind, source) => {
            state.travel.rival = Some((kind, source));
            layout::update(state, LayoutCommand::Show("compare"), effects);
        }
        ReducerCommand::Open { kind, path } => effects.push(Effect::ReadReducer { kind, path }),
        ReducerCommand::Opened { kind, path, text } => {
            let number = state.travel.opened.as_ref().map_or(0, |o| o.number) + 1;
            state.travel.opened = Some(Opened { number, kind, path, text });
        }
    }
}
