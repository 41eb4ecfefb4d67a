//! How a person sorts dead letters. Groups and targets are kept in the settings; notes and what is archived are
//! kept in the journal of requeues.

use crate::app::command::LettersCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::State;

/// Changes of groups that can be undone.
const KEPT: usize = 100;

pub(super) fn update(state: &mut State, command: LettersCommand, effects: &mut Effects) {
    match command {
        LettersCommand::Regroup(groups) => {
            let before = std::mem::replace(&mut state.settings.dead_letters.groups, *groups);
            if before != state.settings.dead_letters.groups {
                state.regroups.push(before);
                let too_many = state.regroups.len().saturating_sub(KEPT);
                state.regroups.drain(..too_many);
                effects.push(Effect::SaveSettings);
            }
        }
        LettersCommand::UndoRegroup => {
            if let Some(before) = state.regroups.pop() {
                state.settings.dead_letters.groups = before;
                effects.push(Effect::SaveSettings);
            }
        }
        LettersCommand::Target { from, to } => {
            let targets = &mut state.settings.dead_letters.targets;
            let to = to.trim();
            if to.is_empty() {
                targets.remove(&from);
            } else {
                targets.insert(from, to.to_owned());
            }
            effects.push(Effect::SaveSettings);
        }
        LettersCommand::Note { subject, text } => {
            let text = text.trim().to_owned();
            if !text.is_empty() {
                effects.push(Effect::NoteLetters { subject, text });
            }
        }
        LettersCommand::Archive { subject, archived } => effects.push(Effect::ArchiveLetters { subject, archived }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::dead_letters::Regroup;

    fn after(state: &mut State, command: LettersCommand) -> Effects {
        let mut effects = Effects::new();
        update(state, command, &mut effects);
        effects
    }

    #[test]
    fn groups_are_changed_and_changed_back() {
        let mut state = State::default();
        let named = |name: &str| {
            let mut groups = Regroup::default();
            groups.names.insert("a".to_owned(), name.to_owned());
            groups
        };
        for name in ["x", "x", "y"] {
            after(&mut state, LettersCommand::Regroup(Box::new(named(name))));
        }
        assert_eq!(state.regroups, [Regroup::default(), named("x")]);
        assert_eq!(after(&mut state, LettersCommand::UndoRegroup), [Effect::SaveSettings]);
        assert_eq!(state.settings.dead_letters.groups, named("x"));
        after(&mut state, LettersCommand::UndoRegroup);
        assert_eq!(state.settings.dead_letters.groups, Regroup::default());
        assert!(after(&mut state, LettersCommand::UndoRegroup).is_empty());
    }

    #[test]
    fn where_letters_belong_is_kept_until_it_is_forgotten() {
        let mut state = State::default();
        let target = |to: &str| LettersCommand::Target { from: "orders-dlq".to_owned(), to: to.to_owned() };
        after(&mut state, target(" orders "));
        assert_eq!(state.settings.dead_letters.targets["orders-dlq"], "orders");
        after(&mut state, target(" "));
        assert!(state.settings.dead_letters.targets.is_empty());
    }

    #[test]
    fn an_empty_note_is_none() {
        let note = |text: &str| LettersCommand::Note { subject: "a".to_owned(), text: text.to_owned() };
        assert!(after(&mut State::default(), note(" \n")).is_empty());
        assert_eq!(after(&mut State::default(), note(" seen ")).len(), 1);
    }
}
