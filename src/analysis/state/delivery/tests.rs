//! Deliveries to a bank account: what must be found, and the laws that every report keeps.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::analysis::state::compare::bank::{Bank, folded, history};
use crate::analysis::state::event::Events;
use crate::analysis::state::whatif::{BranchEvents, Plan, Slot};

fn request(kind: Kind) -> Request {
    Request { rounds: 30, ..Request::new(kind, 7) }
}

fn report(words: &str, kind: Kind) -> Report {
    let base = folded(history(words));
    simulate(&base, &mut Bank::default(), &request(kind), &Cancel::new(), &mut |_| ())
}

fn of<'a>(report: &'a Report, type_name: &str) -> &'a TypeReport {
    report.types.iter().find(|of_type| &*of_type.type_name == type_name).expect("it is in the history")
}

const REORDER: Kind = Kind::Reorder { window: 3 };

#[test]
fn a_deposit_is_not_idempotent_and_opening_is() {
    let report = report("=0 +100 +50 tag:x limit", Kind::Duplicates);
    let deposit = of(&report, "Deposited");
    assert_eq!((deposit.seen, deposit.tried, deposit.differing), (2, 2, 2));
    assert_eq!(deposit.example.as_ref().map(|example| example.step), Some(2));
    let opening = of(&report, "Opened");
    assert_eq!(
        (opening.differing, opening.late.as_ref().map(|late| (late.step, late.other_step))),
        (0, Some((1, Some(2))))
    );
    assert!(of(&report, "Limited").late.is_none());
    assert!(report.complete && report.has_findings());
    assert_eq!(report.rounds.minimal.as_ref().map(|minimal| minimal.faults.len()), Some(1));
}

#[test]
fn deposits_and_withdrawals_commute_unless_there_is_a_limit() {
    let differing = |report: &Report| -> Vec<(String, String)> {
        let differ = report.pairs.iter().filter(|pair| pair.differing > 0);
        differ.map(|pair| (pair.first.to_string(), pair.second.to_string())).collect()
    };
    let free = report("=0 +100 -30 +50 -70", REORDER);
    assert_eq!(differing(&free), [("Opened".to_owned(), "Deposited".to_owned())]);
    let limited = report("limit +100 -100 +50 -50", REORDER);
    assert_eq!(differing(&limited), [("Deposited".to_owned(), "Withdrawn".to_owned())]);
    let example = limited.pairs.iter().find_map(|pair| pair.example.as_ref()).expect("there is one");
    assert_eq!((example.step, example.other_step), (2, Some(3)));
    assert!(example.error.as_ref().is_some_and(|error| error.message == "over the limit"));
    assert_eq!(differing(&report("a b", REORDER)), [("Labelled".to_owned(), "Labelled".to_owned())]);
    assert!(differing(&report("a a", REORDER)).is_empty());
}

#[test]
fn losses_count_where_nothing_makes_up_for_them() {
    let report = report("=0 a +100 ping b", Kind::Loss);
    assert_eq!(of(&report, "Deposited").differing, 1);
    let labels = of(&report, "Labelled");
    assert_eq!((labels.tried, labels.differing, labels.example.as_ref().map(|example| example.step)), (2, 1, Some(5)));
    assert_eq!((of(&report, "Pinged").without_effect, of(&report, "Pinged").tried), (1, 0));
    // Opening with nothing changes nothing.
    assert_eq!(of(&report, "Opened").without_effect, 1);
}

#[test]
fn advice_is_in_sentences() {
    for (words, kind, expected) in [
        (
            "=0 +100 tag:x",
            Kind::Duplicates,
            "Deposited is not idempotent: deliver the one of step 2 twice and balance is 200 instead of 100. \
             Keep a processed_events table, or let the event carry the new balance.\n\
             Tagged is not idempotent: deliver the one of step 3 twice and tags[1] is \"x\" where nothing should be. \
             Keep a processed_events table, or give what is added to tags an id and add it only once.\n\
             Opened may come twice in a row, but a late copy undoes what came between: the one of step 1 again after step 2, \
             and balance is 0 instead of 100.\n\
             Refuse copies that are older than the state (compare versions), or keep a processed_events table.",
        ),
        (
            "+1 a b",
            REORDER,
            "Two Labelled do not commute: exchange steps 2 and 3 and label is \"a\" instead of \"b\".\n\
             Keep an entity's events in one partition, by its id, or compare versions.\n\
             May come in either order: Deposited and Labelled.",
        ),
        (
            "+1 ping a b",
            Kind::Loss,
            "Deposited must not be lost: without the one of step 1 the history ends differently, balance is 0 instead of 1.\n\
             Labelled must not",
        ),
    ] {
        let advice = report(words, kind).advice().join("\n");
        assert!(advice.starts_with(expected), "{advice}");
        assert!(advice.ends_with("events. Seed 7."), "{advice}");
    }
    let alone = report("+1", REORDER).advice();
    assert_eq!(alone, ["A history of one event has no order to change.", "Looked at its only event. Seed 7."]);
    let harmless = report("limit ping", Kind::Duplicates).advice();
    assert_eq!(
        harmless,
        [
            "Duplicates do no harm to Limited, Pinged.",
            "None of 30 random histories with 1 duplicate each ends differently.",
            "Looked at all 2 events. Seed 7."
        ]
    );
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let words = "=0 +100 a -30 tag:x b +7 limit -3 ".repeat(20);
    for kind in [Kind::Duplicates, Kind::Loss, REORDER] {
        let (one, other) = (report(&words, kind), report(&words, kind));
        assert_eq!((&one.types, &one.pairs, &one.rounds), (&other.types, &other.pairs, &other.rounds));
        assert_eq!(one.rounds.faults, 9);
    }
}

