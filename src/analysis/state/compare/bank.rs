//! A bank account for the tests of all questions: deposits and withdrawals, a limit that refuses, labels
//! that overwrite each other, a list that grows, and a history of its own that no question should see.

use std::ops::Range;
use std::sync::Arc;

use crate::analysis::state::event::{Events, Input, Need};
use crate::analysis::state::fold::{Folded, LIMIT_BYTES, fold};
use crate::analysis::state::reducer::{Keep, Reducer, ReducerSource, Step, StepError, Stopped};
use crate::analysis::state::value::{Members, Number, Value, parse};
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;

#[derive(Clone, Debug)]
pub struct Bank {
    histories: Vec<Arc<str>>,
    pub folded: u32,
}

impl Default for Bank {
    fn default() -> Self {
        Self { histories: vec!["events".into()], folded: 0 }
    }
}

impl Reducer for Bank {
    fn need(&self) -> Need {
        Need { value: true, ..Need::default() }
    }

    fn initial(&self) -> Value {
        json(r#"{"balance":0,"tags":[],"events":0}"#)
    }

    fn fold(
        &mut self,
        state: &mut Value,
        events: &[Input],
        keep: Keep,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Stopped> {
        for (at, event) in events.iter().enumerate() {
            self.folded += 1;
            let error = apply(state, event).err().map(|message| StepError { message, line: None });
            if &*event.type_name == "Crash" {
                let error = StepError { message: "the process died".to_owned(), line: None };
                return Err(Stopped { at: at as u32, error });
            }
            let shown = keep == Keep::Every || at + 1 == events.len();
            step(Step { at: at as u32, state: shown.then_some(&*state), error, warning: None });
        }
        Ok(())
    }

    fn histories(&self) -> &[Arc<str>] {
        &self.histories
    }
}

fn apply(state: &mut Value, event: &Input) -> Result<(), String> {
    if let Some(problem) = &event.problem {
        return Err(problem.to_string());
    }
    let Value::Object(members) = state else { return Err("no account".to_owned()) };
    let mut members = Members::clone(members);
    let amount = event.data.member("amount").cloned().unwrap_or_default();
    let number = |value: Option<&Value>| match value {
        Some(Value::Number(number)) => number.clone(),
        _ => Number::from(0),
    };
    let (balance, amount) = (number(members.get("balance")), number(Some(&amount)));
    let set = |members: &mut Members, name: &str, value: Value| members.insert(name.into(), value);
    match &*event.type_name {
        "Opened" => {
            set(&mut members, "balance", event.data.member("initial").cloned().unwrap_or_default());
        }
        "Deposited" => {
            set(&mut members, "balance", Value::Number(balance.add(&amount).ok_or("too large")?));
        }
        "Withdrawn" => {
            let rest = balance.subtract(&amount).ok_or("too large")?;
            if members.contains_key("limit") && rest < Number::from(0) {
                return Err("over the limit".to_owned());
            }
            set(&mut members, "balance", Value::Number(rest));
        }
        "Limited" => {
            set(&mut members, "limit", Value::Bool(true));
        }
        "Labelled" => {
            set(&mut members, "label", event.data.member("label").cloned().unwrap_or_default());
        }
        "Tagged" => {
            let Some(Value::List(tags)) = members.get("tags") else { return Err("no tags".to_owned()) };
            let tags = tags.push_back(event.data.member("tag").cloned().unwrap_or_default());
            set(&mut members, "tags", Value::List(tags));
        }
        _ => (),
    }
    let events = number(members.get("events")).add(&Number::from(1)).ok_or("too many")?;
    set(&mut members, "events", Value::Number(events));
    *state = Value::Object(Arc::new(members));
    Ok(())
}

pub fn json(text: &str) -> Value {
    parse(text.as_bytes()).expect("tests write JSON")
}

/// Events in memory, numbered from 100 upwards in steps of ten as a log with other entities would.
pub struct Listed(pub Vec<Input>);

impl Events for Listed {
    fn len(&self) -> u32 {
        self.0.len() as u32
    }

    fn load(&self, events: Range<u32>, _: &Need, _: &Cancel, into: &mut Vec<Input>) {
        into.clear();
        into.extend_from_slice(self.0.get(events.start as usize..events.end as usize).unwrap_or_default());
    }
}

/// One event a word: `+100` and `-30` move money, `=5` opens with 5, `limit`, `tag:x`, `crash`; any other
/// word is a label.
pub fn history(words: &str) -> Arc<dyn Events> {
    let input = |(i, word): (usize, &str)| {
        let (type_name, text) = match word.split_at(1) {
            ("+", amount) => ("Deposited", format!(r#"{{"amount":{amount}}}"#)),
            ("-", amount) => ("Withdrawn", format!(r#"{{"amount":{amount}}}"#)),
            ("=", amount) => ("Opened", format!(r#"{{"initial":{amount}}}"#)),
            _ => match word.split_once(':') {
                Some((_, tag)) => ("Tagged", format!(r#"{{"tag":"{tag}"}}"#)),
                None if word == "limit" => ("Limited", "{}".to_owned()),
                None if word == "crash" => ("Crash", "{}".to_owned()),
                None if word == "ping" => ("Pinged", "{}".to_owned()),
                None => ("Labelled", format!(r#"{{"label":"{word}"}}"#)),
            },
        };
        Input {
            ix: Some(ix(i as u32)),
            type_name: type_name.into(),
            data: json(&text),
            text: text.into(),
            ..Input::default()
        }
    };
    Arc::new(Listed(words.split_whitespace().enumerate().map(input).collect()))
}

/// These events folded by the bank.
pub fn folded(events: Arc<dyn Events>) -> Arc<Folded> {
    folded_by(events, &mut Bank::default())
}

pub fn folded_by(events: Arc<dyn Events>, reducer: &mut dyn Reducer) -> Arc<Folded> {
    fold(events, ReducerSource::default(), reducer, None, LIMIT_BYTES, &Cancel::new(), &mut |_| ())
}

/// The event of this place.
pub fn ix(at: u32) -> EventIx {
    EventIx(100 + 10 * u64::from(at))
}

pub fn step_of(event: EventIx) -> Option<u32> {
    event.0.checked_sub(100).map(|at| at as u32 / 10 + 1)
}

/// The state after the last event, without what keeps the history.
pub fn end(events: &dyn Events) -> String {
    let mut steps = super::Steps::new(events, 0, Bank::default().initial());
    while steps.next(&mut Bank::default(), &Cancel::new()) == super::Next::Step {}
    let Value::Object(members) = steps.state() else { return steps.state().to_string() };
    let mut members = Members::clone(members);
    members.shift_remove("events");
    Value::Object(Arc::new(members)).to_string()
}
