//! The shared filter: setting, extending, saving.

use super::change_view;
use crate::analysis::query::with_term;
use crate::app::command::FilterCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::settings::SavedFilter;
use crate::app::state::State;

pub(super) fn update(state: &mut State, command: FilterCommand, effects: &mut Effects) {
    match command {
        FilterCommand::Set(text) => set(state, text.trim().to_owned()),
        FilterCommand::And(condition) => {
            let text = joined(&state.view.filter, &condition);
            set(state, text);
        }
        FilterCommand::AndNot(condition) => {
            let text = joined(&state.view.filter, &format!("not {condition}"));
            set(state, text);
        }
        FilterCommand::Clear => set(state, String::new()),
        FilterCommand::Cancel => effects.push(Effect::CancelFilter),
        FilterCommand::Save(name) => {
            let (name, text) = (name.trim().to_owned(), state.view.filter.clone());
            if name.is_empty() || text.is_empty() {
                state.note = Some("A saved filter needs a name and a filter".to_owned());
                return;
            }
            state.settings.filters.retain(|f| f.name != name);
            state.settings.filters.push(SavedFilter { name, text });
            effects.push(Effect::SaveSettings);
        }
        FilterCommand::Forget(name) => {
            state.settings.filters.retain(|f| f.name != name);
            effects.push(Effect::SaveSettings);
        }
        FilterCommand::Focus => super::layout::ask_focus(state, "filter"),
    }
}

fn set(state: &mut State, text: String) {
    change_view(state, "filter", |view| view.filter = text);
}

/// Both must hold; what is there already is not said twice.
fn joined(before: &str, condition: &str) -> String {
    if before == condition || before.ends_with(&format!(" {condition}")) {
        return before.to_owned();
    }
    with_term(before, condition)
}
