//! Statements kept by name.

use crate::app::command::SqlCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::settings::SavedFilter;
use crate::app::state::State;

pub(super) fn update(state: &mut State, command: SqlCommand, effects: &mut Effects) {
    let kept = &mut state.settings.queries;
    match command {
        SqlCommand::Save { name, text } => {
            let name = name.trim().to_owned();
            if name.is_empty() || text.trim().is_empty() {
                state.note = Some("A saved statement needs a name and a statement".to_owned());
                return;
            }
            kept.retain(|query| query.name != name);
            kept.push(SavedFilter { name, text });
        }
        SqlCommand::Forget(name) => kept.retain(|query| query.name != name),
    }
    effects.push(Effect::SaveSettings);
}
