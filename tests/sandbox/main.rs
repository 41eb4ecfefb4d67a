//! Reducers in JavaScript and jq through the real child process: what they can do, and everything that
//! hostile or careless text tries.

use std::path::PathBuf;
use std::sync::Arc;

use eventglass::analysis::state::event::Input;
use eventglass::analysis::state::reducer::{Keep, Reducer, ReducerKind, ReducerSource, Stopped};
use eventglass::analysis::state::reducers::compile;
use eventglass::analysis::state::value::Value;
use eventglass::sandbox;

mod forms;
mod hostile;

/// The article's aggregate, as it is printed there.
const ACCOUNT: &str = "
class Account {
  constructor() {
    this.balance = 0;
    this.events = [];
  }

  apply(event) {
    switch (event.type) {
      case 'AccountOpened':
        this.balance = event.initialBalance || 0;
        break;
      case 'MoneyDeposited':
        this.balance += event.amount;
        break;
      case 'MoneyWithdrawn':
        this.balance -= event.amount;
        break;
    }
    this.events.push(event);
  }

  // Reconstruct from event history
  static fromEvents(events) {
    const account = new Account();
    events.forEach(e => account.apply(e));
    return account;
  }
}
";

fn compiled(kind: ReducerKind, text: &str) -> Box<dyn Reducer> {
    try_compile(kind, text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn try_compile(
    kind: ReducerKind,
    text: &str,
) -> Result<Box<dyn Reducer>, eventglass::analysis::state::reducer::CompileError> {
    sandbox::set_program(PathBuf::from(env!("CARGO_BIN_EXE_eventglass")));
    compile(&ReducerSource { kind, text: text.into() })
}

fn javascript(text: &str) -> Box<dyn Reducer> {
    compiled(ReducerKind::JavaScript, text)
}

fn event(type_name: &str, payload: &str) -> Input {
    Input { type_name: type_name.into(), text: payload.into(), ..Input::default() }
}

/// 1000 − 200 + 50.
fn account() -> Vec<Input> {
    vec![
        event("AccountOpened", r#"{"initialBalance":1000}"#),
        event("MoneyWithdrawn", r#"{"amount":200}"#),
        event("MoneyDeposited", r#"{"amount":50}"#),
    ]
}

/// What a fold told.
#[derive(Default)]
struct Told {
    states: Vec<String>,
    /// "2: message (line 3)"
    errors: Vec<String>,
    warnings: Vec<String>,
    last: Value,
    stopped: Option<Stopped>,
}

fn fold(reducer: &mut dyn Reducer, events: &[Input], keep: Keep) -> Told {
    let start = reducer.initial();
    fold_from(reducer, start, events, keep)
}

fn fold_from(reducer: &mut dyn Reducer, start: Value, events: &[Input], keep: Keep) -> Told {
    let mut told = Told { last: start, ..Told::default() };
    let mut last = told.last.clone();
    let done = reducer.fold(&mut last, events, keep, &mut |step| {
        assert!(step.state.is_some() || keep == Keep::Last, "every step has its state");
        told.states.extend(step.state.map(ToString::to_string));
        told.errors.extend(step.error.map(|error| format!("{}: {error}", step.at)));
        told.warnings.extend(step.warning.map(|warning| format!("{}: {warning}", step.at)));
    });
    told.last = last;
    told.stopped = done.err();
    told
}

/// Every state, by folding all at once, one by one, and from each state on: they must agree.
fn states(text: &str, events: &[Input]) -> Vec<String> {
    let mut reducer = javascript(text);
    let told = fold(&mut *reducer, events, Keep::Every);
    assert_eq!((told.errors, told.stopped), (vec![], None), "{text}");
    assert_eq!(told.states.last().map(String::as_str).unwrap_or_default(), told.last.to_string());
    let mut state = javascript(text).initial();
    for (i, event) in events.iter().enumerate() {
        let parsed = eventglass::analysis::state::value::parse(state.to_string().as_bytes()).expect("a state");
        state = fold_from(&mut *reducer, parsed, std::slice::from_ref(event), Keep::Last).last;
        assert_eq!(state.to_string(), told.states[i], "{text}");
    }
    told.states
}

fn text(text: impl Into<Arc<str>>) -> Arc<str> {
    text.into()
}
