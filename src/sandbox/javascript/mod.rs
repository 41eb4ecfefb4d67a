//! Reducers in JavaScript, in QuickJS. The loop over events is in JavaScript (`harness.js`), because a
//! call from outside per event costs more than the event.
//!
//! An event that fails leaves the state as it was before it: the state is put back from the text it had
//! a while ago and the events since are folded again.

pub mod lexer;
mod prepare;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::{Array, CatchResultExt as _, Context, Ctx, Function, Object, Persistent, Runtime, Value};

use super::child::{Complaint, Engine, Folded, Outbox, Pulse};
use super::protocol::{Reply, Run};
use super::{EVENT_BUDGET, MAX_STATE_BYTES, MEMORY_BYTES};
use crate::base::text;
use prepare::{EXPORTED, prepare};

const HARNESS: &str = include_str!("harness.js");

/// The name under which a person's own text stands in error traces.
const FILE: &str = "reducer";

/// Deep recursion is refused long before the thread's own stack ends.
const STACK_BYTES: usize = 1 << 20;

/// So many events may run out of time or memory; with one more the reducer is stopped.
const PATIENCE: u32 = 3;

/// Everything of the language but `performance`, weak references and the browser's errors.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

pub struct JavaScript {
    // Handles before what they belong to: they are dropped in this order.
    handles: Handles,
    context: Context,
    _runtime: Runtime,
    initial: String,
    histories: Vec<String>,
    outbox: Rc<RefCell<Outbox>>,
    pulse: Arc<Pulse>,
    /// Events that ran out of time or memory.
    exhausted: u32,
    /// The state at the last run's end, to put it back.
    last: String,
    /// What was said about the state already.
    said: Vec<String>,
}

struct Handles {
    run: Persistent<Function<'static>>,
    text: Persistent<Function<'static>>,
    restore: Persistent<Function<'static>>,
    inspect: Persistent<Function<'static>>,
}

impl JavaScript {
    /// # Errors
    /// What is wrong with the text, or how its first lines failed when they ran.
    pub fn compile(text: &str, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> Result<Self, Complaint> {
        let ours = |error: rquickjs::Error| Complaint::new(format!("QuickJS could not be started: {error}"));
        let runtime = Runtime::new().map_err(ours)?;
        runtime.set_memory_limit(MEMORY_BYTES);
        runtime.set_max_stack_size(STACK_BYTES);
        let watched = pulse.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || watched.is_expired())));
        let context = Context::custom::<Intrinsics>(&runtime).map_err(ours)?;
        let (handles, initial, histories) = context.with(|ctx| adopt(&ctx, text, pulse, outbox))?;
        Ok(Self {
            handles,
            context,
            _runtime: runtime,
            last: initial.clone(),
            initial,
            histories,
            outbox: outbox.clone(),
            pulse: pulse.clone(),
            exhausted: 0,
            said: Vec::new(),
        })
    }
}

impl Engine for JavaScript {
    fn initial(&self) -> &str {
        &self.initial
    }

    fn histories(&self) -> &[String] {
        &self.histories
    }

    fn fold(&mut self, run: &Run) -> Result<Folded, Complaint> {
        let context = self.context.clone();
        context.with(|ctx| {
            let calls = Calls::of(&self.handles, &ctx).map_err(|error| describe(&ctx, error, &self.pulse))?;
            if let Some(state) = &run.state {
                calls.restore(state).map_err(|error| describe(&ctx, error, &self.pulse))?;
                self.last.clone_from(state);
            }
            Fold { engine: self, ctx: &ctx, calls, run }.whole()
        })
    }
}

/// The harness's functions inside of a context.
struct Calls<'js> {
    run: Function<'js>,
    text: Function<'js>,
    restore: Function<'js>,
    inspect: Function<'js>,
}

impl<'js> Calls<'js> {
    fn of(handles: &Handles, ctx: &Ctx<'js>) -> rquickjs::Result<Self> {
        Ok(Self {
            run: handles.run.clone().restore(ctx)?,
            text: handles.text.clone().restore(ctx)?,
            restore: handles.restore.clone().restore(ctx)?,
            inspect: handles.inspect.clone().restore(ctx)?,
        })
    }

