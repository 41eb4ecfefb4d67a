//! The forms in which people have their reducers, and what they see of events.

use super::*;
use eventglass::model::time::TimeNs;

#[test]
fn the_articles_account_works_by_pasting_it() {
    let reducer = javascript(ACCOUNT);
    assert_eq!(reducer.initial().to_string(), r#"{"balance":0,"events":{"$events":0}}"#);
    assert_eq!(reducer.histories(), [text("events")]);
    assert_eq!(
        states(ACCOUNT, &account()),
        [
            r#"{"balance":1000,"events":{"$events":1}}"#,
            r#"{"balance":800,"events":{"$events":2}}"#,
            r#"{"balance":850,"events":{"$events":3}}"#,
        ]
    );
}

#[test]
fn a_growing_list_of_events_costs_no_more_than_its_length() {
    let without = ACCOUNT.replace("this.events.push(event);", "").replace("this.events = [];", "");
    let events: Vec<Input> = (0..100_000).map(|_| event("MoneyDeposited", r#"{"amount":1}"#)).collect();
    let bytes = |text: &str| {
        let told = fold(&mut *javascript(text), &events, Keep::Every);
        assert_eq!((told.errors.len(), told.stopped), (0, None));
        assert_eq!(told.last.member("balance").map(ToString::to_string).as_deref(), Some("100000"));
        told.states.iter().map(String::len).sum::<usize>()
    };
    let (with, without) = (bytes(ACCOUNT), bytes(&without));
    assert!(with < 3 * without, "{with} bytes of states with the list, {without} without");
}

#[test]
fn functions_are_found_however_they_are_written() {
    let body = "{ if (event.type === 'AccountOpened') return { balance: event.initialBalance };
        state.balance += event.type === 'MoneyDeposited' ? event.amount : -event.amount; }";
    for text in [
        format!("function apply(state, event) {body}"),
        format!("const apply = (state, event) => {body}"),
        format!("export default (state, event) => {body}"),
        format!("export default function (state, event) {body}"),
        format!("export const apply = (state, event) => {body}"),
        format!("module.exports = (state, event) => {body}"),
        format!("module.exports = {{ apply(state, event) {body} }}"),
        format!("exports.apply = function (state, event) {body}"),
        format!("function evolve(state, event) {body}\nexport {{ evolve }};"),
        format!("fromStream('account-1').when({{ $any(state, event) {body} }}).outputState()"),
    ] {
        assert_eq!(states(&text, &account()), [r#"{"balance":1000}"#, r#"{"balance":800}"#, r#"{"balance":850}"#]);
    }
}

#[test]
fn first_states_are_taken_from_where_they_stand() {
    for (text, initial) in [
        ("const apply = (s, e) => s; const initialState = { a: 1 };", r#"{"a":1}"#),
        ("const apply = (s, e) => s; function init() { return { a: 1 }; }", r#"{"a":1}"#),
        ("export default { apply: (s, e) => s, init: { a: 1 } };", r#"{"a":1}"#),
        ("const apply = (s = { a: 1 }, e) => s;", r#"{"a":1}"#),
        ("const apply = (s, e) => s;", "{}"),
        ("fromAll().when({ $init: () => ({ a: 1 }) })", r#"{"a":1}"#),
        ("class A { a = 1; apply() {} }", r#"{"a":1}"#),
        ("class A { #a = 1; apply() {} get a() { return this.#a; } }", r#"{"$a":1}"#),
        ("class A { a = 1; apply = (event) => { this.a += 1; } }", r#"{"a":1}"#),
        ("class Base { apply() {} } class A extends Base { a = 1; }", r#"{"a":1}"#),
    ] {
        assert_eq!(javascript(text).initial().to_string(), initial, "{text}");
    }
}

#[test]
fn kurrentdb_projections_work() {
    let projection = "
        options({ resultStreamName: 'x' });
        fromCategory('account').foreachStream().when({
          $init() { return { count: 0, balance: 0 }; },
          AccountOpened(s, e) { s.balance = e.body.initialBalance; s.count += 1; emit('a', 'b', {}); },
          MoneyDeposited: (s, e) => { s.balance += e.data.amount; s.count += 1; return s; },
          $any(s, e) { s.other = e.eventType; },
        }).transformBy(s => ({ result: s })).outputState();";
    assert_eq!(
        states(projection, &account()),
        [
            r#"{"count":1,"balance":1000}"#,
            r#"{"count":1,"balance":1000,"other":"MoneyWithdrawn"}"#,
            r#"{"count":2,"balance":1050,"other":"MoneyWithdrawn"}"#,
        ]
    );
}

#[test]
fn classes_may_be_immutable_and_hold_lists_of_their_own() {
    let class = "class A { constructor(items = []) { this.items = items; this.n = 0; }
        apply(e) { const next = new A([...this.items, e.sku]); next.n = this.n + 1; return next; } }";
    let events = [event("ItemAdded", r#"{"sku":"a"}"#), event("ItemAdded", r#"{"sku":"b"}"#)];
    assert_eq!(states(class, &events), [r#"{"items":["a"],"n":1}"#, r#"{"items":["a","b"],"n":2}"#]);
    // A list that only some events join is kept whole.
    let some = "class A { constructor() { this.kept = []; }
        apply(e) { if (e.type === 'Kept') this.kept.push(e); } }";
    let events = [event("Kept", r#"{"a":1}"#), event("Other", "{}")];
    let kept = r#"{"kept":[{"a":1,"type":"Kept"}]}"#;
    assert_eq!(states(some, &events), [kept, kept]);
}

#[test]
fn a_history_that_is_looked_into_is_kept_whole_or_says_so() {
    let always = "class A { events = []; apply(e) { this.events.push(e); this.first = this.events[0].type; } }";
    assert_eq!(javascript(always).histories(), [] as [Arc<str>; 0]);
    let rarely = "class A { events = []; apply(e) {
        if (e.look) this.seen = this.events[0]; this.events.push(e); this.n = this.events.length; } }";
    let events = [event("A", "{}"), event("A", r#"{"look":true}"#), event("A", "{}")];
    let told = fold(&mut *javascript(rarely), &events, Keep::Last);
    assert_eq!(told.errors.len(), 1);
    assert!(told.errors[0].contains("kept as its length") && told.errors[0].contains("line 2"), "{:?}", told.errors);
    assert_eq!(told.last.to_string(), r#"{"events":{"$events":2},"n":2}"#);
}

#[test]
fn an_event_that_fails_changes_nothing_and_says_where() {
    let text = "function apply(state, event) {
  state.n = (state.n ?? 0) + 1;
  if (event.bad) throw new Error('no ' + event.bad);
}";
    let events: Vec<Input> =
        (0..2000).map(|i| event("A", if i % 500 == 100 { r#"{"bad":"good"}"# } else { "{}" })).collect();
    let expected: Vec<String> = [100, 600, 1100, 1600].map(|at| format!("{at}: no good (line 3)")).into();
    let last = fold(&mut *javascript(text), &events, Keep::Last);
    assert_eq!((last.errors, last.last.to_string().as_str()), (expected.clone(), r#"{"n":1996}"#));
    let every = fold(&mut *javascript(text), &events, Keep::Every);
    assert_eq!((every.errors, every.states.len()), (expected, 2000));
    assert_eq!((every.states[99].as_str(), every.states[100].as_str()), (r#"{"n":100}"#, r#"{"n":100}"#));
    // All of them: each costs its own way back, not all the way.
    let bad: Vec<Input> = (0..3000).map(|_| event("A", r#"{"bad":1}"#)).collect();
    let told = fold(&mut *javascript(text), &bad, Keep::Last);
    assert_eq!((told.errors.len(), told.last.to_string().as_str()), (3000, "{}"));
}

#[test]
fn texts_that_are_no_reducer_are_refused_at_their_place() {
    for (kind, text, line, column, said) in [
        (ReducerKind::JavaScript, "function apply(state, event) {\n  return {;\n}", Some(2), Some(11), "SyntaxError"),
        (ReducerKind::JavaScript, "\n\nfoo();", Some(3), None, "foo"),
        (ReducerKind::JavaScript, "", None, None, "no reducer here"),
        (
            ReducerKind::JavaScript,
            "class A { constructor() { throw new Error('an id'); } apply() {} }",
            Some(1),
            None,
            "an id",
        ),
        (ReducerKind::JavaScript, "// a\nimport x from 'fs'", Some(2), None, "import"),
        (ReducerKind::JavaScript, "require('fs')", Some(1), None, "require"),
        (ReducerKind::JavaScript, "for (;;) {}", Some(1), None, "stopped"),
        (ReducerKind::Jq, ".state |\n  .a +", Some(2), None, "expected"),
        (ReducerKind::Jq, ".state | foo(1)", Some(1), Some(10), "foo"),
        (ReducerKind::Jq, "\"\\x\"", Some(1), None, "expected"),
        (ReducerKind::Jq, "include \"a\"; .", None, None, "loaded"),
    ] {
        let error = try_compile(kind, text).err().unwrap_or_else(|| panic!("{text} is refused"));
        assert!(error.message.contains(said), "{text}: {}", error.message);
        if line.is_some() {
            assert_eq!(error.line, line, "{text}: {error:?}");
        }
        if column.is_some() {
            assert_eq!(error.column, column, "{text}: {error:?}");
        }
    }
}

#[test]
fn jq_filters_work() {
    let mut reducer = compiled(
        ReducerKind::Jq,
        "if .event.type == \"AccountOpened\" then {balance: .event.initialBalance}
         elif .event.type | test(\"deposited$\"; \"i\") then .state.balance += .event.amount | .state
         else $state | .balance -= $event.amount end",
    );
    let told = fold(&mut *reducer, &account(), Keep::Every);
    assert_eq!(told.states, [r#"{"balance":1000}"#, r#"{"balance":800}"#, r#"{"balance":850}"#]);
    let bad = [event("A", "{}"), event("A", r#"{"a":1}"#), event("A", r#"{"a":12345678901234567890}"#)];
    let told = fold(&mut *compiled(ReducerKind::Jq, "select(.event.a) | .event.a + 1"), &bad, Keep::Every);
    assert_eq!(told.states, ["null", "2", "12345678901234567891"]);
    let told = fold(&mut *compiled(ReducerKind::Jq, ".event.a, 1"), &bad, Keep::Last);
    assert_eq!((told.errors.len(), told.last), (3, Value::Null));
    for (filter, state) in [
        ("\"a1b22\" | [scan(\"[0-9]+\")]", r#"["1","22"]"#),
        ("\"a-b\" | sub(\"-\"; \"+\")", r#""a+b""#),
        ("\"aXbXc\" | [splits(\"x\"; \"i\")]", r#"["a","b","c"]"#),
        ("\"éab\" | capture(\"(?<letter>[ab])\")", r#"{"letter":"a"}"#),
        ("\"éab\" | match(\"b\").offset", "2"),
        ("\"a,b\" | gsub(\"(?<l>[a-z])\"; .l + .l)", r#""aa,bb""#),
    ] {
        assert_eq!(
            fold(&mut *compiled(ReducerKind::Jq, filter), &bad[..1], Keep::Last).last.to_string(),
            state,
            "{filter}"
        );
    }
    for gone in ["env", "input", "halt", "debug", "now", "$__prog_args", "input_filename"] {
        assert!(try_compile(ReducerKind::Jq, gone).is_err(), "{gone}");
    }
}

#[test]
fn numbers_that_lose_digits_are_warned_of_once() {
    let events: Vec<Input> = (0..3).map(|_| event("A", r#"{"n":9007199254740993,"list":[{"n":1e400}]}"#)).collect();
    let told = fold(&mut *javascript("const apply = (s, e) => ({ n: e.n });"), &events, Keep::Every);
    assert_eq!(told.warnings.len(), 1);
    assert!(told.warnings[0].starts_with("0: n: 9007199254740993 loses digits"), "{:?}", told.warnings);
    assert!(told.warnings[0].contains("list[*].n: 1e400"), "{:?}", told.warnings);
    assert_eq!(told.states[0], r#"{"n":9007199254740992}"#);
}

#[test]
fn of_a_name_that_is_there_twice_the_last_counts() {
    let twice = [event("A", r#"{"n":1,"n":2}"#)];
    assert_eq!(states("const apply = (s, e) => ({ n: e.n });", &twice), [r#"{"n":2}"#]);
}

#[test]
fn what_json_does_not_hold_is_said_or_refused() {
    for (text, state, warned) in [
        ("s.m = new Map([[1, 2]]);", r#"{"m":{}}"#, "m: a Map is kept as {}"),
        ("s.s = { t: [new Set()] };", r#"{"s":{"t":[{}]}}"#, "s.t[0]: a Set"),
        ("s.n = 1 + e.nothing;", r#"{"n":null}"#, "n: NaN is kept as null"),
        ("s.d = new Date(0);", r#"{"d":"1970-01-01T00:00:00.000Z"}"#, "d: a Date is kept as text"),
        ("s.f = () => 1;", "{}", "f: a function is not kept"),
        ("s.u = undefined;", "{}", ""),
        ("s.z = -0;", r#"{"z":0}"#, ""),
    ] {
        let told =
            fold(&mut *javascript(&format!("function apply(s, e) {{ {text} }}")), &[event("A", "{}")], Keep::Every);
        assert_eq!(told.states, [state], "{text}");
        assert!(told.warnings.join("").contains(warned) && told.warnings.is_empty() == warned.is_empty(), "{text}");
    }
    for (text, said) in [
        ("s.self = s;", "circular"),
        ("s.b = 1n;", "BigInt"),
        ("return () => 1;", "the state is function"),
        ("return Promise.resolve(s);", "asynchronous"),
    ] {
        for keep in [Keep::Every, Keep::Last] {
            let events = [event("A", "{}"), event("B", "{}"), event("A", "{}")];
            let script = format!("function apply(s, e) {{ if (e.type === 'B') {{ {text} }} }}");
            let told = fold(&mut *javascript(&script), &events, keep);
            assert_eq!(told.errors.len(), 1, "{text}");
            assert!(told.errors[0].starts_with("1: ") && told.errors[0].contains(said), "{text}: {:?}", told.errors);
            assert_eq!(told.last.to_string(), "{}", "{text}");
        }
    }
}

#[test]
fn events_that_cannot_be_read_are_errors_of_their_steps() {
    let mut gone = event("A", "{}");
    gone.problem = Some("its bytes are gone".into());
    let events = [event("A", "{}"), gone, event("A", "{broken"), event("A", "{},{}"), event("A", "{}")];
    for keep in [Keep::Every, Keep::Last] {
        for (kind, text) in [
            (ReducerKind::JavaScript, "const apply = (s, e) => ({ n: (s.n ?? 0) + 1 });"),
            (ReducerKind::Jq, "{n: (.state.n + 1)}"),
        ] {
            let told = fold(&mut *compiled(kind, text), &events, keep);
            assert_eq!(told.last.to_string(), r#"{"n":2}"#, "{text}");
            assert_eq!(told.errors.len(), 3, "{:?}", told.errors);
            assert_eq!(told.errors[0], "1: its bytes are gone");
            assert!(told.errors[1].starts_with("2: the payload is no JSON"), "{:?}", told.errors);
        }
    }
}

#[test]
fn dates_are_the_same_everywhere() {
    let mut late = event("A", "{}");
    late.time = Some(TimeNs(1_700_000_000_000_000_000));
    let hours =
        "const apply = (s, e) => ({ h: new Date(e.time).getHours(), d: Date.UTC(2020, 1), p: Date.parse(e.time) });";
    assert_eq!(states(hours, &[late]), [r#"{"h":22,"d":1580515200000,"p":1700000000000}"#]);
}
