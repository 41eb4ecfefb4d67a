//! What was made of a log comes back where the log is the same, and is left out and counted where it is not.
//! Session files are data: nothing in them runs.

use std::sync::Arc;

use super::*;
use crate::analysis::state::reducer::ReducerKind;
use crate::app::command::{
    BranchCommand, FilterCommand, LaneCommand, OpenCommand, TravelCommand, ViewCommand, WindowCommand,
};
use crate::app::effect::{Effect, Effects};
use crate::app::state::{Overlay, WatchAs};
use crate::app::update;
use crate::model::ids::EntityIx;
use crate::store::testing::Builder;

fn run(state: &mut State, log: &Snapshot, command: impl Into<Command>) -> Effects {
    let mut effects = Effects::default();
    update(state, command.into(), log, &mut effects);
    effects
}

/// Three events of an account, one of another; `first` stands before all of them.
fn log(first: &[&str]) -> Arc<Snapshot> {
    let mut builder = Builder::new();
    for other in first {
        builder = builder.simple(5, "Other", &[other]);
    }
    builder
        .simple(10, "Opened", &["account:a"])
        .simple(20, "Deposited", &["account:a"])
        .simple(30, "Opened", &["account:b"])
        .simple(40, "Withdrawn", &["account:a"])
        .build()
}

/// A log with something of everything made of it.
fn worked(log: &Snapshot) -> State {
    let mut state = State { opened: vec!["/logs/bank.ndjson".to_owned()], ..State::default() };
    let a = log.find_entity("account", "a").expect("it is there");
    let b = log.find_entity("account", "b").expect("it is there");
    let skip = Edit::Skip(EventRef::Stored(EventIx(1)));
    let commands: [Command; 7] = [
        LaneCommand::TogglePin(b).into(),
        BranchCommand::New(a).into(),
        BranchCommand::Edit(a, Some(1), skip).into(),
        BranchCommand::Rename(1, "no deposit".to_owned()).into(),
        TravelCommand::Watch("account".to_owned(), Path::parse("/balance"), WatchAs::Plot, true).into(),
        FilterCommand::Set("type:Opened".to_owned()).into(),
        SelectCommand::EventOf(EventIx(3), a).into(),
    ];
    for command in commands {
        run(&mut state, log, command);
    }
    state
}

#[test]
fn what_was_made_of_a_log_is_there_when_it_is_opened_again() {
    let log = log(&[]);
    let mut state = worked(&log);
    run(&mut state, &log, OpenCommand::Close);
    assert!(state.view.branches.is_empty() && state.opened.is_empty());

    run(&mut state, &Snapshot::default(), OpenCommand::Paths(vec!["/logs/bank.ndjson".to_owned()]));
    let kept = state.workspace.take().expect("something was kept");
    let (commands, left_out) = kept.adopt(&mut state, &log);
    assert_eq!((commands, left_out), (Vec::new(), 0));
    let branch = &state.view.branches.all()[0].branch;
    assert_eq!((branch.name.as_str(), branch.edits.len()), ("no deposit", 1));
    assert!(state.is_pinned(log.find_entity("account", "b").expect("it is there")));
    assert_eq!(state.travel.watches.len(), 1);
    assert_eq!(state.view.filter, "", "nothing hides events that a person did not ask for now");
}

#[test]
fn what_no_longer_fits_is_left_out_and_counted() {
    let before = log(&[]);
    let kept = Workspace::of(&worked(&before), &before);
    for (now, branches, pinned, expected) in [
        // The entities are there, but event 1 is another one, and so is the one that was selected.
        (log(&["x:1"]), 0, 1, 2),
        (Builder::new().simple(10, "Opened", &["account:a"]).build(), 0, 0, 3),
        (Builder::new().simple(10, "Opened", &["card:a"]).build(), 0, 0, 4),
    ] {
        let mut state = State::default();
        let (commands, left_out) = kept.clone().adopt(&mut state, &now);
        let found = (state.view.branches.len(), state.view.lanes.pinned.len(), left_out);
        assert_eq!(found, (branches, pinned, expected));
        let account = now.find_entity("account", "a").map(|a| Command::from(SelectCommand::Entity(a)));
        assert_eq!(commands, Vec::from_iter(account));
    }
}

