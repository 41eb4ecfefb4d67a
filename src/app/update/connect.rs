//! The dialog for brokers, and addresses that are kept.

use crate::app::command::ConnectCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{Overlay, State};

pub(super) fn update(state: &mut State, command: ConnectCommand, effects: &mut Effects) {
    match command {
        ConnectCommand::Show(url) => {
            state.overlay = Overlay::Connect;
            state.connect_to = url.map(|url| *url);
        }
        ConnectCommand::Hide => {
            if state.overlay == Overlay::Connect {
                state.overlay = Overlay::None;
            }
        }
        ConnectCommand::Password { login, password, keep } => {
            effects.push(Effect::HoldPassword { login, password, keep });
        }
        ConnectCommand::Save(connection) => {
            let known = &mut state.settings.connections;
            known.retain(|other| other.name != connection.name);
            known.push(connection);
            known.sort_by(|a, b| a.name.cmp(&b.name));
            effects.push(Effect::SaveSettings);
        }
        ConnectCommand::Forget(name) => {
            state.settings.connections.retain(|connection| connection.name != name);
            effects.push(Effect::SaveSettings);
        }
    }
}
