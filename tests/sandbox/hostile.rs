//! Hostile text: it is stopped, named with its line, and the next reducer works as if nothing had been.

use std::time::{Duration, Instant};

use eventglass::base::cancel::Cancel;
use eventglass::sandbox::{Host, Language, Run, Sources};

use super::*;

const LONGEST: Duration = Duration::from_secs(20);

fn three() -> Vec<Input> {
    vec![event("A", "{}"), event("B", "{}"), event("A", "{}")]
}

/// Does `text` for the second of three events, and counts the others.
fn at_second(text: &str) -> Told {
    let script =
        format!("function apply(s, e) {{\n  if (e.type === 'B') {{\n    {text}\n  }}\n  s.n = (s.n ?? 0) + 1;\n}}");
    let begun = Instant::now();
    let told = fold(&mut *javascript(&script), &three(), Keep::Every);
    assert!(begun.elapsed() < LONGEST, "{text} took {:?}", begun.elapsed());
    told
}

/// The event fails, with its line, and the fold goes on.
fn fails(text: &str, said: &str) {
    let told = at_second(text);
    assert_eq!(told.stopped, None, "{text}");
    assert_eq!(told.states, [r#"{"n":1}"#, r#"{"n":1}"#, r#"{"n":2}"#], "{text}: {:?}", told.errors);
    assert!(told.errors[0].starts_with("1: ") && told.errors[0].contains(said), "{text}: {:?}", told.errors);
    // An interrupted loop is known by the line of its last call; what the host refuses has none.
    let lines: &[&str] = if said.starts_with("stopped") { &["(line 2)", "(line 3)"] } else { &["(line 3)"] };
    let known = lines.iter().any(|line| told.errors[0].ends_with(line)) || said == "too large";
    assert!(known, "{text}: {:?}", told.errors);
}

/// The whole fold ends there.
fn stops(text: &str, said: &str) {
    let told = at_second(text);
    let stopped = told.stopped.unwrap_or_else(|| panic!("{text}: {:?} {:?}", told.states, told.errors));
    assert_eq!(stopped.at, 1, "{text}: {stopped:?}");
    assert!(stopped.error.message.contains(said), "{text}: {stopped:?}");
    assert_eq!(told.last.to_string(), r#"{"n":1}"#, "{text}");
}

#[test]
fn endless_loops_are_interrupted() {
    fails("for (;;) {}", "stopped: one event took more than");
    fails("for (;;) { s.x = 1; }", "stopped: one event took more than");
    fails("try { for (;;) {} } catch {} finally { }", "stopped: one event took more than");
    fails("[].indexOf.call({ length: 2 ** 53 - 1 }, 1);", "stopped");
}

#[test]
fn regular_expressions_that_explode_are_interrupted() {
    fails("/^(a+)+$/.test('a'.repeat(40) + '!');", "stopped");
}

#[test]
fn a_json_schema_that_takes_for_ever_is_killed() {
    // Each definition asks the one before it twice.
    let definitions = (1..64).map(|n| {
        let before = format!("{{\"$ref\":\"#/$defs/d{}\"}}", n - 1);
        format!(",\"d{n}\":{{\"allOf\":[{before},{before}]}}")
    });
    let definitions: String = definitions.collect();
    let schema = format!("{{\"$ref\":\"#/$defs/d63\",\"$defs\":{{\"d0\":{{}}{definitions}}}}}");
    let references = std::collections::BTreeMap::new();
    let sources = Sources { schema: schema.into(), references: std::borrow::Cow::Borrowed(&references) };
    let text = serde_json::to_string(&sources).expect("JSON");
    sandbox::set_program(PathBuf::from(env!("CARGO_BIN_EXE_eventglass")));
    let begun = Instant::now();
    let (mut host, _) = Host::start(Language::JsonSchema, &text).expect("it is a schema");
    let run = Run { careful: true, events: b"[{}]".to_vec(), lengths: vec![2], ..Run::default() };
    let failure = host.fold(run, &Cancel::new(), &mut |_| {}).expect_err("it never ends");
    assert!(failure.message.contains("took more than") && begun.elapsed() < LONGEST, "{failure:?}");
}

#[test]
fn loops_that_no_interrupt_reaches_are_killed() {
    stops("[].reverse.call({ length: 2 ** 40 });", "stopped: one event took more than");
}

#[test]
fn memory_bombs_are_stopped() {
    let told = at_second("s.t = 'x'.repeat(500 << 20);");
    assert_eq!((told.stopped, told.last.to_string().as_str()), (None, r#"{"n":2}"#));
    assert!(told.errors[0].starts_with("1: out of memory"), "{:?}", told.errors);
    let greedy = "function apply(s, e) { s.t = 'x'.repeat(500 << 20); }";
    let events: Vec<Input> = (0..1000).map(|_| event("A", "{}")).collect();
    let stopped = fold(&mut *javascript(greedy), &events, Keep::Last).stopped.expect("it is stopped");
    assert_eq!(stopped.at, 3);
    for text in [
        "const a = []; for (;;) a.push(new Array(1000000).fill(1));",
        "let t = 'x'; for (;;) t += t;",
        "s.a = {}; for (let i = 0; ; i++) s.a['k' + i] = new Uint8Array(1 << 16);",
    ] {
        let told = at_second(text);
        assert!(told.errors.len() == 1 || told.stopped.is_some_and(|stopped| stopped.at == 1), "{text}");
    }
}

#[test]
fn deep_recursion_is_an_error() {
    fails("(function f() { f(); })();", "call stack");
    fails("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a);", "");
}

#[test]
fn clocks_and_randomness_are_gone() {
    for (text, said) in [
        ("Date.now();", "no clock"),
        ("new Date();", "no clock"),
        ("Date();", "no clock"),
        ("new (new Date(0).constructor)();", "no clock"),
        ("new (class extends Date {})();", "no clock"),
        ("Reflect.construct(Date, []);", "no clock"),
        ("Math.random();", "no randomness"),
    ] {
        fails(text, said);
    }
    for name in
        ["performance", "WeakRef", "FinalizationRegistry", "Atomics", "SharedArrayBuffer", "setTimeout", "std", "os"]
    {
        fails(&format!("{name}.x;"), "not defined");
    }
}

#[test]
fn prototype_tricks_stay_among_themselves() {
    for text in [
        "Object.prototype.get = () => 1; Object.prototype.set = () => 1; Object.prototype.length = 3;",
        "Array.prototype.push = () => { throw 1; }; Array.prototype.filter = null; Array.prototype[Symbol.iterator] = null;",
        "JSON.parse = JSON.stringify = Object.keys = Object.hasOwn = Array.isArray = () => { throw 2; };",
        "Function.prototype.call = Function.prototype.apply = () => { throw 3; };",
        "globalThis.Error = globalThis.Object = globalThis.JSON = globalThis.Promise = undefined;",
        "Error.prepareStackTrace = () => { throw 6; };",
    ] {
        for script in [
            format!("{text}\nfunction apply(s, e) {{ s.n = (s.n || 0) + 1; }}"),
            format!("{text}\nclass A {{ n = 0; events = []; apply(e) {{ this.n += 1; }} }}"),
        ] {
            let mut reducer = javascript(&script);
            let told = fold(&mut *reducer, &three(), Keep::Every);
            assert_eq!((told.errors.len(), told.stopped), (0, None), "{script}");
            assert_eq!(told.last.member("n").map(ToString::to_string).as_deref(), Some("3"), "{script}");
            let again = fold_from(&mut *reducer, told.last, &three(), Keep::Every).last;
            assert_eq!(again.member("n").map(ToString::to_string).as_deref(), Some("6"), "{script}");
        }
    }
    let own = [event("A", r#"{"__proto__":{"n":7},"constructor":1,"hasOwnProperty":2}"#)];
    let script = "function apply(s, e) { s.n = ({}).n === undefined && e.constructor === 1 ? 1 : 2; }";
    assert_eq!(fold(&mut *javascript(script), &own, Keep::Last).last.to_string(), r#"{"n":1}"#);
}

#[test]
fn what_is_thrown_may_be_anything() {
    for (text, said) in [
        ("throw null;", ""),
        ("throw 'words';", "words"),
        ("throw { get stack() { for (;;) {} }, get message() { throw 1; } };", ""),
        ("throw new Proxy({}, { get() { throw 1; } });", ""),
        ("const e = new Error('x'); e.stack = 'reducer:99999999999999:x'; throw e;", "x"),
    ] {
        let told = at_second(text);
        assert_eq!(told.stopped, None, "{text}");
        assert!(told.errors.len() == 1 && told.errors[0].contains(said), "{text}: {:?}", told.errors);
        assert_eq!(told.last.to_string(), r#"{"n":2}"#, "{text}");
    }
}

#[test]
fn a_reducer_that_is_out_of_time_again_and_again_is_stopped() {
    let events: Vec<Input> = (0..1000).map(|_| event("A", "{}")).collect();
    let told = fold(&mut *javascript("function apply(s, e) {\n for (;;) { s.n = 1; }\n}"), &events, Keep::Last);
    let stopped = told.stopped.expect("it is stopped");
    assert_eq!((told.errors.len(), stopped.at, stopped.error.line), (3, 3, Some(2)));
}

#[test]
fn huge_states_are_refused() {
    fails("s.big = 'x'.repeat(9 << 20);", "too large");
    let told = fold(&mut *compiled(ReducerKind::Jq, "\"x\" * 9437184"), &three(), Keep::Every);
    assert_eq!(told.errors.len(), 3);
}

#[test]
fn jq_that_never_ends_is_killed() {
    for (text, said) in [
        ("if .event.type == \"B\" then def f: f; f else 1 end", "stopped"),
        ("if .event.type == \"B\" then last(range(infinite)) else 1 end", "stopped"),
        ("if .event.type == \"B\" then [range(infinite)] else 1 end", "stopped"),
        ("if .event.type == \"B\" then def f: 1 + f; f else 1 end", ""),
    ] {
        let begun = Instant::now();
        let mut reducer = compiled(ReducerKind::Jq, text);
        let told = fold(&mut *reducer, &three(), Keep::Every);
        let stopped = told.stopped.unwrap_or_else(|| panic!("{text}: {:?} {:?}", told.states, told.errors));
        assert_eq!((stopped.at, told.last.to_string().as_str()), (1, "1"), "{text}: {stopped:?}");
        assert!(stopped.error.message.contains(said), "{text}: {stopped:?}");
        assert!(begun.elapsed() < LONGEST, "{text} took {:?}", begun.elapsed());
        // The next fold has a new child.
        assert_eq!(fold(&mut *reducer, &three()[..1], Keep::Last).last.to_string(), "1", "{text}");
    }
}

#[test]
fn after_a_kill_the_same_reducer_works_again() {
    let script =
        "function apply(s, e) { if (e.type === 'B') [].reverse.call({ length: 2 ** 40 }); s.n = (s.n ?? 0) + 1; }";
    let mut reducer = javascript(script);
    assert!(fold(&mut *reducer, &three(), Keep::Last).stopped.is_some());
    let told = fold(&mut *reducer, &three()[..1], Keep::Last);
    assert_eq!((told.stopped, told.last.to_string().as_str()), (None, r#"{"n":1}"#));
}

#[cfg(unix)]
#[test]
fn a_child_that_is_killed_or_babbles_is_noticed() {
    use eventglass::base::cancel::Cancel;
    use eventglass::sandbox::{Host, Language, Run};
    sandbox::set_program(PathBuf::from(env!("CARGO_BIN_EXE_eventglass")));
    let run = |events: &str| Run {
        state: Some("{}".to_owned()),
        last: true,
        lengths: vec![events.len() as u32 - 2],
        events: events.as_bytes().to_vec(),
        ..Run::default()
    };
    let apply = "function apply(s, e) { while (e.wait) {} }";
    let (mut host, _) = Host::start(Language::JavaScript, apply).expect("it compiles");
    assert_eq!(host.fold(run("[{}]"), &Cancel::new(), &mut |_| ()).expect("it works").state.as_deref(), Some("{}"));
    let id = host.process_id().expect("a process").to_string();
    let killer = std::thread::Builder::new().name("killer".to_owned()).spawn({
        let id = id.clone();
        move || {
            std::thread::sleep(Duration::from_millis(200));
            std::process::Command::new("kill").args(["-9", &id]).status()
        }
    });
    let failure = host.fold(run(r#"[{"wait":1}]"#), &Cancel::new(), &mut |_| ()).expect_err("it was killed");
    assert!(failure.message.contains("died"), "{failure:?}");
    killer.expect("a thread").join().expect("it ends").expect("kill runs");
    drop(host);
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists(), "no zombie is left");

    let (mut host, _) = Host::start(Language::JavaScript, apply).expect("it compiles");
    let cancel = Cancel::new();
    cancel.cancel();
    let failure = host.fold(run(r#"[{"wait":1}]"#), &cancel, &mut |_| ()).expect_err("it was cancelled");
    assert_eq!(failure.message, "cancelled");
}