#[test]
fn long_histories_are_sampled_and_said_to_be() {
    let words = "+1 ".repeat(30_000);
    let base = folded(history(&words));
    let request = Request { sample: 1_000, most_folded: 200_000, ..request(Kind::Duplicates) };
    let report = simulate(&base, &mut Bank::default(), &request, &Cancel::new(), &mut |_| ());
    assert_eq!((report.events, report.looked_at), (30_000, 7 * 128));
    assert!(report.rounds.run < 30 && report.rounds.run > 0, "{:?}", report.rounds);
    let advice = report.advice();
    assert!(advice.last().is_some_and(|line| line.starts_with("Looked at 896 of 30,000 events one by one, and ran")));
}

#[test]
fn cancelled_and_dead_reducers_leave_what_was_found() {
    let base = folded(history("+1 +2"));
    let cancel = Cancel::new();
    cancel.cancel();
    let report = simulate(&base, &mut Bank::default(), &request(Kind::Loss), &cancel, &mut |_| ());
    assert!(!report.complete && report.types.is_empty());
    // Behind the event that stops the fold nothing is known, and nothing is looked at.
    let base = folded(history("+1 +2 crash +3"));
    let report = simulate(&base, &mut Bank::default(), &request(Kind::Duplicates), &Cancel::new(), &mut |_| ());
    assert_eq!((report.events, report.looked_at), (2, 2));
}

#[test]
fn nothing_has_no_findings() {
    for kind in [Kind::Duplicates, Kind::Loss, REORDER, Kind::Reorder { window: 0 }] {
        let report = report("", kind);
        assert!(report.complete && !report.has_findings());
        assert!(report.advice().last().is_some_and(|line| line == "Looked at all 0 events. Seed 7."));
    }
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        (1..50).prop_map(|amount| format!("+{amount}")),
        (1..50).prop_map(|amount| format!("-{amount}")),
        (0..9).prop_map(|amount| format!("={amount}")),
        prop::sample::select(vec!["a", "b", "limit", "ping", "tag:x"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(word, 0..25).prop_map(|words| words.join(" "))
}

/// The last state with these faults, folded from the beginning.
fn end_with(events: Arc<dyn Events>, faults: &[Fault]) -> crate::analysis::state::value::Value {
    let mut order: Vec<u32> = (0..events.len()).collect();
    for fault in faults {
        let at = order.iter().position(|stored| *stored == fault.step() - 1).expect("it is there");
        let stored = order[at];
        match *fault {
            Fault::Twice { after, .. } => order.insert((at + 1 + after as usize).min(order.len()), stored),
            Fault::Lost { .. } => {
                order.remove(at);
            }
            Fault::Late { by, .. } => {
                order.remove(at);
                order.insert((at + by as usize).min(order.len()), stored);
            }
        }
    }
    let mut plan = Plan::whole(0);
    order.iter().for_each(|stored| plan.insert(u32::MAX, Slot::Stored(*stored)));
    folded(Arc::new(BranchEvents::arranged(events, plan))).last().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each counter-example, and the smallest faults, do end in another state.
    #[test]
    fn what_is_reported_is_true(words in words(), seed in 0_u64..1000) {
        let events = history(&words);
        let base = folded(Arc::clone(&events));
        for kind in [Kind::Duplicates, Kind::Loss, REORDER] {
            let request = Request { rounds: 8, ..Request::new(kind, seed) };
            let mut bank = Bank::default();
            let report = simulate(&base, &mut bank, &request, &Cancel::new(), &mut |_| ());
            prop_assert!(report.complete);
            let sight = crate::analysis::state::compare::Sight::of(&bank);
            if let Some(minimal) = &report.rounds.minimal {
                prop_assert!(!sight.equal(base.last(), &end_with(Arc::clone(&events), &minimal.faults)));
                prop_assert!(!minimal.changes.is_empty());
            }
            prop_assert_eq!(report.rounds.differing > 0, report.rounds.minimal.is_some());
            for of_type in &report.types {
                prop_assert_eq!(of_type.differing > 0, of_type.example.is_some());
                if let (Kind::Loss, Some(example)) = (kind, &of_type.example) {
                    let end = end_with(Arc::clone(&events), &[Fault::Lost { step: example.step }]);
                    prop_assert_eq!(sight.diff(base.last(), &end, 8), example.changes.clone());
                }
            }
        }
    }
}
