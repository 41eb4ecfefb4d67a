//! Branches: begun, renamed, changed. Each change is one step of undo.

use super::{change_view, layout};
use crate::analysis::state::whatif::{Edit, EventRef, Place};
use crate::app::command::{BranchCommand, LayoutCommand};
use crate::app::effect::Effects;
use crate::app::state::State;

pub(super) fn update(state: &mut State, command: BranchCommand, effects: &mut Effects) {
    // Two changes are two steps however quickly they follow, so the kind is never the same twice.
    let kind = if state.views.last_kind() == Some("branch") { "branch again" } else { "branch" };
    match command {
        BranchCommand::Begin => match state.selection.entity {
            Some(entity) => {
                change_view(state, kind, |view| {
                    view.branches.add(entity);
                });
                layout::update(state, LayoutCommand::Show("whatif"), effects);
            }
            None => state.note = Some("Select an event or an entity first".to_owned()),
        },
        BranchCommand::New(entity) => change_view(state, kind, |view| {
            view.branches.add(entity);
        }),
        BranchCommand::Show(number) => state.view.branches.shown = number,
        BranchCommand::Rename(number, name) => {
            let name: String = name.trim().chars().take(80).collect();
            if !name.is_empty() {
                change_view(state, kind, |view| view.branches.change(number, |branch| branch.name = name));
            }
        }
        BranchCommand::Delete(number) => change_view(state, kind, |view| view.branches.remove(number)),
        BranchCommand::Edit(entity, number, edit) => change_view(state, kind, |view| {
            let number = number.unwrap_or_else(|| view.branches.add(entity));
            view.branches.change(number, |branch| branch.edits.push(edit));
        }),
        BranchCommand::Restore(number, event) => {
            change_view(state, kind, |view| view.branches.change(number, |branch| restore(&mut branch.edits, event)));
        }
        BranchCommand::Clear(number) => {
            change_view(state, kind, |view| view.branches.change(number, |branch| branch.edits.clear()));
        }
    }
}

/// Drops the edits of an event. Inserted events are named by the number of their edit, so what stays is
/// numbered anew, and what was said of events that are gone goes too.
fn restore(edits: &mut Vec<Edit>, event: EventRef) {
    let mut numbers: Vec<Option<u32>> = Vec::with_capacity(edits.len());
    let mut kept: Vec<Edit> = Vec::with_capacity(edits.len());
    for (i, mut edit) in std::mem::take(edits).into_iter().enumerate() {
        let about = match &edit {
            Edit::Skip(of) | Edit::Change { event: of, .. } | Edit::Move { event: of, .. } => *of,
            Edit::Insert { .. } => EventRef::Made(i as u32),
        };
        let stays = about != event && renumber(&mut edit, &numbers);
        numbers.push(stays.then_some(kept.len() as u32));
        if stays {
            kept.push(edit);
        }
    }
    *edits = kept;
}

/// Whether all that the edit names is still there.
fn renumber(edit: &mut Edit, numbers: &[Option<u32>]) -> bool {
    let mut named: Vec<&mut EventRef> = Vec::new();
    match edit {
        Edit::Skip(event) | Edit::Change { event, .. } => named.push(event),
        Edit::Insert { before: Place::Before(event), .. } => named.push(event),
        Edit::Insert { .. } => {}
        Edit::Move { event, to } => {
            named.push(event);
            if let Place::Before(event) = to {
                named.push(event);
            }
        }
    }
    named.into_iter().all(|event| match event {
        EventRef::Stored(_) => true,
        EventRef::Made(number) => {
            let now = numbers.get(*number as usize).copied().flatten();
            *number = now.unwrap_or(*number);
            now.is_some()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::command::ViewCommand;
    use crate::app::{Command, update};
    use crate::model::ids::{EntityIx, EventIx};
    use crate::store::snapshot::Snapshot;

    #[test]
    fn every_change_of_a_branch_is_undone_alone() {
        let (mut state, log) = (State::default(), Snapshot::default());
        let mut run = |command: Command| {
            update(&mut state, command, &log, &mut Effects::default());
            let branches = &state.view.branches;
            let shown = branches.shown_of(EntityIx(7));
            shown.map(|b| format!("{} {}", b.branch.name, b.branch.edits.len())).unwrap_or_default()
        };
        let skip =
            |event| BranchCommand::Edit(EntityIx(7), Some(1), Edit::Skip(EventRef::Stored(EventIx(event)))).into();
        for (command, expected) in [
            (BranchCommand::New(EntityIx(7)).into(), "What if 1 0"),
            (skip(1), "What if 1 1"),
            (skip(2), "What if 1 2"),
            (BranchCommand::Rename(1, " no fee ".to_owned()).into(), "no fee 2"),
            (ViewCommand::Undo.into(), "What if 1 2"),
            (ViewCommand::Undo.into(), "What if 1 1"),
            (ViewCommand::Redo.into(), "What if 1 2"),
            (BranchCommand::Clear(1).into(), "What if 1 0"),
            (BranchCommand::New(EntityIx(7)).into(), "What if 2 0"),
            (BranchCommand::Show(Some(1)).into(), "What if 1 0"),
            (BranchCommand::Delete(1).into(), "What if 2 0"),
            (BranchCommand::Delete(99).into(), "What if 2 0"),
            (BranchCommand::New(EntityIx(8)).into(), "What if 2 0"),
        ] {
            assert_eq!(run(command), expected);
        }
    }

    #[test]
    fn taking_back_an_inserted_event_takes_back_what_was_said_of_it() {
        let insert = |before| Edit::Insert { before, type_name: "A".to_owned(), text: "{}".to_owned(), time: None };
        let stored = EventRef::Stored(EventIx(4));
        let mut edits = vec![
            insert(Place::End),
            Edit::Skip(stored),
            insert(Place::Before(EventRef::Made(0))),
            insert(Place::Before(stored)),
            Edit::Move { event: EventRef::Made(3), to: Place::End },
        ];
        let mut without_stored = edits.clone();
        restore(&mut edits, EventRef::Made(0));
        assert_eq!(
            edits,
            [
                Edit::Skip(stored),
                insert(Place::Before(stored)),
                Edit::Move { event: EventRef::Made(1), to: Place::End },
            ]
        );
        restore(&mut without_stored, stored);
        assert_eq!(without_stored.len(), 4);
        assert_eq!(without_stored[3], Edit::Move { event: EventRef::Made(2), to: Place::End });
    }
}