    fn restore(&self, state: &str) -> rquickjs::Result<()> {
        self.restore.call((state,))
    }

    fn run(&self, events: &Value<'js>, range: &Range<usize>, look: Look) -> rquickjs::Result<()> {
        self.run.call((events.clone(), range.start as u32, range.end as u32, look as u32))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Only,
    Tell,
    /// Make every state's text, to find the one that can't be made.
    Check,
}

/// One run on its way.
struct Fold<'a, 'js> {
    engine: &'a mut JavaScript,
    ctx: &'a Ctx<'js>,
    calls: Calls<'js>,
    run: &'a Run,
}

impl<'js> Fold<'_, 'js> {
    fn whole(mut self) -> Result<Folded, Complaint> {
        let count = self.run.lengths.len();
        let (events, bad) = self.parse()?;
        // What was needed to get here is not the first event's time.
        self.engine.pulse.again();
        let mut look = if self.run.every { Look::Tell } else { Look::Only };
        // The state before `from` is `engine.last`.
        let (mut from, mut at) = (0, 0);
        while at < count {
            if let Some(reason) = bad.get(&at) {
                self.leave_out(at as u32, reason);
                at += 1;
                continue;
            }
            let end = bad.range(at..).next().map_or(count, |(end, _)| *end);
            match self.calls.run(&events, &(at..end), look) {
                Ok(()) => at = end,
                Err(error) => {
                    at = self.fail(error, &events, &bad, from)? + 1;
                    from = at;
                }
            }
            if at < count {
                continue;
            }
            self.engine.pulse.again();
            match self.calls.text.call::<_, String>(()) {
                Ok(text) => self.engine.last = text,
                Err(error) if look == Look::Only => {
                    // Some event made a state that has no text: find it.
                    let _ = self.complaint(error);
                    self.restore()?;
                    (at, look) = (from, Look::Check);
                }
                Err(error) => return Err(self.complaint(error)),
            }
        }
        self.inspect(count);
        let state = self.run.last.then(|| self.engine.last.clone());
        Ok(Folded { state, bytes: self.engine.last.len() })
    }

    /// All events in one go, or each by itself where one of them is no JSON. With those that are left out.
    fn parse(&self) -> Result<(Value<'js>, std::collections::BTreeMap<usize, String>), Complaint> {
        let lengths = &self.run.lengths;
        let mut bad: std::collections::BTreeMap<usize, String> =
            lengths.iter().enumerate().filter(|(_, length)| **length == 0).map(|(i, _)| (i, String::new())).collect();
        if let Ok(events) = self.ctx.json_parse(self.run.events.clone())
            && events.as_array().is_some_and(|array| array.len() == lengths.len())
        {
            return Ok((events, bad));
        }
        let _ = self.ctx.catch();
        let events = Array::new(self.ctx.clone()).map_err(|error| self.complaint(error))?;
        let mut start = 1;
        for (i, length) in lengths.iter().enumerate() {
            let end = start + if *length == 0 { 4 } else { *length as usize };
            let text = self.run.events.get(start..end).unwrap_or_default();
            start = end + 1;
            let event = match self.ctx.json_parse(text) {
                Ok(event) => event,
                Err(error) => {
                    let complaint = self.complaint(error);
                    bad.entry(i).or_insert_with(|| format!("the payload is no JSON: {}", complaint.message));
                    Value::new_null(self.ctx.clone())
                }
            };
            events.set(i, event).map_err(|error| self.complaint(error))?;
        }
        Ok((events.into_value(), bad))
    }

    /// An event that can't be folded at all: the state stays.
    fn leave_out(&self, at: u32, reason: &str) {
        self.tell(&Reply::Failed { at, message: reason.to_owned(), line: 0 });
        if self.run.every
            && let Ok(json) = self.calls.text.call(())
        {
            self.tell(&Reply::State { at, json });
        }
    }

