//! Rules as a [`Reducer`].
//!
//! Lines change the state in place. An event whose second line fails is undone by folding again from
//! the last point that is kept: the start of the run, or the event that failed before.

use std::borrow::Cow;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use indexmap::IndexMap;
use rapidhash::fast::RapidHasher;

use super::ast::{self, Action, Content, EventField, Expr, Op, Pick, Rules};
use super::eval::{Fault, compute, describe, eval, holds, shown};
use super::merge::{difference, merge};
use super::place::{fits, get, keys, remove, slot, without};
use crate::analysis::state::event::{Input, Need, is_like};
use crate::analysis::state::reducer::{Keep, Reducer, Step, StepError, Stopped};
use crate::analysis::state::value::{Members, Number, Value};

pub struct Engine {
    initial: Value,
    blocks: Vec<Block>,
    need: Need,
    /// Which blocks a type can come to, in order; filled as types come.
    of_type: IndexMap<Arc<str>, Box<[usize]>, BuildHasherDefault<RapidHasher<'static>>>,
}

struct Block {
    line: u32,
    types: Vec<Arc<str>>,
    when: Option<Expr>,
    actions: Vec<(u32, Action)>,
}

/// Rules that read more members get the whole payload.
const MOST_MEMBERS: usize = 16;

/// What an event did.
enum Done {
    Nothing,
    Changed {
        warning: Option<StepError>,
    },
    /// `undo` where lines before the one that failed have changed the state.
    Failed {
        error: StepError,
        undo: bool,
    },
}

impl Engine {
    pub fn new(rules: &Rules) -> Self {
        let mut initial = Value::object();
        let mut blocks: Vec<Block> = Vec::new();
        let nothing = Input::default();
        for (i, line) in rules.lines.iter().enumerate() {
            let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
            match &line.content {
                Content::Blank => (),
                Content::Start { place, value } => {
                    let value = eval(value, &nothing, &Value::Null).map_or(Value::Null, Cow::into_owned);
                    if let Ok(slot) = slot(&mut initial, place, &Vec::new(), false) {
                        *slot = value;
                    }
                }
                Content::On { types, when } => {
                    blocks.push(Block { line: number, types: types.clone(), when: when.clone(), actions: Vec::new() });
                }
                Content::Do(action) => {
                    if let Some(block) = blocks.last_mut() {
                        block.actions.push((number, action.clone()));
                    }
                }
            }
        }
        let need = need(&blocks);
        Self { initial, blocks, need, of_type: IndexMap::default() }
    }

    /// Folds one event; the state is unchanged unless it says otherwise.
    fn one(&mut self, state: &mut Value, event: &Input) -> Done {
        if let Some(problem) = &event.problem {
            let error = StepError { message: problem.to_string(), line: None };
            return Done::Failed { error, undo: false };
        }
        if !self.of_type.contains_key(&*event.type_name) {
            let fits = |block: &Block| block.types.iter().any(|pattern| is_like(&event.type_name, pattern));
            let fitting = self.blocks.iter().enumerate().filter(|(_, block)| fits(block)).map(|(i, _)| i).collect();
            self.of_type.insert(event.type_name.clone(), fitting);
        }
        let candidates = self.of_type.get(&*event.type_name).map(|blocks| &**blocks).unwrap_or_default();
        for block in candidates.iter().filter_map(|&at| self.blocks.get(at)) {
            match block.when.as_ref().map_or(Ok(true), |when| holds(when, event, state)) {
                Ok(false) => (),
                Ok(true) => return block.run(state, event, &self.initial),
                Err(fault) => {
                    let error = StepError { message: fault.message(), line: Some(block.line) };
                    return Done::Failed { error, undo: false };
                }
            }
        }
        Done::Nothing
    }
}

impl Reducer for Engine {
    fn need(&self) -> Need {
        self.need.clone()
    }

    fn initial(&self) -> Value {
        self.initial.clone()
    }

    fn fold(
        &mut self,
        state: &mut Value,
        events: &[Input],
        keep: Keep,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), Stopped> {
        let (mut kept, mut kept_at) = (state.clone(), 0);
        for (at, event) in events.iter().enumerate() {
            let (error, warning) = match self.one(state, event) {
                Done::Nothing => (None, None),
                Done::Changed { warning } => (None, warning),
                Done::Failed { error, undo } => {
                    if undo {
                        *state = kept;
                        for event in events.get(kept_at..at).unwrap_or_default() {
                            self.one(state, event);
                        }
                        (kept, kept_at) = (state.clone(), at + 1);
                    }
                    (Some(error), None)
                }
            };
            let shows = keep == Keep::Every || at + 1 == events.len();
            if shows || error.is_some() || warning.is_some() {
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                step(Step { at, state: shows.then_some(&*state), error, warning });
            }
        }
        Ok(())
    }
}

impl Block {
    fn run(&self, state: &mut Value, event: &Input, initial: &Value) -> Done {
        let mut warning = None;
        let begins = state.is_null() && !self.actions.is_empty();
        if begins {
            *state = initial.clone();
        }
        for (i, (line, action)) in self.actions.iter().enumerate() {
            match action.run(state, event, initial) {
                Ok(None) => (),
                Ok(Some(message)) => warning = Some(StepError { message, line: Some(*line) }),
                Err(fault) => {
                    let error = StepError { message: fault.message(), line: Some(*line) };
                    let undo = i > 0 || !action.is_whole();
                    if begins && !undo {
                        *state = Value::Null;
                    }
                    return Done::Failed { error, undo };
                }
            }
        }
        Done::Changed { warning }
    }
}

