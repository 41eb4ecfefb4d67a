//! What a message would do: the state that its consumer met, and the one after it, had it been this message.

use std::ops::Range;
use std::sync::Arc;

use super::context::Around;
use crate::analysis::state::diff::{Change, diff};
use crate::analysis::state::event::{Events, Input, Need};
use crate::analysis::state::fold::{LIMIT_BYTES, fold};
use crate::analysis::state::history::History;
use crate::analysis::state::reducer::{Reducer, ReducerSource};
use crate::analysis::state::stored::Stored;
use crate::analysis::state::value;
use crate::analysis::state::walk::state_at;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::model::message::Message;
use crate::store::snapshot::Snapshot;

/// Differences that are listed; one that changes more says so.
const MOST_CHANGES: usize = 100;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Events of the entity before it.
    pub events: u32,
    pub changes: Vec<Change>,
    /// There are more than are listed.
    pub more: bool,
    /// Why the message could not be applied, in the reducer's words.
    pub problem: Option<String>,
}

/// The message as this log would read it in place of the event.
#[must_use]
pub fn input(log: &Snapshot, event: EventIx, message: &Message) -> Input {
    let mut record = Vec::new();
    message.write(&mut record);
    let source = log.source_of(event).and_then(|(source, _)| log.sources().get(source.at()));
    let text = source.and_then(|source| source.decode.data_json(&record)).unwrap_or_else(|| "null".to_owned());
    let (data, problem) = match value::parse(text.as_bytes()) {
        Ok(data) => (data, None),
        Err(why) => (value::Value::default(), Some(why.into())),
    };
    let type_name = log.type_name(log.type_ix(event)).into();
    Input { type_name, time: log.time(event), text: text.into(), data, problem, ..Input::default() }
}

/// The message folded onto the state before the failure. `None` when cancelled, or where the entity's last event
/// before it is not in its history.
#[must_use]
pub fn effect(
    log: &Arc<Snapshot>,
    around: &Around,
    message: Input,
    source: &ReducerSource,
    reducer: &mut dyn Reducer,
    cancel: &Cancel,
) -> Option<Effect> {
    let history = Arc::new(History::of(log, around.entity, false, cancel)?);
    let events = around.before.map_or(Some(0), |before| history.step_of(before))?;
    let stored = Stored { snapshot: Arc::clone(log), history };
    let then: Arc<dyn Events> = Arc::new(Then { stored, events, message });
    let folded = fold(then, source.clone(), reducer, None, LIMIT_BYTES, cancel, &mut |_| ());
    if cancel.is_cancelled() {
        return None;
    }
    let before = state_at(&folded, reducer, events);
    let after = state_at(&folded, reducer, events + 1);
    let mut changes = diff(&before.value, &after.value, MOST_CHANGES + 1);
    let more = changes.len() > MOST_CHANGES;
    changes.truncate(MOST_CHANGES);
    Some(Effect { events, changes, more, problem: after.error.map(|error| error.to_string()) })
}

/// The beginning of a history, and one event more.
struct Then {
    stored: Stored,
    events: u32,
    message: Input,
}

impl Events for Then {
    fn len(&self) -> u32 {
        self.events + 1
    }

    fn load(&self, events: Range<u32>, need: &Need, cancel: &Cancel, into: &mut Vec<Input>) {
        self.stored.load(events.start.min(self.events)..events.end.min(self.events), need, cancel, into);
        if events.contains(&self.events) && !cancel.is_cancelled() {
            into.push(self.message.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::compare::change_in_words;
    use crate::analysis::state::reducer::ReducerKind;
    use crate::analysis::state::reducers::compile;
    use crate::store::testing::{Builder, TestEvent};

    fn event(id: &str, type_name: &str, data: &str) -> TestEvent {
        TestEvent {
            time: Some(0),
            type_name: type_name.to_owned(),
            id: id.to_owned(),
            entities: vec!["order:1".to_owned()],
            data: data.to_owned(),
            ..TestEvent::default()
        }
    }

    #[test]
    fn a_message_changes_the_state_before_its_failure() {
        let log = Builder::new()
            .event(event("a", "OrderPlaced", r#"{"total":10}"#))
            .event(event("b", "OrderChanged", r#"{"total":-1}"#))
            .event(event("c", "OrderChanged", r#"{"total":30}"#))
            .build();
        let entity = log.find_entity("order", "1").expect("it is there");
        let around = Around {
            entity,
            name: crate::model::envelope::EntityRef { kind: "order".to_owned(), id: "1".to_owned() },
            before: Some(EventIx(0)),
            later: 1,
            first_later: vec![EventIx(2)],
        };
        let source = ReducerSource { kind: ReducerKind::Rules, text: "on *\n merge .\n".into() };
        let mut reducer = compile(&source).expect("rules");
        let message = |data: &str| Input {
            type_name: "OrderChanged".into(),
            text: data.into(),
            data: value::parse(data.as_bytes()).expect("JSON"),
            ..Input::default()
        };
        let told = |data: &str, reducer: &mut dyn Reducer| {
            let found = effect(&log, &around, message(data), &source, reducer, &Cancel::new()).expect("an effect");
            assert_eq!((found.events, found.more, found.problem), (1, false, None));
            found.changes.iter().map(change_in_words).collect::<Vec<_>>()
        };
        assert_eq!(told(r#"{"total":20}"#, &mut *reducer), ["total is 20 instead of 10"]);
        assert!(told(r#"{"total":10}"#, &mut *reducer).is_empty());
    }
}
