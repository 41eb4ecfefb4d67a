//! The language from end to end: what rules make of events, and what is said about wrong ones.

use std::sync::Arc;

use super::{compile, parse, reference, spans};
use crate::analysis::state::event::Input;
use crate::analysis::state::reducer::{Keep, Reducer};
use crate::analysis::state::value::{Value, parse as json};
use crate::model::time::TimeNs;

fn event(line: &str) -> Input {
    let (type_name, data) = line.split_once(' ').unwrap_or((line, "null"));
    Input {
        type_name: type_name.into(),
        data: json(data.as_bytes()).unwrap_or_else(|error| panic!("{data}: {error}")),
        time: Some(TimeNs(0)),
        version: Some(7),
        ..Input::default()
    }
}

/// The states after each event, and errors and warnings as `n: message (line m)`.
fn fold(reducer: &mut dyn Reducer, events: &[Input], keep: Keep) -> (Value, Vec<String>, Vec<String>) {
    let mut state = reducer.initial();
    let (mut states, mut said) = (Vec::new(), Vec::new());
    let done = reducer.fold(&mut state, events, keep, &mut |step| {
        states.extend(step.state.map(ToString::to_string));
        said.extend(step.error.map(|error| format!("{}: {error}", step.at + 1)));
        said.extend(step.warning.map(|warning| format!("{}! {warning}", step.at + 1)));
    });
    assert_eq!(done, Ok(()));
    (state, states, said)
}

/// The last state and what was said, the same whichever states are told.
fn check(rules: &str, events: &[&str], state: &str, said: &[&str]) {
    let mut reducer = compile(rules).unwrap_or_else(|error| panic!("{rules}\n{error:?}"));
    let events: Vec<Input> = events.iter().map(|line| event(line)).collect();
    let (last, states, told) = fold(&mut *reducer, &events, Keep::Every);
    assert_eq!(last.to_string(), state, "{rules}");
    assert_eq!(told, said, "{rules}");
    assert_eq!(states.len(), events.len());
    let (last, states, told) = fold(&mut *reducer, &events, Keep::Last);
    assert_eq!((last.to_string().as_str(), states.len()), (state, 1));
    assert_eq!(told, said);
}