    /// An event failed: the state as it was before it, the error told. The event's number.
    fn fail(
        &mut self,
        error: rquickjs::Error,
        events: &Value<'js>,
        bad: &std::collections::BTreeMap<usize, String>,
        from: usize,
    ) -> Result<usize, Complaint> {
        let at = self.engine.pulse.event() as usize;
        let expired = self.engine.pulse.is_expired();
        let complaint = self.complaint(error);
        if expired || complaint.message.starts_with(OUT_OF_MEMORY) {
            self.engine.exhausted += 1;
            if self.engine.exhausted > PATIENCE {
                return Err(complaint);
            }
        }
        self.restore()?;
        let again = || {
            let mut next = from;
            while next < at {
                let end = bad.range(next..at).next().map_or(at, |(end, _)| *end);
                self.calls.run(events, &(next..end), Look::Only)?;
                next = end + 1;
            }
            self.calls.text.call::<_, String>(())
        };
        self.engine.outbox.borrow_mut().muted = true;
        let last = again().map_err(|error| self.complaint(error));
        self.engine.outbox.borrow_mut().muted = false;
        self.engine.last = last?;
        let at = at as u32;
        self.tell(&Reply::Failed { at, message: complaint.message, line: complaint.line });
        if self.run.every {
            self.tell(&Reply::State { at, json: self.engine.last.clone() });
        }
        Ok(at as usize)
    }

    fn restore(&self) -> Result<(), Complaint> {
        self.engine.pulse.again();
        self.calls.restore(&self.engine.last).map_err(|error| self.complaint(error))
    }

    /// Says, once for each place, what of the state JSON does not hold.
    fn inspect(&mut self, count: usize) {
        let Ok(lines) = self.calls.inspect.call::<_, String>(()) else {
            let _ = self.ctx.catch();
            return;
        };
        for line in lines.lines().filter(|line| !line.is_empty()) {
            if !self.engine.said.iter().any(|said| said == line) && self.engine.said.len() < 100 {
                self.engine.said.push(line.to_owned());
                let at = count.saturating_sub(1) as u32;
                self.tell(&Reply::Warned { at, message: line.to_owned(), line: 0 });
            }
        }
    }

    fn tell(&self, reply: &Reply) {
        self.engine.outbox.borrow_mut().tell(reply);
    }

    fn complaint(&self, error: rquickjs::Error) -> Complaint {
        describe(self.ctx, error, &self.engine.pulse)
    }
}

type Adopted = (Handles, String, Vec<String>);

/// Runs the text and finds the reducer in what it declared.
fn adopt(ctx: &Ctx<'_>, text: &str, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> Result<Adopted, Complaint> {
    let prepared = prepare(text);
    if let Some(at) = prepared.import {
        let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() as u32 + 1;
        let message = "import: other files cannot be loaded; put everything into this text".to_owned();
        return Err(Complaint { message, line, column: 0 });
    }
    let complain = |error| describe(ctx, error, pulse);
    let harness = harness(ctx, pulse, outbox).map_err(complain)?;
    let options = || {
        let mut options = EvalOptions::default();
        options.filename = Some(FILE.to_owned());
        options
    };
    ctx.eval_with_options::<Value<'_>, _>(prepared.code, options()).map_err(complain)?;
    let find = |name: &str| ctx.eval::<Value<'_>, _>(format!("typeof {name} === 'undefined' ? undefined : {name}"));
    let adopt = || -> rquickjs::Result<Adopted> {
        let call = |name: &str| harness.get::<_, Function<'_>>(name);
        let (offer, offer_class, offer_type) = (call("offer")?, call("offerClass")?, call("offerType")?);
        for name in ["apply", "evolve", "reducer", "reduce", "init", "initialState", "initial"] {
            offer.call::<_, ()>((name, find(name)?))?;
        }
        offer.call::<_, ()>(("exported", find(EXPORTED)?))?;
        for name in &prepared.classes {
            offer_class.call::<_, ()>((name.as_str(), find(name)?))?;
        }
        for name in &prepared.quoted {
            offer_type.call::<_, ()>((name.as_str(),))?;
        }
        let initial = call("adopt")?.call(())?;
        let histories: String = call("kept")?.call(())?;
        let histories = serde_json::from_str(&histories).unwrap_or_default();
        let handle = |name: &str| call(name).map(|function| Persistent::save(ctx, function));
        let (run, text, restore, inspect) = (handle("run")?, handle("text")?, handle("restore")?, handle("inspect")?);
        Ok((Handles { run, text, restore, inspect }, initial, histories))
    };
    adopt().map_err(complain)
}

