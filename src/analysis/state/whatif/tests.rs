//! Branches of a bank account: what edits do, and where states part.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::analysis::state::compare::bank::{Bank, end, folded, history, ix, json, step_of};
use crate::analysis::state::event::Events;
use crate::base::cancel::Cancel;

fn stored(at: u32) -> EventRef {
    EventRef::Stored(ix(at))
}

fn skip(at: u32) -> Edit {
    Edit::Skip(stored(at))
}

fn change(at: u32, amount: u32) -> Edit {
    Edit::Change { event: stored(at), type_name: None, text: Some(format!("{{\"amount\":{amount}}}")) }
}

fn insert(before: Place, amount: u32) -> Edit {
    let text = format!("{{\"amount\":{amount}}}");
    Edit::Insert { before, type_name: "Deposited".to_owned(), text, time: None }
}

fn branch(words: &str, edits: &[Edit]) -> BranchEvents {
    let branch = Branch { name: "test".to_owned(), edits: edits.to_vec() };
    BranchEvents::new(history(words), &branch, &|event| step_of(event).filter(|step| *step <= history(words).len()))
}

fn diverge(branch: &BranchEvents, limits: Limits) -> Divergence {
    let base = folded(Arc::clone(branch.base()));
    divergence(&base, branch, &mut Bank::default(), limits, &Cancel::new(), &mut |_| ())
}

#[track_caller]
fn check(words: &str, edits: &[Edit], expected: &str) {
    let branch = branch(words, edits);
    assert_eq!(branch.unplaced, []);
    assert_eq!(end(&branch), expected);
}

