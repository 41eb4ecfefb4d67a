//! Plans and runs. Nothing is sent to a system that is not unlocked, whoever asks.

use crate::app::command::RequeueCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::state::{State, Wish};
use crate::requeue::moves;

/// The panel's name.
const PANEL: &str = "requeue";

pub(super) fn update(state: &mut State, command: RequeueCommand, effects: &mut Effects) {
    match command {
        RequeueCommand::Plan(choice) => {
            state.requeue.wish = Some(Wish::of(choice));
            effects.push(Effect::ShowPanel(PANEL));
        }
        RequeueCommand::Change(wish) => state.requeue.wish = Some(*wish),
        RequeueCommand::Forget => state.requeue.wish = None,
        RequeueCommand::Unlock(system) => state.requeue.unlock(system),
        RequeueCommand::Lock(system) => state.requeue.lock(&system),
        RequeueCommand::Run(plan) => {
            if may_write(state, &plan.system) {
                effects.push(Effect::Requeue(plan));
            }
        }
        RequeueCommand::Resume { plan, system } => {
            if may_write(state, &system) {
                effects.push(Effect::ResumeRequeue { plan, system });
            }
        }
        RequeueCommand::Pause(paused) => effects.push(Effect::PauseRequeue(paused)),
        RequeueCommand::Stop => effects.push(Effect::StopRequeue),
        RequeueCommand::Decide(id, decision) => effects.push(Effect::DecideRequeue(id, decision)),
        RequeueCommand::Look => state.requeue.journal += 1,
        RequeueCommand::LookAtMoves(address) => state.requeue.look_at_moves(address),
        RequeueCommand::ChangeMoves { address, change } => {
            if let Some(source) = moves::source(&address)
                && may_write(state, &source.system)
            {
                effects.push(Effect::ChangeMoves(source, change));
            }
        }
    }
}

/// Files are only appended to, and only those that a person named for that.
fn may_write(state: &mut State, system: &str) -> bool {
    let may = system.starts_with("file:") || state.requeue.unlocked_for(system).is_some();
    if !may {
        state.note = Some(format!("{system} is read-only: unlock it first"));
    }
    may
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Command;
    use crate::app::update;
    use crate::store::snapshot::Snapshot;

    fn after(state: &mut State, command: RequeueCommand) -> Effects {
        let mut effects = Effects::new();
        update(state, Command::Requeue(command), &Snapshot::default(), &mut effects);
        effects
    }

    #[test]
    fn a_locked_system_is_not_written_to() {
        let (mut state, system) = (State::default(), "kafka://h".to_owned());
        let resume = || RequeueCommand::Resume { plan: "p".to_owned(), system: "kafka://h".to_owned() };
        assert!(after(&mut state, resume()).is_empty());
        assert!(state.note.as_ref().is_some_and(|note| note.contains("read-only")));
        after(&mut state, RequeueCommand::Unlock(system.clone()));
        assert_eq!(after(&mut state, resume()).len(), 1);
        assert_eq!(state.requeue.unlocked().count(), 1);
        after(&mut state, RequeueCommand::Lock(system));
        assert!(after(&mut state, resume()).is_empty());
    }

    #[test]
    fn a_queue_of_a_locked_system_is_not_moved() {
        let mut state = State::default();
        let cancel = || moves::Change::Cancel { handle: "h".to_owned() };
        for change in [moves::Change::Start { to: None, rate: None }, cancel()] {
            let address = "sqs://orders-dlq?region=eu-west-1&limit=5".to_owned();
            let change = || RequeueCommand::ChangeMoves { address: address.clone(), change: change.clone() };
            assert!(after(&mut state, change()).is_empty());
            after(&mut state, RequeueCommand::Unlock("sqs://*?region=eu-west-1".to_owned()));
            assert!(matches!(after(&mut state, change()).as_slice(), [Effect::ChangeMoves(..)]));
            after(&mut state, RequeueCommand::Lock("sqs://*?region=eu-west-1".to_owned()));
        }
        let elsewhere = RequeueCommand::ChangeMoves { address: "kafka://h/orders".to_owned(), change: cancel() };
        assert!(after(&mut state, elsewhere).is_empty(), "it has no move tasks");
    }
}