fn harness<'js>(ctx: &Ctx<'js>, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> rquickjs::Result<Object<'js>> {
    let mut options = EvalOptions::default();
    options.filename = Some("harness".to_owned());
    let make: Function<'js> = ctx.eval_with_options(HARNESS, options)?;
    let (begun, told) = (pulse.clone(), outbox.clone());
    let begin = Function::new(ctx.clone(), move |at: u32| {
        begun.begin(at);
        if begun.is_careful() {
            told.borrow_mut().tell_now(&Reply::At(at));
        }
    })?;
    let outbox = outbox.clone();
    // Whether it is too large.
    let tell = Function::new(ctx.clone(), move |at: u32, json: String| {
        let too_large = json.len() > MAX_STATE_BYTES;
        if !too_large {
            outbox.borrow_mut().tell(&Reply::State { at, json });
        }
        too_large
    })?;
    make.call((begin, tell))
}

const OUT_OF_MEMORY: &str = "out of memory";

/// What went wrong, with the line in the person's own text where it is known.
fn describe(ctx: &Ctx<'_>, error: rquickjs::Error, pulse: &Pulse) -> Complaint {
    if !matches!(error, rquickjs::Error::Exception) {
        return Complaint::new(error.to_string());
    }
    let thrown = ctx.catch();
    let expired = pulse.is_expired();
    // A getter of what was thrown may run foreign code once more: it gets an event's time.
    if expired {
        pulse.again();
    }
    let (said, line, column) = words(ctx, &thrown);
    let message = if expired {
        format!("stopped: one event took more than {} ms", EVENT_BUDGET.as_millis())
    } else if thrown.is_null() || said.ends_with(OUT_OF_MEMORY) {
        // There was no memory left to make an error of it, or somebody threw it.
        format!("{OUT_OF_MEMORY}: a reducer may take {}", text::bytes(MEMORY_BYTES as u64))
    } else {
        said
    };
    Complaint { message, line, column }
}

fn words(ctx: &Ctx<'_>, thrown: &Value<'_>) -> (String, u32, u32) {
    let Some(object) = thrown.as_object() else {
        let said = thrown.as_string().and_then(|text| text.to_string().ok());
        let said = said.or_else(|| thrown.as_number().map(|number| number.to_string()));
        return (said.unwrap_or_else(|| format!("{} was thrown", thrown.type_name())), 0, 0);
    };
    let member = |name: &str| object.get::<_, String>(name).catch(ctx).ok();
    let (line, column) = member("stack").as_deref().and_then(place).unwrap_or_default();
    let said = match (member("name"), member("message")) {
        (Some(name), Some(message)) if name == "Error" || message.starts_with(&name) => message,
        (Some(name), Some(message)) if !name.is_empty() && !message.is_empty() => format!("{name}: {message}"),
        (_, Some(message)) if !message.is_empty() => message,
        (Some(name), _) => name,
        _ => "an object was thrown".to_owned(),
    };
    (said, line, column)
}

/// The first line and column of the person's text in a trace: `at apply (reducer:12:5)`.
fn place(stack: &str) -> Option<(u32, u32)> {
    stack.lines().find_map(|frame| {
        let at = frame.rfind("reducer:")?;
        let mut numbers = frame[at + FILE.len() + 1..].trim_end_matches(')').split(':');
        let line = numbers.next()?.parse().ok()?;
        Some((line, numbers.next().and_then(|column| column.parse().ok()).unwrap_or(0)))
    })
}