#[test]
fn edits_do_what_they_say() {
    let words = "=0 +100 -30 +50";
    let balance = |balance: i32| format!(r#"{{"balance":{balance},"tags":[]}}"#);
    check(words, &[], &balance(120));
    check(words, &[skip(2)], &balance(150));
    check(words, &[change(1, 1000)], &balance(1020));
    check(words, &[insert(Place::End, 7)], &balance(127));
    check(words, &[insert(Place::Before(stored(0)), 7)], &balance(120));
    // Opening last sets the balance.
    check(words, &[Edit::Move { event: stored(0), to: Place::End }], &balance(0));
    check(words, &[Edit::Move { event: stored(3), to: Place::Before(stored(0)) }], &balance(70));
    check(words, &[Edit::Move { event: stored(1), to: Place::Before(stored(1)) }], &balance(120));
    // What was inserted can be changed, moved and taken out again.
    check(words, &[insert(Place::End, 7), Edit::Skip(EventRef::Made(0))], &balance(120));
    let to_withdrawal = Edit::Change { event: EventRef::Made(0), type_name: Some("Withdrawn".to_owned()), text: None };
    check(words, &[insert(Place::End, 7), to_withdrawal], &balance(113));
    check(words, &[insert(Place::Before(stored(1)), 7), insert(Place::Before(EventRef::Made(0)), 1)], &balance(128));
    // A second change of an event keeps what the first one did to its type.
    let to_deposit = Edit::Change { event: stored(2), type_name: Some("Deposited".to_owned()), text: None };
    check(words, &[to_deposit, change(2, 1)], &balance(151));
}

#[test]
fn what_has_no_place_is_said() {
    let branch =
        branch("=0 +100", &[skip(1), change(1, 5), skip(7), Edit::Skip(EventRef::Made(0)), insert(Place::End, 1)]);
    let unplaced: Vec<usize> = branch.unplaced.iter().map(|(edit, _)| *edit).collect();
    assert_eq!(unplaced, [1, 2, 3]);
    assert_eq!(end(&branch), r#"{"balance":1,"tags":[]}"#);
}

#[test]
fn a_payload_that_is_no_json_fails_at_its_step() {
    let broken = Edit::Change { event: stored(1), type_name: None, text: Some("{amount".to_owned()) };
    let found = diverge(&branch("=0 +100 -30", &[broken]), Limits::default());
    assert!(found.rows[0].error.as_ref().is_some_and(|error| error.message.contains("not JSON")), "{found:?}");
}

#[test]
fn branches_survive_their_file() {
    let time = Some(crate::model::time::TimeNs(5));
    let made =
        Edit::Insert { before: Place::Before(stored(1)), type_name: "T".to_owned(), text: "{}".to_owned(), time };
    let branch = Branch {
        name: "no fee".to_owned(),
        edits: vec![skip(1), change(2, 5), made, Edit::Move { event: EventRef::Made(2), to: Place::End }],
    };
    let text = serde_json::to_string(&branch).expect("it can be written");
    assert_eq!(serde_json::from_str::<Branch>(&text).expect("it can be read"), branch);
}

/// A row as `what base>branch path=value`.
fn shown(found: &Divergence) -> Vec<String> {
    let step = |step: Option<u32>| step.map_or("-".to_owned(), |step| step.to_string());
    let change = |change: &crate::analysis::state::diff::Change| {
        format!(" {}={}", change.path.dotted(), change.after.as_ref().map_or("-".to_owned(), ToString::to_string))
    };
    let row = |row: &Row| {
        let changes: String = row.changes.iter().map(change).collect();
        format!("{:?} {}>{}{changes}", row.what, step(row.base_step), step(row.branch_step))
    };
    found.rows.iter().map(row).collect()
}

#[test]
fn states_part_and_meet_again() {
    let found = diverge(&branch("=0 a +100 =5 b +1", &[skip(1), change(2, 7)]), Limits::default());
    assert_eq!(shown(&found), ["Skipped 2>- label=-", "Changed 3>2 balance=7 label=-", "Same 4>3 label=-"]);
    assert_eq!(found.first, Some(Pair { base_step: 2, branch_step: 1 }));
    assert_eq!(found.reconverges_at, Some(Pair { base_step: 5, branch_step: 4 }));
    assert!(found.complete && found.final_changes.is_empty());

    let found = diverge(&branch("=0 +100 a", &[insert(Place::Before(stored(1)), 5)]), Limits::default());
    assert_eq!(shown(&found), ["Inserted ->2 balance=5", "Same 2>3 balance=105", "Same 3>4 balance=105"]);
    assert_eq!((found.reconverges_at, found.final_changes.len()), (None, 1));
}

#[test]
fn a_moved_event_has_two_places() {
    let found = diverge(
        &branch("a +1 b +2", &[Edit::Move { event: stored(2), to: Place::Before(stored(0)) }]),
        Limits::default(),
    );
    assert_eq!(shown(&found), [r#"MovedHere ->1 label="b""#, r#"MovedAway 3>- label="a""#, r#"Same 4>4 label="a""#,]);
}

#[test]
fn rows_are_bounded_and_the_rest_is_counted() {
    let words = "+1 ".repeat(1_000);
    let found = diverge(&branch(&words, &[skip(0)]), Limits { rows: 10, changes: 4 });
    assert_eq!((found.rows.len(), found.more_rows), (10, 990));
    let mut bank = Bank::default();
    let cancel = Cancel::new();
    cancel.cancel();
    let events = branch(&words, &[skip(0)]);
    let base = folded(Arc::clone(events.base()));
    let found = divergence(&base, &events, &mut bank, Limits::default(), &cancel, &mut |_| ());
    assert!(!found.complete && found.rows.is_empty());
}

#[test]
fn what_is_equal_to_the_end_is_not_folded() {
    let words = format!("a b {}", "+1 ".repeat(5_000));
    let branch = branch(&words, &[skip(0)]);
    let mut bank = Bank::default();
    let base = folded(Arc::clone(branch.base()));
    let found = divergence(&base, &branch, &mut bank, Limits::default(), &Cancel::new(), &mut |_| ());
    assert_eq!(found.reconverges_at, Some(Pair { base_step: 2, branch_step: 1 }));
    assert!(bank.folded < 2_000, "{}", bank.folded);
}

#[test]
fn a_reducer_that_dies_is_reported() {
    let found = diverge(&branch("+1 +2 crash", &[skip(0)]), Limits::default());
    assert_eq!(found.stopped.map(|stopped| stopped.at), Some(3));
    assert!(!found.complete);
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let place = prop_oneof![(0_u32..9).prop_map(|at| Place::Before(stored(at))), Just(Place::End)];
    let event = prop_oneof![4 => (0_u32..9).prop_map(stored), 1 => (0_u32..4).prop_map(EventRef::Made)];
    let edit = prop_oneof![
        event.clone().prop_map(Edit::Skip),
        (event.clone(), 0_u32..50).prop_map(|(event, amount)| Edit::Change {
            event,
            type_name: None,
            text: Some(format!("{{\"amount\":{amount},\"label\":\"{amount}\"}}")),
        }),
        (place.clone(), 0_u32..50).prop_map(|(before, amount)| insert(before, amount)),
        (event, place).prop_map(|(event, to)| Edit::Move { event, to }),
    ];
    prop::collection::vec(edit, 0..6)
}

const WORDS: &str = "=5 +10 a -3 limit b tag:x +1 -200";

proptest! {
    /// Undoing all edits gives the stored history.
    #[test]
    fn undone_is_the_base(edits in edits()) {
        let mut undone = Branch { name: String::new(), edits };
        while undone.undo().is_some() {}
        let events = branch(WORDS, &undone.edits);
        prop_assert_eq!(events.plan(), &Plan::whole(9));
        prop_assert_eq!(end(&events), end(&*history(WORDS)));
        let found = diverge(&events, Limits::default());
        prop_assert!(found.complete && found.rows.is_empty() && found.first.is_none());
    }

    /// The divergence agrees with both histories folded for themselves.
    #[test]
    fn the_divergence_is_that_of_both_ends(edits in edits()) {
        let events = branch(WORDS, &edits);
        let found = diverge(&events, Limits::default());
        prop_assert!(found.complete);
        let same = json(&end(&events)) == json(&end(&*history(WORDS)));
        prop_assert_eq!(found.final_changes.is_empty(), same);
        if found.first.is_some() {
            prop_assert_eq!(found.reconverges_at.is_some(), same);
        }
    }

    /// Loading in pieces gives what loading at once gives.
    #[test]
    fn pieces_are_the_whole(edits in edits(), cut in 0_u32..14) {
        let events = branch(WORDS, &edits);
        let need = crate::analysis::state::event::Need { text: true, value: true, ..Default::default() };
        let (mut all, mut front, mut back) = (Vec::new(), Vec::new(), Vec::new());
        events.load(0..events.len(), &need, &Cancel::new(), &mut all);
        let cut = cut.min(events.len());
        events.load(0..cut, &need, &Cancel::new(), &mut front);
        events.load(cut..events.len(), &need, &Cancel::new(), &mut back);
        front.append(&mut back);
        let show = |events: &[crate::analysis::state::event::Input]| format!("{events:?}");
        prop_assert_eq!(all.len() as u32, events.len());
        prop_assert_eq!(show(&all), show(&front));
    }
}
