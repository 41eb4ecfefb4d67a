//! Palette, keys, theme, zoom.

use crate::app::command::WindowCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::settings::ThemeChoice;
use crate::app::state::{Overlay, State};
use crate::app::workspace::{self, Workspace};
use crate::store::snapshot::Snapshot;

/// Steps of the interface's size, in percent.
const ZOOMS: [u16; 6] = [100, 110, 125, 150, 175, 200];

pub(super) fn update(state: &mut State, command: WindowCommand, log: &Snapshot, effects: &mut Effects) {
    match command {
        WindowCommand::Palette => toggle(state, Overlay::Palette),
        WindowCommand::Keys => toggle(state, Overlay::Keys),
        WindowCommand::Theme(theme) => set_theme(state, theme, effects),
        WindowCommand::NextTheme => {
            let next = match state.settings.theme {
                ThemeChoice::System => ThemeChoice::Dark,
                ThemeChoice::Dark => ThemeChoice::Light,
                ThemeChoice::Light => ThemeChoice::System,
            };
            set_theme(state, next, effects);
        }
        WindowCommand::Zoom(percent) => set_zoom(state, percent, effects),
        WindowCommand::ZoomIn => {
            let now = state.settings.zoom_percent;
            set_zoom(state, ZOOMS.into_iter().find(|&z| z > now).unwrap_or(200), effects);
        }
        WindowCommand::ZoomOut => {
            let now = state.settings.zoom_percent;
            set_zoom(state, ZOOMS.into_iter().rev().find(|&z| z < now).unwrap_or(100), effects);
        }
        WindowCommand::Copy(text) => effects.push(Effect::Copy(text)),
        WindowCommand::Save { path, text, replace } => {
            state.occupied = None;
            effects.push(Effect::WriteText { path, text, replace });
        }
        WindowCommand::AskSession => toggle(state, Overlay::SaveSession),
        WindowCommand::SaveSession { path, replace } => {
            let path = if path.ends_with(workspace::ENDING) { path } else { path + workspace::ENDING };
            let text = Workspace::of(state, log).to_file(&path).into();
            state.occupied = None;
            state.overlay = Overlay::None;
            effects.push(Effect::WriteText { path, text, replace });
        }
        WindowCommand::SavePicture { path, part, replace } => {
            state.occupied = None;
            effects.push(Effect::WritePicture { path, part, replace });
        }
        WindowCommand::Occupied(path) => {
            if path.ends_with(workspace::ENDING) {
                state.overlay = Overlay::SaveSession;
            }
            state.occupied = Some(path);
        }
        WindowCommand::Say(text) => effects.push(Effect::Say(text)),
        WindowCommand::DismissNotices => effects.push(Effect::DismissNotices),
        WindowCommand::Escape => escape(state),
        WindowCommand::Quit => effects.extend([Effect::SaveSettings, Effect::Quit]),
    }
}

fn toggle(state: &mut State, overlay: Overlay) {
    state.overlay = if state.overlay == overlay { Overlay::None } else { overlay };
}

fn set_theme(state: &mut State, theme: ThemeChoice, effects: &mut Effects) {
    state.settings.theme = theme;
    effects.push(Effect::SaveSettings);
}

fn set_zoom(state: &mut State, percent: u16, effects: &mut Effects) {
    state.settings.zoom_percent = percent.clamp(100, 200);
    effects.push(Effect::SaveSettings);
}

/// One layer at a time.
fn escape(state: &mut State) {
    if state.overlay != Overlay::None {
        state.overlay = Overlay::None;
    } else if state.maximised.is_some() {
        state.maximised = None;
    }
}
