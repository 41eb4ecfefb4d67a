//! The shared filter: setting, extending, saving.

use super::change_view;
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

/// Both must hold. Parentheses only where the old filter has an "or" that would bind otherwise.
fn joined(before: &str, condition: &str) -> String {
    let before = before.trim();
    if before.is_empty() {
        return condition.to_owned();
    }
    if before == condition || before.ends_with(&format!(" {condition}")) {
        return before.to_owned();
    }
    let has_or = before.split_whitespace().any(|word| word.eq_ignore_ascii_case("or"));
    let wrapped = before.starts_with('(') && before.ends_with(')') && !before[1..].contains('(');
    if has_or && !wrapped { format!("({before}) {condition}") } else { format!("{before} {condition}") }
}
