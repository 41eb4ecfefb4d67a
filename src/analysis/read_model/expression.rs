//! Columns that no place of a state has as it is: jq expressions over the last state, in the process of its own in
//! which all foreign filters run.

use crate::analysis::state::value::{Value, parse};
use crate::base::cancel::Cancel;
use crate::sandbox::{Host, Language, Run, Told};

/// All expressions of a table as one filter: one question an entity, however many columns there are.
pub struct Expressions {
    program: String,
    host: Option<Host>,
}

impl Expressions {
    /// # Errors
    /// Which expression cannot be read, and why.
    pub fn compile<'a>(expressions: impl Iterator<Item = &'a str>) -> Result<Option<Self>, String> {
        let mut all = Vec::new();
        for text in expressions {
            // Each by itself, so that a mistake is told of the one that has it.
            Host::start(Language::Jq, &filter([text])).map_err(|refused| format!("{text}: {}", refused.message))?;
            all.push(text);
        }
        if all.is_empty() {
            return Ok(None);
        }
        let program = filter(all);
        let (host, _) = Host::start(Language::Jq, &program).map_err(|refused| refused.message)?;
        Ok(Some(Self { program, host: Some(host) }))
    }

    /// The values of the expressions for a state, in their order; nothing where one of them fails.
    pub fn values(&mut self, state: &Value, cancel: &Cancel) -> Option<Vec<Value>> {
        if self.host.is_none() {
            self.host = Host::start(Language::Jq, &self.program).ok().map(|(host, _)| host);
        }
        let text = state.to_string();
        let length = u32::try_from(text.len()).ok()?;
        let events = format!("[{text}]").into_bytes();
        let run = Run {
            state: Some("null".to_owned()),
            every: true,
            careful: true,
            events,
            lengths: vec![length],
            last: false,
        };
        let mut told = None;
        let mut failed = false;
        let done = self.host.as_mut()?.fold(run, cancel, &mut |one| match one {
            Told::State { json, .. } => told = Some(json),
            Told::Failed { .. } => failed = true,
            Told::Warned { .. } => {}
        });
        if done.is_err() {
            // It took too long or too much, and its process is gone.
            self.host = None;
            return None;
        }
        let Value::List(values) = parse(told.filter(|_| !failed)?.as_bytes()).ok()? else { return None };
        Some(values.iter().cloned().collect())
    }
}

/// A list with the first output of each; the newline ends a comment at the end.
fn filter<'a>(expressions: impl IntoIterator<Item = &'a str>) -> String {
    let each: Vec<String> =
        expressions.into_iter().map(|text| format!("([.event|(first(({text}\n)))] | .[0])")).collect();
    format!("[{}]", each.join(", "))
}
