//! Panels: shown, hidden, maximised, focused. Where they lie is the shell's own tree.

use crate::app::PanelId;
use crate::app::command::LayoutCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::State;

pub(super) fn update(state: &mut State, command: LayoutCommand, effects: &mut Effects) {
    match command {
        LayoutCommand::Show(panel) => show(state, panel, effects),
        LayoutCommand::Hide(panel) => {
            state.maximised = state.maximised.filter(|&m| m != panel);
            effects.push(Effect::HidePanel(panel));
        }
        LayoutCommand::Toggle(panel) => effects.push(Effect::TogglePanel(panel)),
        LayoutCommand::Maximise(panel) => {
            state.maximised = if state.maximised == Some(panel) { None } else { Some(panel) };
            effects.push(Effect::ShowPanel(panel));
        }
        LayoutCommand::Restore => state.maximised = None,
        LayoutCommand::Focus(panel) => {
            show(state, panel, effects);
            ask_focus(state, panel);
        }
        LayoutCommand::Reset => {
            state.maximised = None;
            effects.push(Effect::ResetLayout);
        }
    }
}

/// A maximised panel hides the others, so it gives way to one that is asked for.
pub(super) fn show(state: &mut State, panel: PanelId, effects: &mut Effects) {
    if state.maximised.is_some_and(|m| m != panel) {
        state.maximised = None;
    }
    effects.push(Effect::ShowPanel(panel));
}

pub(super) fn ask_focus(state: &mut State, panel: PanelId) {
    let number = state.focus.map_or(0, |(_, n)| n) + 1;
    state.focus = Some((panel, number));
}