/// Numbers belong to one reading, and the next one may have others.
#[test]
fn what_was_made_of_a_log_is_put_back_when_it_is_read_again() {
    let before = log(&[]);
    let mut state = worked(&before);
    let rules = ReducerSource { kind: ReducerKind::Rules, text: "x".into() };
    state.travel.reducers.insert("card".to_owned(), rules);
    let effects = run(&mut state, &before, OpenCommand::Reload);
    assert_eq!(effects, [Effect::Reload]);
    assert!(state.view.branches.is_empty() && state.view.lanes.pinned.is_empty() && state.selection.event.is_none());
    assert_eq!(state.view.filter, "type:Opened");
    assert!(state.travel.reducers.contains_key("card"));
    // Once more while it is still read, and closed then: what waits is not forgotten.
    let part = Builder::new().simple(10, "Opened", &["account:a"]).build();
    run(&mut state, &part, OpenCommand::Reload);
    keep(&mut state, &part);
    assert_eq!(state.settings.workspaces["/logs/bank.ndjson"].pinned.len(), 1);

    let b = before.find_entity("account", "b").expect("it is there");
    state.view.lanes.pinned.push(b);
    let (commands, left_out) = state.workspace.take().expect("it waits").adopt(&mut state, &before);
    assert_eq!((commands.len(), left_out, &state.view.lanes.pinned), (1, 0, &vec![b]));
    run(&mut state, &before, ViewCommand::Undo);
    assert_eq!((state.view.branches.len(), state.view.lanes.pinned.len()), (1, 1));
}

#[test]
fn a_session_file_brings_everything_and_runs_nothing() {
    let log = log(&[]);
    let mut state = worked(&log);
    for (kind, reducer) in [("account", ReducerKind::JavaScript), ("card", ReducerKind::Rules)] {
        state.travel.reducers.insert(kind.to_owned(), ReducerSource { kind: reducer, text: "x".into() });
    }
    let latin = Charset::named("latin1").expect("a label");
    state.settings.charsets.insert(log.sources()[0].address.clone(), latin);
    state.overlay = Overlay::SaveSession;
    let path = "/logs/monday".to_owned();
    let effects = run(&mut state, &log, WindowCommand::SaveSession { path, replace: false });
    let [Effect::WriteText { path, text, replace: false }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(path, "/logs/monday.eventglass");
    assert!(text.contains(r#""bank.ndjson""#), "beside the session, so without the folder: {text}");

    let moved = Workspace::parse(text, "/other/monday.eventglass").expect("a session");
    assert_eq!(moved.sources, ["/other/bank.ndjson"]);
    assert_eq!(moved.charsets, [("/other/test-0.ndjson".to_owned(), latin)].into());
    let effects = run(&mut state, &log, OpenCommand::Session(Box::new(moved)));
    assert!(matches!(&effects[0], Effect::Open { paths, add: false } if paths == &["/other/bank.ndjson"]));
    assert!(state.travel.reducers.contains_key("card"), "rules are data");
    assert!(!state.travel.reducers.contains_key("account"), "a script waits");
    assert_eq!(state.travel.waiting["account"].from, "the session file");
    let a = log.find_entity("account", "a").expect("it is there");
    let (commands, left_out) = state.workspace.take().expect("it is adopted").adopt(&mut state, &log);
    assert_eq!((commands, left_out), (vec![SelectCommand::EventOf(EventIx(3), a).into()], 0));
    assert_eq!((state.view.filter.as_str(), state.view.branches.len()), ("type:Opened", 1));
}

#[test]
fn opening_a_session_file_reads_it_and_forgets_nothing_before() {
    let log = log(&[]);
    let mut state = worked(&log);
    let effects = run(&mut state, &log, OpenCommand::Paths(vec!["/logs/monday.eventglass".to_owned()]));
    assert_eq!(effects, [Effect::ReadSession("/logs/monday.eventglass".to_owned())]);
    assert_eq!(state.view.branches.len(), 1);
}

#[test]
fn other_files_are_no_sessions() {
    for (text, expected) in [
        ("", "This is no session file"),
        ("{}", "This is no session file"),
        (r#"{"sources":["a"]}"#, "This is no session file"),
        (r#"{"eventglass_session":2}"#, "This session file is newer than this program"),
        (r#"{"eventglass_session":1,"branches":7}"#, "This is no session file"),
    ] {
        let error = Workspace::parse(text, "x.eventglass").expect_err(text);
        assert_eq!(error.summary, expected, "{text}");
    }
}

/// A hand-made branch that names events without their marks is not trusted.
#[test]
fn branches_without_marks_are_left_out() {
    let log = log(&[]);
    let branch = Branch { name: "x".to_owned(), edits: vec![Edit::Skip(EventRef::Stored(EventIx(0)))] };
    let entity = EntityId { kind: "account".to_owned(), id: "a".to_owned() };
    let kept = Workspace { branches: vec![KeptBranch { entity, branch, events: Vec::new() }], ..Workspace::default() };
    let mut state = State::default();
    assert_eq!(kept.adopt(&mut state, &log).1, 1);
    assert!(state.view.branches.of(EntityIx(0)).next().is_none());
}
