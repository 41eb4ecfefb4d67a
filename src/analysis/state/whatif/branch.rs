//! A branch: changes to a stored history, and the history that they make.
//!
//! Edits name events by their place in the log, not in the history, so that they stay right while the
//! log grows. Undoing is taking the last one away.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::plan::{Plan, Slot};
use crate::analysis::state::event::{Events, Input, Meta, Need};
use crate::analysis::state::value::{Value, parse};
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub name: String,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventRef {
    Stored(EventIx),
    /// What the edit of this number, counted from 0, inserted.
    Made(u32),
}

/// Where an event goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    Before(EventRef),
    End,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    Skip(EventRef),
    /// Another payload, another type, or both. `text` is JSON; what is not makes the step fail.
    Change {
        event: EventRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        type_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    Insert {
        before: Place,
        type_name: String,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time: Option<TimeNs>,
    },
    Move {
        event: EventRef,
        to: Place,
    },
}

/// The history that a branch makes of the stored one.
pub struct BranchEvents {
    base: Arc<dyn Events>,
    plan: Plan,
    contents: Vec<Content>,
    moved: BTreeSet<u32>,
    /// Edits, counted from 0, that have no place here, and why.
    pub unplaced: Vec<(usize, &'static str)>,
}

/// What an event has instead of what is stored.
#[derive(Clone, Default)]
struct Content {
    /// The edit that inserted it; none for a stored event.
    made_by: Option<u32>,
    type_name: Option<Arc<str>>,
    time: Option<TimeNs>,
    payload: Option<Payload>,
}

#[derive(Clone)]
struct Payload {
    text: Arc<str>,
    data: Value,
    problem: Option<Arc<str>>,
}

impl Branch {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), edits: Vec::new() }
    }

    pub fn undo(&mut self) -> Option<Edit> {
        self.edits.pop()
    }
}

impl BranchEvents {
    /// `step_of` gives the step after a stored event, as `History::step_of` does.
    #[must_use]
    pub fn new(base: Arc<dyn Events>, branch: &Branch, step_of: &dyn Fn(EventIx) -> Option<u32>) -> Self {
        let plan = Plan::whole(base.len());
        let mut made = Self { base, plan, contents: Vec::new(), moved: BTreeSet::new(), unplaced: Vec::new() };
        for (i, edit) in branch.edits.iter().enumerate() {
            if let Err(why) = made.apply(i as u32, edit, step_of) {
                made.unplaced.push((i, why));
            }
        }
        made
    }

    /// The same events in another order, some of them more than once or not at all.
    #[must_use]
    pub fn arranged(base: Arc<dyn Events>, plan: Plan) -> Self {
        Self { base, plan, contents: Vec::new(), moved: BTreeSet::new(), unplaced: Vec::new() }
    }

    #[must_use]
    pub fn base(&self) -> &Arc<dyn Events> {
        &self.base
    }

    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Events up to here are those of the stored history: its states up to this step hold.
    #[must_use]
    pub fn lowest_change(&self) -> u32 {
        self.plan.same_front()
    }

    /// Whether a stored event, counted from 0, was moved.
    #[must_use]
    pub fn is_moved(&self, stored: u32) -> bool {
        self.moved.contains(&stored)
    }

    /// What stands for the event after which this step is; none for step 0 and past the end.
    #[must_use]
    pub fn event_of(&self, step: u32) -> Option<Slot> {
        self.plan.slot(step.checked_sub(1)?)
    }

    /// The edit that inserted this.
    #[must_use]
    pub fn made_by(&self, content: u32) -> Option<u32> {
        self.contents.get(content as usize)?.made_by
    }