impl Action {
    /// Whether it fails only before it changes anything: a selector can fail behind what was just made.
    fn is_whole(&self) -> bool {
        let (Self::Set { place, .. }
        | Self::Add { place, .. }
        | Self::Append { place, .. }
        | Self::Merge { place, .. }) = self
        else {
            return true;
        };
        place.0.iter().all(|step| matches!(step, ast::Step::Member(_)))
    }

    /// A text is a warning.
    fn run<'e>(&'e self, state: &mut Value, event: &'e Input, initial: &Value) -> Result<Option<String>, Fault<'e>> {
        match self {
            Self::Set { place, value } => {
                let value = eval(value, event, state)?.into_owned();
                let keys = keys(place, event, state)?;
                *slot(state, place, &keys, true)? = value;
            }
            Self::Add { place, value, negative } => {
                let value = eval(value, event, state)?;
                let keys = keys(place, event, state)?;
                let op = if *negative { Op::Subtract } else { Op::Add };
                let zero = Value::Number(Number::from(0));
                let now = get(state, place, &keys).filter(|now| !now.is_null()).unwrap_or(&zero);
                if !matches!(now, Value::Number(_)) {
                    return Fault::wrong(format!("{} is {}, not a number", shown(&place.0), describe(now)));
                }
                let sum = Value::Number(compute(op, now, &value)?);
                *slot(state, place, &keys, false)? = sum;
            }
            Self::Append { place, value, each } => {
                let value = eval(value, event, state)?;
                let keys = keys(place, event, state)?;
                if let Some(now) = get(state, place, &keys)
                    && !matches!(now, Value::Null | Value::List(_))
                {
                    return Fault::wrong(format!("{} is {}, not a list", shown(&place.0), describe(now)));
                }
                if *each && !matches!(&*value, Value::List(_)) {
                    return Fault::wrong(format!("{} has no elements to append", describe(&value)));
                }
                let slot = slot(state, place, &keys, false)?;
                if slot.is_null() {
                    *slot = Value::list([]);
                }
                let Value::List(elements) = slot else { return Ok(None) };
                match &*value {
                    Value::List(more) if *each => more.iter().for_each(|one| elements.push_back_mut(one.clone())),
                    _ => elements.push_back_mut(value.into_owned()),
                }
            }
            Self::Remove { place, key, value } => {
                let value = eval(value, event, state)?;
                let keys = keys(place, event, state)?;
                match get(state, place, &keys) {
                    None | Some(Value::Null) => (),
                    Some(Value::List(elements)) => {
                        if elements.iter().any(|element| fits(element, key.as_deref(), &value)) {
                            let rest = without(elements, |_, element| fits(element, key.as_deref(), &value));
                            *slot(state, place, &keys, false)? = Value::List(rest);
                        }
                    }
                    Some(Value::Object(members)) => {
                        let name = super::eval::member_name(&value)?;
                        if members.contains_key(&*name)
                            && let Value::Object(members) = slot(state, place, &keys, false)?
                        {
                            Arc::make_mut(members).shift_remove(&*name);
                        }
                    }
                    Some(other) => {
                        return Fault::wrong(format!("{} is {}, not a list", shown(&place.0), describe(other)));
                    }
                }
            }
            Self::Merge { place, value, pick } => {
                let value = eval(value, event, state)?;
                let Value::Object(patch) = &*value else {
                    return Fault::wrong(format!("{} has no members to merge", describe(&value)));
                };
                merge_at(state, place, patch, pick, event)?;
            }
            Self::Replace(value) => *state = eval(value, event, state)?.into_owned(),
            Self::Delete(place) if place.is_root() => *state = Value::Null,
            Self::Delete(place) => {
                let keys = keys(place, event, state)?;
                remove(state, place, &keys)?;
            }
            Self::Snapshot(value) => {
                let snapshot = eval(value, event, state)?;
                if *state != *initial {
                    return Ok(difference(state, &snapshot));
                }
                *state = snapshot.into_owned();
            }
            Self::Ignore => (),
        }
        Ok(None)
    }
}

fn merge_at<'e>(
    state: &mut Value,
    place: &'e ast::Place,
    patch: &Members,
    pick: &Pick,
    event: &'e Input,
) -> Result<(), Fault<'e>> {
    let keys = keys(place, event, state)?;
    merge(slot(state, place, &keys, true)?, patch, pick);
    Ok(())
}

fn need(blocks: &[Block]) -> Need {
    let (mut need, mut whole) = (Need::default(), false);
    let (mut members, mut types): (Vec<Arc<str>>, Vec<Arc<str>>) = (Vec::new(), Vec::new());
    for block in blocks {
        let mut reads = false;
        let mut visit = |expr: &Expr| match expr {
            Expr::Payload(place) => {
                (reads, need.value) = (true, true);
                match place.0.first() {
                    Some(ast::Step::Member(name)) if members.contains(name) => (),
                    Some(ast::Step::Member(name)) => members.push(Arc::clone(name)),
                    _ => whole = true,
                }
            }
            Expr::Event(EventField::Id) => (reads, need.meta) = (true, true),
            _ => (),
        };
        if let Some(when) = &block.when {
            when.walk(&mut visit);
        }
        block.actions.iter().for_each(|(_, action)| action.walk(&mut visit));
        if reads {
            types.extend_from_slice(&block.types);
        }
    }
    // Names are looked for one by one: where rules read that many, most of a payload is wanted.
    whole |= members.len() > MOST_MEMBERS;
    need.members = (need.value && !whole).then(|| members.into());
    need.types = (!types.iter().any(|pattern| &**pattern == "*")).then(|| types.into());
    need
}
