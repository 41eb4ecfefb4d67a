//! Carries out commands. A plain function: State and the newest snapshot in, changed State and a
//! list of effects out. One file per group of commands.

mod branch;
mod connect;
mod filter;
mod lanes;
mod layout;
mod letters;
mod lint;
mod open;
mod reducer;
mod requeue;
mod select;
mod sql;
mod table;
mod travel;
mod view;
mod window;

#[cfg(test)]
mod tests;

use std::time::Instant;

use super::command::Command;
use super::effect::Effects;
use super::state::{State, View};
use crate::store::snapshot::Snapshot;

/// Never fails: a command that makes no sense now changes nothing and may leave a note.
pub fn update(state: &mut State, command: Command, log: &Snapshot, effects: &mut Effects) {
    state.note = None;
    match command {
        Command::Branch(c) => branch::update(state, c, effects),
        Command::Connect(c) => connect::update(state, c, effects),
        Command::Filter(c) => filter::update(state, c, effects),
        Command::Lanes(c) => lanes::update(state, c),
        Command::Layout(c) => layout::update(state, c, effects),
        Command::Letters(c) => letters::update(state, c, effects),
        Command::Lint(c) => lint::update(state, c, log, effects),
        Command::Open(c) => open::update(state, c, log, effects),
        Command::Reducer(c) => reducer::update(state, c, log, effects),
        Command::Requeue(c) => requeue::update(state, c, effects),
        Command::Select(c) => select::update(state, c, log, effects),
        Command::Sql(c) => sql::update(state, c, effects),
        Command::Table(c) => table::update(state, c, effects),
        Command::Travel(c) => travel::update(state, c, log, effects),
        Command::View(c) => view::update(state, c, log, effects),
        Command::Window(c) => window::update(state, c, log, effects),
    }
}

/// Changes the view as one step of undo. Steps of the same `kind` that follow quickly are joined.
fn change_view(state: &mut State, kind: &'static str, change: impl FnOnce(&mut View)) {
    let before = state.view.clone();
    change(&mut state.view);
    if state.view != before {
        state.views.push(before, kind, Instant::now());
        state.pins_changed();
    }
}
