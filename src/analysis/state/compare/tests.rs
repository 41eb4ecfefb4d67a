//! Comparisons of bank accounts, and what counts as a difference.

use std::sync::Arc;

use super::bank::{Bank, folded, history, json};
use super::*;
use crate::analysis::state::diff::Change;
use crate::analysis::state::event::{Input, Need};
use crate::analysis::state::path::Path;
use crate::analysis::state::reducer::{Keep, Reducer, Step, Stopped};
use crate::analysis::state::value::Value;
use crate::base::cancel::Cancel;

#[test]
fn two_points_differ_by_what_came_between() {
    let folded = folded(history("=0 +100 a -30 b"));
    for (steps, expected) in [
        ((1, 3), "balance is 100 instead of 0, label is \"a\" where nothing should be"),
        ((3, 1), "balance is 100 instead of 0, label is \"a\" where nothing should be"),
        ((3, 99), "balance is 70 instead of 100, label is \"b\" instead of \"a\""),
        ((2, 2), ""),
    ] {
        let points = points(&folded, &mut Bank::default(), steps, 9);
        assert_eq!(in_words(&points.changes, points.more_changes), expected);
    }
}

#[test]
fn two_histories_are_aligned_by_type() {
    let align = |one: &str, other: &str| {
        let found = entities(&folded(history(one)), &folded(history(other)), &Bank::default(), 9, &Cancel::new());
        assert!(found.complete);
        let step = |step: Option<u32>| step.map_or("-".to_owned(), |step| step.to_string());
        let row = |row: &Aligned| format!("{}{}", step(row.steps.0), step(row.steps.1));
        (found.rows.iter().map(row).collect::<Vec<_>>().join(" "), found.parts_at, found.changes.len())
    };
    assert_eq!(align("=0 +1 a -3", "=0 +1 a -3"), ("11 22 33 44".to_owned(), None, 0));
    assert_eq!(align("=0 +1 a -3", "=0 +2 -3"), ("11 22 3- 43".to_owned(), Some(2), 2));
    assert_eq!(align("", "+1"), ("-1".to_owned(), Some(0), 1));
    let cancel = Cancel::new();
    cancel.cancel();
    let base = folded(history("+1"));
    assert!(entities(&base, &base, &Bank::default(), 9, &cancel).rows.len() < 2);
}

#[test]
fn long_histories_are_aligned_as_far_as_it_is_quick() {
    let one = folded(history(&"+1 ".repeat(5_000)));
    let found = entities(&one, &folded(history("+1")), &Bank::default(), 9, &Cancel::new());
    assert_eq!((found.rows.len(), found.not_aligned), (4_000, (1_000, 0)));
}

/// The bank, but every deposit of more than 50 costs 1.
struct Charging(Bank);

impl Reducer for Charging {
    fn need(&self) -> Need {
        self.0.need()
    }

    fn initial(&self) -> Value {
        self.0.initial()
    }

    fn fold(
        &mut self,
        state: &mut Value,
        events: &[Input],
        keep: Keep,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Stopped> {
        let charged = |input: &Input| match input.data.member("amount").and_then(Value::as_f64) {
            Some(amount) if amount > 50.0 => {
                Input { data: json(&format!("{{\"amount\":{}}}", amount - 1.0)), ..input.clone() }
            }
            _ => input.clone(),
        };
        let events: Vec<Input> = events.iter().map(charged).collect();
        self.0.fold(state, &events, keep, step)
    }

    fn histories(&self) -> &[Arc<str>] {
        self.0.histories()
    }
}

#[test]
fn two_reducers_differ_from_the_first_step_on() {
    let run = |words: &str, most_rows: usize| {
        let mut pair = (Bank::default(), Charging(Bank::default()));
        reducers(&*history(words), (&mut pair.0, &mut pair.1), most_rows, 9, &Cancel::new(), &mut |_| ())
    };
    let found = run("=0 +10 +60 a b +70", 9);
    assert_eq!(found.first, Some(3));
    assert_eq!(found.rows.iter().map(|row| row.step).collect::<Vec<_>>(), [3, 6]);
    assert_eq!(in_words(&found.rows[0].changes, false), "balance is 69 instead of 70");
    assert!(found.complete && found.compared == 6);
    assert_eq!((run("=0 +10", 9).first, run("", 9).complete), (None, true));
    let found = run(&"+60 ".repeat(1_500), 10);
    assert_eq!((found.rows.len(), found.more_rows), (10, 1_490));
    let found = run("+60 crash", 9);
    assert_eq!((found.compared, found.complete, found.stopped.map(|stopped| stopped.at)), (1, false, Some(2)));
}

#[test]
fn histories_of_a_state_are_passed_over() {
    let sight = Sight::of(&Bank::default());
    for (a, b, equal) in [
        (r#"{"x":1,"events":1}"#, r#"{"x":1,"events":2}"#, true),
        (r#"{"x":1,"events":1}"#, r#"{"x":1}"#, true),
        (r#"{"x":1,"events":1}"#, r#"{"x":2,"events":1}"#, false),
        (r#"{"x":1,"events":1}"#, r#"{"y":1,"events":1}"#, false),
        (r#"{"x":{"events":1}}"#, r#"{"x":{"events":2}}"#, false),
        ("null", "{}", false),
    ] {
        let (a, b) = (json(a), json(b));
        assert_eq!((sight.equal(&a, &b), sight.diff(&a, &b, 9).is_empty()), (equal, equal), "{a} {b}");
    }
}

#[test]
fn differences_are_told_in_words() {
    let change = |path: &str, before: Option<&str>, after: Option<&str>| Change {
        path: Path::parse(path),
        before: before.map(json),
        after: after.map(json),
    };
    let long = format!("\"{}\"", "é".repeat(100));
    for (change, expected) in [
        (change("a.b", Some("1"), Some("2")), "a.b is 2 instead of 1".to_owned()),
        (change("", Some("null"), Some("{}")), "the state is {} instead of null".to_owned()),
        (change("l[1]", Some("1"), None), "l[1] is missing, it should be 1".to_owned()),
        (change("l", None, Some(&long)), format!("l is \"{}… where nothing should be", "é".repeat(59))),
    ] {
        assert_eq!(change_in_words(&change), expected);
    }
    let changes = [change("a", None, Some("1")), change("b", None, Some("2")), change("c", None, Some("3"))];
    assert!(in_words(&changes, false).ends_with(", and 1 other difference"));
    assert!(in_words(&changes, true).ends_with(", and more than 1 other differences"));
}
