//! A reducer and histories for tests of whatever folds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use super::event::Given;
use super::event::{Input, Need};
use super::reducer::{Keep, Reducer, Step, StepError, Stopped};
use super::value::{Members, Number, Value, parse};
use crate::model::ids::EventIx;

/// Sums `amount` into `balance` and counts events: `{"balance": 7, "count": 2}`. A payload with `fail`
/// is a step's error, one with `stop` stops the reducer.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    /// Events folded so far, shared by clones: how much work an answer took.
    pub folded: Arc<AtomicU32>,
}

impl Reducer for Counter {
    fn need(&self) -> Need {
        Need { value: true, ..Need::default() }
    }

    fn initial(&self) -> Value {
        state(&Number::from(0), 0)
    }

    fn fold(
        &mut self,
        value: &mut Value,
        events: &[Input],
        keep: Keep,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Stopped> {
        for (at, event) in events.iter().enumerate() {
            self.folded.fetch_add(1, Ordering::Relaxed);
            let at = at as u32;
            if event.data.member("stop").is_some() {
                let error = StepError { message: "stopped".to_owned(), line: None };
                return Err(Stopped { at, error });
            }
            let failed = event.problem.as_deref().or_else(|| event.data.member("fail").map(|_| "failed"));
            let error = failed.map(|message| StepError { message: message.to_owned(), line: Some(1) });
            if error.is_none() {
                *value = after(value, event);
            }
            let shown = keep == Keep::Every || at as usize + 1 == events.len();
            if shown || error.is_some() {
                step(Step { at, state: shown.then_some(&*value), error, warning: None });
            }
        }
        Ok(())
    }
}

fn after(value: &Value, event: &Input) -> Value {
    let zero = Number::from(0);
    let number = |value: Option<&Value>| match value {
        Some(Value::Number(number)) => number.clone(),
        _ => zero.clone(),
    };
    let (balance, amount) = (number(value.member("balance")), number(event.data.member("amount")));
    let count = value.member("count").and_then(Value::as_f64).unwrap_or(0.0) as i64;
    state(&balance.add(&amount).unwrap_or(zero), count + 1)
}

fn state(balance: &Number, count: i64) -> Value {
    let mut members = Members::default();
    members.insert("balance".into(), Value::Number(balance.clone()));
    members.insert("count".into(), Value::Number(Number::from(count)));
    Value::Object(Arc::new(members))
}

impl Given {
    /// Events of the type `T`, numbered from 0, with these payloads.
    ///
    /// # Panics
    /// Where a payload is no JSON.
    #[must_use]
    pub fn new<T: AsRef<str>>(payloads: impl IntoIterator<Item = T>) -> Self {
        let input = |(i, payload): (usize, T)| Input {
            ix: Some(EventIx(i as u64)),
            type_name: "T".into(),
            text: payload.as_ref().into(),
            data: parse(payload.as_ref().as_bytes()).expect("tests write JSON"),
            ..Input::default()
        };
        Self(payloads.into_iter().enumerate().map(input).collect())
    }

    /// Deposits (or withdrawals) of these amounts.
    #[must_use]
    pub fn amounts(amounts: impl IntoIterator<Item = i64>) -> Self {
        Self::new(amounts.into_iter().map(|amount| format!("{{\"amount\":{amount}}}")))
    }
}