    fn apply(
        &mut self,
        edit_ix: u32,
        edit: &Edit,
        step_of: &dyn Fn(EventIx) -> Option<u32>,
    ) -> Result<(), &'static str> {
        match edit {
            Edit::Skip(event) => {
                let at = self.place_of(*event, step_of)?;
                self.plan.remove(at);
            }
            Edit::Change { event, type_name, text } => {
                let at = self.place_of(*event, step_of)?;
                self.change(at, type_name.as_deref(), text.as_deref());
            }
            Edit::Insert { before, type_name, text, time } => {
                let at = self.position(*before, step_of)?;
                let content = self.add(Content {
                    made_by: Some(edit_ix),
                    type_name: Some(type_name.as_str().into()),
                    time: *time,
                    payload: Some(Payload::read(text)),
                });
                self.plan.insert(at, Slot::Made(content));
            }
            Edit::Move { event, to } => {
                let from = self.place_of(*event, step_of)?;
                if *to == Place::Before(*event) {
                    return Ok(());
                }
                let to = self.position(*to, step_of)?;
                let Some(slot) = self.plan.remove(from) else { return Err(GONE) };
                self.plan.insert(if to > from { to - 1 } else { to }, slot);
                if let Slot::Stored(stored) | Slot::Changed { stored, .. } = slot {
                    self.moved.insert(stored);
                }
            }
        }
        Ok(())
    }

    fn change(&mut self, at: u32, type_name: Option<&str>, text: Option<&str>) {
        let Some(slot) = self.plan.slot(at) else { return };
        let content = match slot {
            Slot::Stored(stored) => {
                let content = self.add(Content::default());
                self.plan.replace(at, Slot::Changed { stored, content });
                content
            }
            Slot::Changed { content, .. } | Slot::Made(content) => content,
        };
        let Some(content) = self.contents.get_mut(content as usize) else { return };
        content.type_name = type_name.map(Arc::from).or(content.type_name.take());
        content.payload = text.map(Payload::read).or(content.payload.take());
    }

    fn add(&mut self, content: Content) -> u32 {
        self.contents.push(content);
        self.contents.len() as u32 - 1
    }

    fn place_of(&self, event: EventRef, step_of: &dyn Fn(EventIx) -> Option<u32>) -> Result<u32, &'static str> {
        match event {
            EventRef::Stored(event) => {
                let step = step_of(event).ok_or("its event is not in this history")?;
                step.checked_sub(1).and_then(|stored| self.plan.place_of(stored)).ok_or(GONE)
            }
            EventRef::Made(edit) => {
                let made = self.contents.iter().position(|content| content.made_by == Some(edit));
                made.and_then(|content| self.plan.place_of_made(content as u32)).ok_or(GONE)
            }
        }
    }

    fn position(&self, place: Place, step_of: &dyn Fn(EventIx) -> Option<u32>) -> Result<u32, &'static str> {
        match place {
            Place::Before(event) => self.place_of(event, step_of),
            Place::End => Ok(self.plan.len()),
        }
    }
}

const GONE: &str = "an earlier change took its event out";

impl Events for BranchEvents {
    fn len(&self) -> u32 {
        self.plan.len()
    }

    fn load(&self, events: Range<u32>, need: &Need, cancel: &Cancel, into: &mut Vec<Input>) {
        into.clear();
        let mut part = Vec::new();
        for run in self.plan.pieces(events) {
            let content = match run.first {
                Slot::Stored(_) => None,
                Slot::Changed { content, .. } | Slot::Made(content) => self.contents.get(content as usize),
            };
            match run.first {
                Slot::Stored(first) | Slot::Changed { stored: first, .. } => {
                    // Under another type's name more may be looked at than under its own.
                    let retyped = content.is_some_and(|content| content.type_name.is_some());
                    let whole = retyped.then(|| Need { types: None, ..need.clone() });
                    self.base.load(first..first + run.len, whole.as_ref().unwrap_or(need), cancel, &mut part);
                }
                Slot::Made(_) => {
                    part.clear();
                    part.push(Input { meta: need.meta.then(Arc::default), ..Input::default() });
                }
            }
            if let Some(content) = content {
                part.iter_mut().for_each(|input| content.write(need, input));
            }
            let cut_short = part.len() < run.len as usize;
            into.append(&mut part);
            if cut_short {
                return;
            }
        }
    }
}

impl Content {
    fn write(&self, need: &Need, input: &mut Input) {
        if let Some(type_name) = &self.type_name {
            input.type_name = Arc::clone(type_name);
        }
        if let Some(time) = self.time {
            input.time = Some(time);
            if need.meta {
                input.meta = Some(Arc::new(Meta { time_text: Some(time.to_rfc3339()), ..Meta::default() }));
            }
        }
        if let Some(payload) = &self.payload {
            input.text = if need.text { Arc::clone(&payload.text) } else { Arc::default() };
            input.data = if need.value { payload.data.clone() } else { Value::Null };
            input.problem.clone_from(&payload.problem);
        }
    }
}

impl Payload {
    fn read(text: &str) -> Self {
        match parse(text.as_bytes()) {
            Ok(data) => Self { text: text.into(), data, problem: None },
            Err(why) => {
                let problem = format!("the payload written for it is not JSON: {why}");
                Self { text: text.into(), data: Value::Null, problem: Some(problem.into()) }
            }
        }
    }
}