#[test]
fn the_textbook_account() {
    let rules = "start balance = 0\non AccountOpened\n balance = initialBalance or 0\non MoneyDeposited\n \
                 balance += amount\non MoneyWithdrawn\n balance -= amount";
    let events = [
        "AccountOpened {\"initialBalance\":1000}",
        "MoneyWithdrawn {\"amount\":200}",
        "MoneyDeposited {\"amount\":50.10}",
    ];
    check(rules, &events, r#"{"balance":850.10}"#, &[]);
    let mut reducer = compile(rules).expect("rules");
    let (_, states, _) = fold(&mut *reducer, &events.map(event), Keep::Every);
    assert_eq!(states, [r#"{"balance":1000}"#, r#"{"balance":800}"#, r#"{"balance":850.10}"#]);
}

#[test]
fn what_lines_do() {
    for (rules, events, state) in [
        (
            "on A\n x = a + b * 2 - 1\n y = event.type\n z = event.version",
            &["A {\"a\":0.1,\"b\":3}"][..],
            r#"{"x":5.1,"y":"A","z":7}"#,
        ),
        (
            "on A\n a.b.\"c d\" = [a, {n: a}, -1, null]",
            &["A {\"a\":true}"],
            r#"{"a":{"b":{"c d":[true,{"n":true},-1,null]}}}"#,
        ),
        ("on A\n n += 1\n n -= 3", &["A", "A"], r#"{"n":-4}"#),
        (
            "on A\n l append .\non B\n l append each x\non C\n l remove id",
            &["A {\"id\":1}", "B {\"x\":[{\"id\":2},{\"id\":3}]}", "C {\"id\":2.0}"],
            r#"{"l":[{"id":1},{"id":3}]}"#,
        ),
        ("on A\n l append t\non B\n l remove \"x\"", &["A {\"t\":\"x\"}", "A {\"t\":\"y\"}", "B"], r#"{"l":["y"]}"#),
        (
            "start l = []\non A\n l[id] = .\non B\n l[id].n += n\non C\n l[id = a.b].n = 0",
            &[
                "A {\"id\":1,\"n\":1}",
                "A {\"id\":2,\"n\":5}",
                "A {\"id\":1,\"n\":2}",
                "B {\"id\":1,\"n\":0.5}",
                "C {\"a\":{\"b\":2}}",
            ],
            r#"{"l":[{"id":1,"n":2.5},{"id":2,"n":0}]}"#,
        ),
        (
            "on A\n attrs[name] = value\non B\n attrs remove name\non C\n delete attrs[name]",
            &[
                "A {\"name\":\"x\",\"value\":1}",
                "A {\"name\":\"y\",\"value\":2}",
                "A {\"name\":\"z\",\"value\":2}",
                "B {\"name\":\"x\"}",
                "C {\"name\":\"y\"}",
            ],
            r#"{"attrs":{"z":2}}"#,
        ),
        ("on A\n l = [1, 2, 3]\n l[-1] = 9\n delete l[0]", &["A"], r#"{"l":[2,9]}"#),
        (
            "on A\n merge .",
            &["A {\"a\":{\"b\":1,\"c\":2},\"d\":[1]}", "A {\"a\":{\"b\":null},\"d\":[2]}"],
            r#"{"a":{"c":2},"d":[2]}"#,
        ),
        (
            "on A\n p merge . only a, \"b c\"\n q merge . without a",
            &["A {\"a\":1,\"b c\":2,\"d\":3}"],
            r#"{"p":{"a":1,"b c":2},"q":{"b c":2,"d":3}}"#,
        ),
        ("on U\n replace after\non D\n delete", &["U {\"after\":{\"a\":1}}", "U {\"after\":null}"], "null"),
        ("start n = 1\non U\n n += 1\non D\n delete", &["U", "D", "U"], r#"{"n":2}"#),
        (
            "on U\n replace plain(NewImage)",
            &[r#"U {"NewImage":{"Id":{"N":"101"},"M":{"M":{"s":{"S":"x"},"l":{"L":[{"BOOL":true}]}}}}}"#],
            r#"{"Id":101,"M":{"s":"x","l":[true]}}"#,
        ),
        (
            "on U\n merge plain(.)",
            &[r#"U [{"name":"price","value":5},{"name":"w","value":{"a":1}}]"#],
            r#"{"price":5,"w":{"a":1}}"#,
        ),
        (
            "on A when n > 5 and not (b or c = 1)\n x = 1\non A when s < \"b\"\n x = 2\non A\n x = 3",
            &["A {\"n\":6,\"c\":1}"],
            r#"{"x":3}"#,
        ),
        (
            "on A when n > 5 and not (b or c = 1)\n x = 1\non A when s < \"b\"\n x = 2\non A\n x = 3",
            &["A {\"n\":6,\"c\":2}"],
            r#"{"x":1}"#,
        ),
        (
            "on A when n > 5 and not (b or c = 1)\n x = 1\non A when s < \"b\"\n x = 2\non A\n x = 3",
            &["A {\"s\":\"a\"}"],
            r#"{"x":2}"#,
        ),
        ("on Order*ed, \"x y\"\n n += 1\non *\n m += 1", &["OrderPlaced", "Ordered", "OrderPlace"], r#"{"n":2,"m":1}"#),
        ("on A\n x = number(p) * n", &["A {\"p\":\"29.99\",\"n\":2}"], r#"{"x":59.98}"#),
        (
            "on A\n .merge = .state.x\n \"on\" = event\n x = state",
            &["A {\"state\":{\"x\":1},\"event\":2}"],
            r#"{"merge":1,"on":2,"x":{"x":1}}"#,
        ),
        ("on B\n x = 1", &["A", "B"], r#"{"x":1}"#),
        ("on A\n ignore\non *\n n += 1", &["A", "B"], r#"{"n":1}"#),
        ("on S\n snapshot .\non A\n n += 1", &["S {\"n\":5}", "A", "S {\"n\":6}"], r#"{"n":6}"#),
        ("on A\n t = event.time", &["A"], r#"{"t":"1970-01-01T00:00:00Z"}"#),
    ] {
        check(rules, events, state, &[]);
    }
}

#[test]
fn what_fails_leaves_the_state_as_it_was() {
    for (rules, events, state, said) in [
        (
            "on A\n n += a",
            &["A {\"a\":1}", "A {\"b\":1}", "A {\"a\":1}"][..],
            r#"{"n":2}"#,
            "2: the event has no `a` (line 2)",
        ),
        (
            "on A\n n += a",
            &["A {\"a\":1}", "A {\"a\":\"1\"}"],
            r#"{"n":1}"#,
            r#"2: the text "1" is not a number (line 2)"#,
        ),
        (
            "on A\n n += 1\n l append a\n x = b",
            &["A {\"a\":1,\"b\":1}", "A {\"a\":2}", "A {\"a\":3,\"b\":1}"],
            r#"{"n":2,"l":[1,3],"x":1}"#,
            "2: the event has no `b` (line 4)",
        ),
        (
            "on A\n n += 1\n merge d",
            &["A {\"d\":{}}", "A {\"d\":5}"],
            r#"{"n":1}"#,
            "2: the number 5 has no members to merge (line 3)",
        ),
        ("on A\n l[id].n = 1", &["A {\"id\":{}}"], "{}", "1: an object cannot be the name of a member (line 2)"),
        (
            "start l = []\non A\n l[id].n = 1",
            &["A {\"id\":4}"],
            r#"{"l":[]}"#,
            "1: l has no element whose id is the number 4 (line 3)",
        ),
        (
            "on A\n s = \"x\"\non B\n s.t = 1",
            &["A", "B"],
            r#"{"s":"x"}"#,
            "2: s is the text \"x\", it has no members (line 4)",
        ),
        (
            "on A\n s = \"x\"\non B\n s append 1",
            &["A", "B"],
            r#"{"s":"x"}"#,
            "2: s is the text \"x\", not a list (line 4)",
        ),
        (
            "on A\n n += a",
            &["A {\"a\":1e999999999}"],
            "{}",
            "1: a number has become too large to compute with, beside the number 1e999999999 (line 2)",
        ),
        ("start n = 9\non A\n n = state.n * state.n", &["A"; 20], "", ""),
        (
            "start a.b = 1\non A\n x = state.a",
            &["A"],
            r#"{"a":{"b":1}}"#,
            "1: `state.a` holds more than one value; of the state only single values can be used (line 3)",
        ),
        (
            "on S\n snapshot .\non A\n n += 1",
            &["A", "S {\"n\":5}"],
            r#"{"n":1}"#,
            "2! the snapshot differs: n is the number 5 there and the number 1 here (line 2)",
        ),
        ("on A when n + 1 > 2\n n = 1", &["A {\"n\":\"x\"}"], "{}", "1: the text \"x\" is not a number (line 1)"),
    ] {
        if said.is_empty() {
            let mut reducer = compile(rules).expect("rules");
            let events: Vec<Input> = events.iter().map(|line| event(line)).collect();
            let (_, _, told) = fold(&mut *reducer, &events, Keep::Last);
            assert!(told.len() > 4 && told.iter().all(|message| message.contains("too large")), "{told:?}");
        } else {
            check(rules, events, state, &[said]);
        }
    }
}

#[test]
fn an_event_that_cannot_be_read_is_an_error_of_its_step() {
    let mut reducer = compile("on *\n n += 1").expect("rules");
    let damaged = Input { problem: Some("the source has become shorter".into()), ..event("A") };
    let (state, _, said) = fold(&mut *reducer, &[event("A"), damaged, event("A")], Keep::Last);
    assert_eq!((state.to_string().as_str(), said), (r#"{"n":2}"#, vec!["2: the source has become shorter".to_owned()]));
}

#[test]
fn only_what_rules_read_is_asked_for() {
    let names = |names: Option<Arc<[Arc<str>]>>| names.map(|names| names.join(" "));
    for (rules, members, types) in [
        ("on A, B*\n  n += amount\n  last = order.id\non *\n  count += 1\n", Some("amount order"), Some("A B*")),
        ("on A when kind = \"x\"\n  n += 1\non *\n  n -= amount\n", Some("kind amount"), None),
        ("on A\n  n += a\non B\n  merge .\n", None, Some("A B")),
    ] {
        let need = compile(rules).expect(rules).need();
        assert_eq!((names(need.members).as_deref(), names(need.types).as_deref()), (members, types), "{rules}");
        assert!(need.value && !need.text && !need.meta);
    }
    let need = compile("on *\n  count += 1\n").expect("rules").need();
    assert!(!need.reads("A") && !need.value);
}

#[test]
fn mistakes_are_found_at_their_place() {
    for (text, place, message) in [
        ("onn A", (1, 1), "`onn` is not known; did you mean `on`?"),
        ("on A\n  items apend x", (2, 9), "`apend` is not known; did you mean `append`?"),
        ("on A\n  mrge .", (2, 3), "`mrge` is not known; did you mean `merge`?"),
        ("balance = 0", (1, 1), "for which events? Write `on` and a type above"),
        ("on", (1, 3), "a type's name belongs here, as in `on OrderPlaced`"),
        ("on A B", (1, 6), "names of types are separated by commas; one with blanks stands in quotes"),
        ("on A\n x = ", (2, 5), "a value belongs here: a field, a number, a text in quotes"),
        ("on A\n ü = \"a", (2, 6), "`\"a` has no closing quote"),
        ("on A\n x = 1 2", (2, 8), "the line should end here"),
        ("on A\n x == 1", (2, 2), ""),
        ("on A\n x = 1 ; y", (2, 8), "`;` means nothing here"),
        ("on A\n x = (1", (2, 8), "`)` belongs here"),
        ("on A\n . = 1", (2, 2), "the whole state is set by `replace`"),
        (
            "on A\n x = event.foo",
            (2, 6),
            "of the event there are `event.type`, `event.time`, `event.id` and `event.version`; in a field named `event` it is `.event`",
        ),
        ("start a = b", (1, 11), "before the first event there are only plain values: 0, \"new\", [], {}"),
        ("on A\n x = 1\nstart a = 1", (3, 1), "`start` stands before the first `on`"),
        ("on A\n x = 1\non A\n", (3, 1), "never reached: line 1 takes `A` already"),
        ("on *\n x = 1\non A\n", (3, 1), "never reached: line 1 takes `*` already"),
        ("on A when\n x = 1", (1, 10), "a value belongs here: a field, a number, a text in quotes"),
        ("on A\n x = or", (2, 6), "a value belongs before `or`; a field of that name is `.or`"),
    ] {
        match parse(text) {
            Err(error) => {
                assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{text}: {error:?}");
                assert_eq!(error.message, message, "{text}");
            }
            Ok(_) => assert!(message.is_empty(), "{text} was taken"),
        }
    }
    let deep = format!("on A\n x = {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(parse(&deep).is_err_and(|error| error.message == "nested too deeply"));
}

#[test]
fn the_reference_holds_what_it_says() {
    let rules = parse(reference()).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(parse(&rules.to_string()), Ok(rules));
    assert!(compile(reference()).is_ok());
}

#[test]
fn printing_is_one_style() {
    for (text, printed) in [
        (
            "on  A ,\"b c\"   when (a)  = 1 # why \n\t x=a+(b-c) *2\n\n# end",
            "on A, \"b c\" when a = 1  # why\n  x = a + (b - c) * 2\n\n# end\n",
        ),
        (
            "on A\n \"on\"=.on\n .on.x = .\"a b\".c[0][k=v][v][\"q\"]",
            "on A\n  .on = on\n  .on.x = .\"a b\".c[0][k = v][v].q\n",
        ),
        ("on A\n merge = .state.x\n x = state.y[id]", "on A\n  .merge = .state.x\n  x = state.y[id]\n"),
        (
            "on A\n l remove a.sku\n l remove id=a.sku\n l remove sku = a.sku",
            "on A\n  l remove a.sku\n  l remove id = a.sku\n  l remove a.sku\n",
        ),
        ("on A when not (a or b) and c", "on A when not (a or b) and c\n"),
        ("#\n#!x", "#\n# !x\n"),
    ] {
        let rules = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(rules.to_string(), printed);
        assert_eq!(parse(printed), Ok(rules));
    }
}

#[test]
fn colours() {
    use crate::analysis::state::reducers::spans::Class::{self, Comment, Keyword, Literal, Path, Type};
    let text = "on A, \"b c\" when x = 1 # c\n  items append each lines\n  on.x = merge.y or \"t\" ;";
    let found: Vec<(&str, Class)> = spans(text).into_iter().map(|(range, class)| (&text[range], class)).collect();
    let expected = [
        ("on", Keyword),
        ("A", Type),
        ("\"b c\"", Type),
        ("when", Keyword),
        ("x", Path),
        ("1", Literal),
        ("# c", Comment),
        ("items", Path),
        ("append", Keyword),
        ("each", Keyword),
        ("lines", Path),
    ];
    assert_eq!(&found[..expected.len()], expected);
}

#[test]
fn states_share_what_they_do_not_change() {
    let mut reducer = compile("on A\n n += 1\non B\n big = .").expect("rules");
    let events = [event("B {\"x\":[1,2,3]}"), event("A"), event("A")];
    let mut kept: Vec<Value> = Vec::new();
    let mut state = reducer.initial();
    let done = reducer.fold(&mut state, &events, Keep::Every, &mut |step| kept.extend(step.state.cloned()));
    assert_eq!(done, Ok(()));
    let [first, .., last] = kept.as_slice() else { panic!("three states") };
    let [Some(a), Some(b)] = [first, last].map(|state| state.member("big")) else { panic!("both have it") };
    assert!(a.is_same(b));
    let names: Vec<Arc<str>> = kept
        .iter()
        .filter_map(|state| match state {
            Value::Object(members) => members.get_index(1).map(|(name, _)| name.clone()),
            _ => None,
        })
        .collect();
    assert!(names.windows(2).all(|pair| Arc::ptr_eq(&pair[0], &pair[1])));
}
