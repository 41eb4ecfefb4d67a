//! Laws of the language, on rules and events that chance makes: printing keeps the meaning, and of an
//! event's rules all hold or none.

use proptest::prelude::*;

use super::{compile, parse, spans};
use crate::analysis::state::event::Input;
use crate::analysis::state::reducer::{Keep, Reducer};
use crate::analysis::state::value::{Value, parse as json};

/// Few names, so that rules and payloads meet.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "items", "sku", "state", "event", "merge", "on", "not", "each", "\"x y\"", "\"1\"",
    ])
    .prop_map(str::to_owned)
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        (-20_i64..20).prop_map(|n| n.to_string()),
        Just("1.50".to_owned()),
        Just("1e300".to_owned()),
        Just("\"t\"".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ]
}

fn steps(expr: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let step = prop_oneof![
        4 => name().prop_map(|name| format!(".{name}")),
        1 => (-2_i64..3).prop_map(|index| format!("[{index}]")),
        1 => (name(), expr.clone()).prop_map(|(key, value)| format!("[{key} = ({value})]")),
        1 => expr.prop_map(|value| format!("[({value})]")),
    ];
    prop::collection::vec(step, 0..3).prop_map(|steps| steps.concat())
}

fn expr() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        literal(),
        name().prop_map(|name| format!(".{name}")),
        name().prop_map(|name| format!("state.{name}")),
        Just(".".to_owned()),
        Just("event.type".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let op = prop::sample::select(vec!["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            inner.clone().prop_map(|inner| format!("(not ({inner}))")),
            inner.clone().prop_map(|inner| format!("plain({inner})")),
            inner.clone().prop_map(|inner| format!("number({inner})")),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|parts| format!("[{}]", parts.join(", "))),
            prop::collection::vec((name(), inner.clone()), 0..3).prop_map(|parts| {
                let parts: Vec<String> = parts.into_iter().map(|(name, part)| format!("{name}: {part}")).collect();
                format!("{{{}}}", parts.join(", "))
            }),
            (name(), steps(inner.boxed())).prop_map(|(name, steps)| format!(".{name}{steps}")),
        ]
    })
    .boxed()
}

fn action() -> impl Strategy<Value = String> {
    let place = || (name(), steps(expr())).prop_map(|(name, steps)| format!(".{name}{steps}"));
    prop_oneof![
        (place(), expr()).prop_map(|(place, value)| format!("{place} = {value}")),
        (place(), expr()).prop_map(|(place, value)| format!("{place} += {value}")),
        (place(), expr()).prop_map(|(place, value)| format!("{place} -= {value}")),
        (place(), expr()).prop_map(|(place, value)| format!("{place} append {value}")),
        (place(), expr()).prop_map(|(place, value)| format!("{place} append each {value}")),
        (place(), expr()).prop_map(|(place, value)| format!("{place} remove ({value})")),
        (place(), expr(), name()).prop_map(|(place, value, name)| format!("{place} merge {value} without {name}")),
        expr().prop_map(|value| format!("merge {value}")),
        expr().prop_map(|value| format!("replace {value}")),
        expr().prop_map(|value| format!("snapshot {value}")),
        place().prop_map(|place| format!("delete {place}")),
        Just("delete".to_owned()),
        Just("ignore".to_owned()),
    ]
}

/// Blocks for the types A and B, with and without a condition.
fn rules() -> impl Strategy<Value = String> {
    let block = || (prop::option::of(expr()), prop::collection::vec(action(), 0..4));
    let text = |name: &str, (when, actions): (Option<String>, Vec<String>)| {
        let when = when.map(|when| format!(" when {when}")).unwrap_or_default();
        format!("on {name}{when}\n  {}\n", actions.join("\n  "))
    };
    (block(), block()).prop_map(move |(a, b)| format!("start items = []\n{}{}", text("A", a), text("B", b)))
}

fn payload() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![literal(), Just("\"a\"".to_owned()), Just("{}".to_owned())];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let names = || prop::sample::select(vec!["a", "b", "items", "sku", "x y", "1", "N", "name", "value"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|parts| format!("[{}]", parts.join(","))),
            prop::collection::vec((names(), inner), 0..4).prop_map(|parts| {
                let parts: Vec<String> = parts.into_iter().map(|(name, part)| format!("\"{name}\":{part}")).collect();
                format!("{{{}}}", parts.join(","))
            }),
        ]
    })
}

fn events() -> impl Strategy<Value = Vec<Input>> {
    let event = (prop::sample::select(vec!["A", "B", "C"]), payload()).prop_map(|(type_name, payload)| Input {
        type_name: type_name.into(),
        data: json(payload.as_bytes()).unwrap_or_else(|error| panic!("{payload}: {error}")),
        ..Input::default()
    });
    prop::collection::vec(event, 0..12)
}

/// The state after each event, folded in runs of this length, and at which events it failed.
fn fold(reducer: &mut dyn Reducer, events: &[Input], run: usize, keep: Keep) -> (Vec<Value>, Vec<usize>, Value) {
    let mut state = reducer.initial();
    let (mut states, mut failed) = (Vec::new(), Vec::new());
    for (i, events) in events.chunks(run).enumerate() {
        let done = reducer.fold(&mut state, events, keep, &mut |step| {
            states.extend(step.state.cloned());
            failed.extend(step.error.map(|_| i * run + step.at as usize));
        });
        assert_eq!(done, Ok(()));
    }
    (states, failed, state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn printing_keeps_the_meaning(text in rules()) {
        let parsed = parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let printed = parsed.to_string();
        prop_assert_eq!(&parse(&printed).unwrap_or_else(|error| panic!("{error:?}\n{text}\n{printed}")), &parsed);
        prop_assert_eq!(parse(&printed).map(|rules| rules.to_string()), Ok(printed));
    }

    #[test]
    fn of_an_event_s_rules_all_hold_or_none(text in rules(), events in events()) {
        let mut reducer = compile(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let (states, failed, last) = fold(&mut *reducer, &events, 100, Keep::Every);
        let mut before = reducer.initial();
        for (i, state) in states.iter().enumerate() {
            prop_assert!(!failed.contains(&i) || *state == before, "event {i} failed and changed the state\n{text}");
            before = state.clone();
        }
        // Where runs end, and which states are told, changes nothing.
        prop_assert_eq!(&fold(&mut *reducer, &events, 100, Keep::Last).2, &last);
        let (one_by_one, failed_alone, _) = fold(&mut *reducer, &events, 1, Keep::Every);
        prop_assert_eq!((one_by_one, failed_alone), (states, failed));
    }

    #[test]
    fn any_text_is_taken_or_refused(text in r#"(on |start |merge |append |[a-z."\[\]\(\){}=+*#, \n0-9-]|\PC){0,60}"#) {
        let mut end = 0;
        for (range, _) in spans(&text) {
            prop_assert!(range.start >= end && text.get(range.clone()).is_some());
            end = range.end;
        }
        match parse(&text) {
            Ok(rules) => prop_assert_eq!(parse(&rules.to_string()), Ok(rules)),
            Err(error) => {
                let line = error.line.and_then(|line| text.lines().nth(line as usize - 1));
                let most = line.map_or(0, |line| line.chars().count()) + 1;
                prop_assert!(error.column.is_some_and(|column| (1..=most).contains(&(column as usize))), "{error:?}");
            }
        }
    }
}
