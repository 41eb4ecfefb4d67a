//! Steps, places and broken reducers through State and jobs together, as the window runs them.

use std::time::Duration;

use super::*;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::app::Command;
use crate::app::command::{SelectCommand, TravelCommand};
use crate::app::jobs::Jobs;
use crate::app::update;
use crate::model::ids::EntityIx;
use crate::store::testing::{Builder, TestEvent};

fn log() -> Arc<Snapshot> {
    log_of(12)
}

fn log_of(events: u32) -> Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(1);
    for i in 0..events {
        builder.push(TestEvent {
            time: Some(i64::from(i) * 1_000),
            type_name: if i == 0 { "Opened" } else { "Deposited" }.to_owned(),
            id: format!("e{i}"),
            version: Some(i + 1),
            entities: vec!["account:1".to_owned()],
            data: format!("{{\"amount\":{i}}}"),
            ..TestEvent::default()
        });
    }
    builder.build()
}

fn settle(jobs: &mut Jobs, log: &Arc<Snapshot>, state: &mut State) {
    for _ in 0..3 {
        jobs.refresh(log, state);
        assert!(jobs.travel.wait(Duration::from_secs(20)));
    }
}

fn run(state: &mut State, log: &Snapshot, command: impl Into<Command>) {
    update(state, command.into(), log, &mut Vec::new());
}

#[test]
fn steps_and_places_move_the_one_selection() {
    let (log, mut state, mut jobs) = (log(), State::default(), Jobs::new(&Waker::none()));
    run(&mut state, &log, SelectCommand::Entity(EntityIx(0)));
    run(&mut state, &log, TravelCommand::Step(3));
    assert!(state.note.is_some(), "the history is not known yet");
    settle(&mut jobs, &log, &mut state);
    assert_eq!(state.step(), Some(12), "nothing selected: the newest state");
    for (command, step) in [
        (TravelCommand::Step(3), 3),
        (TravelCommand::By(2), 5),
        (TravelCommand::By(-99), 0),
        (TravelCommand::By(1), 1),
        (TravelCommand::Step(99), 12),
        (TravelCommand::GoTo("v7".to_owned()), 7),
        (TravelCommand::GoTo("nowhere".to_owned()), 7),
    ] {
        run(&mut state, &log, command.clone());
        assert_eq!(state.step(), Some(step), "{command:?}");
        let history = state.history().expect("known");
        assert_eq!(state.selection.event, history.event_of(step));
    }
    run(&mut state, &log, SelectCommand::PreviousOfEntity);
    assert_eq!(state.step(), Some(6));
    run(&mut state, &log, TravelCommand::Step(0));
    run(&mut state, &log, SelectCommand::NextOfEntity);
    assert_eq!(state.step(), Some(1));
}

#[test]
fn a_reducer_that_does_not_compile_says_why() {
    let (log, mut state, mut jobs) = (log(), State::default(), Jobs::new(&Waker::none()));
    let broken = ReducerSource { kind: ReducerKind::Rules, text: "on on on (".into() };
    run(&mut state, &log, TravelCommand::Reducer("account".to_owned(), Some(broken)));
    run(&mut state, &log, SelectCommand::Entity(EntityIx(0)));
    settle(&mut jobs, &log, &mut state);
    let focus = jobs.travel.focus_of(&state).expect("the history is known all the same");
    assert!(focus.error.is_some() && focus.folded.is_none());
    assert_eq!(focus.history.len(), 12);
    run(&mut state, &log, TravelCommand::Reducer("account".to_owned(), None));
    assert!(state.settings.reducers.is_empty());
}

#[test]
fn a_log_that_grows_is_folded_on_and_one_that_does_not_is_left_alone() {
    let (mut state, mut jobs) = (State::default(), Jobs::new(&Waker::none()));
    let rules = ReducerSource { kind: ReducerKind::Rules, text: "start sum = 0\non *\n  sum += amount\n".into() };
    state.travel.reducers.insert("account".to_owned(), rules);
    state.selection.entity = Some(EntityIx(0));
    let mut numbers = Vec::new();
    for (events, sum) in [(12, "66"), (12, "66"), (20, "190")] {
        settle(&mut jobs, &log_of(events), &mut state);
        let focus = jobs.travel.focus_of(&state).expect("folded");
        let at = jobs.travel.at().expect("a state");
        assert!(at.value.is_at(&focus, Some(events)) && at.value.complete);
        assert_eq!(at.value.after.value.member("sum").map(ToString::to_string).as_deref(), Some(sum));
        numbers.push(focus.number);
    }
    assert!(numbers[0] == numbers[1] && numbers[1] < numbers[2], "{numbers:?}");
}
