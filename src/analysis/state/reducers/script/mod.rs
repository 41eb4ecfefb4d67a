//! Reducers in JavaScript and jq: runs of events go to a child process (`crate::sandbox`), states come back.
//!
//! Between two calls the child keeps its state, so that a fold that goes on sends only events. A child
//! that died is started anew by the next call; where it died without a word, the run is repeated with
//! each event told, so that the fault is laid at one event's door.

mod spans;
mod view;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

pub use spans::spans;
pub use view::members;

use crate::analysis::state::event::{Input, Need};
use crate::analysis::state::reducer::{CompileError, Keep, Reducer, ReducerKind, Step, StepError, Stopped};
use crate::analysis::state::value::{self, Value};
use crate::base::cancel::Cancel;
use crate::sandbox::{Compiled, Failure, Host, Language, Refused, Run, Told};
use view::View;

/// Events of a run: enough that the way to the child costs little.
const FEWEST: usize = 512;
const MOST: usize = 8192;

/// A run ends after so many bytes of events.
const RUN_BYTES: usize = 4 << 20;

pub struct Script {
    language: Language,
    text: Arc<str>,
    view: View,
    host: Option<Host>,
    initial: Value,
    histories: Vec<Arc<str>>,
    /// The state that the child has.
    there: Option<Value>,
    /// The length of its text: larger states are put back less often, so that runs are longer.
    state_bytes: usize,
    /// Paths that were warned of.
    warned: BTreeSet<String>,
    cancel: Cancel,
}

impl Script {
    /// Compiles the text, in a child of its own.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn compile(kind: ReducerKind, text: &Arc<str>) -> Result<Self, CompileError> {
        let language = if kind == ReducerKind::Jq { Language::Jq } else { Language::JavaScript };
        let (host, compiled) = Host::start(language, text).map_err(refused)?;
        let Compiled { initial, histories } = compiled;
        let initial = value::parse(initial.as_bytes()).map_err(|error| CompileError {
            message: format!("the first state: {error}"),
            line: None,
            column: None,
        })?;
        Ok(Self {
            language,
            text: text.clone(),
            view: View::of(text),
            host: Some(host),
            initial,
            histories: histories.iter().map(|name| Arc::from(&**name)).collect(),
            there: None,
            state_bytes: 0,
            warned: BTreeSet::new(),
            cancel: Cancel::new(),
        })
    }

    fn host(&mut self) -> Result<&mut Host, Failure> {
        if self.host.is_none() {
            let started = Host::start(self.language, &self.text);
            let (host, _) =
                started.map_err(|refused| Failure { at: Some(0), message: refused.message, line: refused.line })?;
            self.there = None;
            self.host = Some(host);
        }
        Ok(self.host.as_mut().expect("a host was started above"))
    }

    /// All runs, up to the task's end. A failure's event is counted from the first of all.
    fn attempt(&mut self, task: &mut Task<'_>, state: &mut Value, careful: bool) -> Result<(), Failure> {
        let mut next = 0;
        while next < task.end {
            match self.run(task, state, next, careful) {
                Ok(after) => next = after,
                Err(failure) => {
                    self.host = None;
                    self.there = None;
                    let at = failure.at.map(|at| (next + at as usize).min(task.end - 1) as u32);
                    return Err(Failure { at, ..failure });
                }
            }
        }
        Ok(())
    }

    /// One run from `first` on. Returns the event after it.
    fn run(&mut self, task: &mut Task<'_>, state: &mut Value, first: usize, careful: bool) -> Result<usize, Failure> {
        let most = (self.state_bytes / 64).clamp(FEWEST, MOST);
        let (mut events, mut lengths) = (vec![b'['], Vec::new());
        let (all, end) = (task.events, task.end);
        for (i, event) in all.iter().enumerate().take(end).skip(first).take(most) {
            if events.len() > RUN_BYTES {
                break;
            }
            if i > first {
                events.push(b',');
            }
            lengths.push(self.write(event, i, &mut events, task));
        }
        events.push(b']');
        let after = first + lengths.len();
        // In the middle of a fold the child is ahead of what is known here; a new child has nothing.
        let is_there =
            first > 0 || self.host.is_some() && self.there.as_ref().is_some_and(|there| there.is_same(state));
        let mut run = Run { state: None, every: task.keep == Keep::Every, last: false, careful, events, lengths };
        run.last = !run.every && after == end;
        run.state = (!is_there).then(|| state.to_string());
        let cancel = self.cancel.clone();
        let mut unread = None;
        let done = self.host()?.fold(run, &cancel, &mut |told| {
            if unread.is_none() {
                unread = task.told(told, first, state).err();
            }
        })?;
        if let Some(json) = &done.state {
            match value::parse(json.as_bytes()) {
                Ok(value) => *state = value,
                Err(error) => unread = Some(unreadable(after - 1 - first, &error)),
            }
        }
        if let Some(failure) = unread {
            return Err(failure);
        }
        self.state_bytes = done.bytes;
        self.there = Some(state.clone());
        Ok(after)
    }

    /// Appends the event; its length, or 0 for one that cannot be given to a script.
    fn write(&mut self, event: &Input, at: usize, events: &mut Vec<u8>, task: &mut Task<'_>) -> u32 {
        match self.view.write(event, self.language == Language::JavaScript, events) {
            Ok(written) => {
                for (path, number) in written.lossy {
                    if self.warned.len() < 1000 && self.warned.insert(path.clone()) {
                        let message = format!("{path}: {number} loses digits, JavaScript's numbers are doubles");
                        task.warnings.push_back((at, message));
                    }
                }
                written.bytes as u32
            }
            Err(problem) => {
                events.extend_from_slice(b"null");
                task.problems.push_back((at, problem));
                0
            }
        }
    }
}

impl Reducer for Script {
    fn need(&self) -> Need {
        self.view.need()
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
        let start = state.clone();
        let mut task = Task::new(events, keep, step);
        let mut failure = match self.attempt(&mut task, state, false) {
            Ok(()) => {
                task.finish(state);
                return Ok(());
            }
            Err(failure) => failure,
        };
        if failure.at.is_none() && !self.cancel.is_cancelled() {
            task.again(state, &start);
            match self.attempt(&mut task, state, true) {
                // What killed it does not happen again: a killer from outside.
                Ok(()) => {
                    task.finish(state);
                    return Ok(());
                }
                Err(again) => failure = again,
            }
        }
        // What the dead child knew of the events before is found once more.
        let at = failure.at.unwrap_or_default() as usize;
        task.end = at.min(events.len());
        task.again(state, &start);
        if !self.cancel.is_cancelled() && self.attempt(&mut task, state, false).is_err() {
            *state = start;
        }
        task.flush();
        Err(Stopped { at: at as u32, error: StepError { message: failure.message, line: failure.line } })
    }

    fn watch(&mut self, cancel: &Cancel) {
        self.cancel = cancel.clone();
    }

    fn histories(&self) -> &[Arc<str>] {
        &self.histories
    }
}

/// What is asked for, and the step that is being put together.
struct Task<'a> {
    events: &'a [Input],
    /// How many of them are folded.
    end: usize,
    keep: Keep,
    step: &'a mut dyn FnMut(Step<'_>),
    pending: Option<Pending>,
    /// Steps before this one were told in an earlier attempt.
    told_until: usize,
    warnings: VecDeque<(usize, String)>,
    problems: VecDeque<(usize, String)>,
}

#[derive(Default)]
struct Pending {
    at: usize,
    state: Option<Value>,
    error: Option<StepError>,
    warning: Option<StepError>,
}

impl<'a> Task<'a> {
    fn new(events: &'a [Input], keep: Keep, step: &'a mut dyn FnMut(Step<'_>)) -> Self {
        Self {
            events,
            end: events.len(),
            keep,
            step,
            pending: None,
            told_until: 0,
            warnings: VecDeque::new(),
            problems: VecDeque::new(),
        }
    }

    /// Takes in what the child told of a run that begins with the event `first`.
    fn told(&mut self, told: Told, first: usize, state: &mut Value) -> Result<(), Failure> {
        match told {
            Told::State { at, json } => {
                let value = value::parse(json.as_bytes()).map_err(|error| unreadable(at as usize, &error))?;
                *state = value.clone();
                self.at(first + at as usize).state = Some(value);
            }
            Told::Failed { at, message, line } => {
                let at = first + at as usize;
                while self.problems.front().is_some_and(|(i, _)| *i < at) {
                    self.problems.pop_front();
                }
                let problem = self.problems.pop_front_if(|(i, _)| *i == at).map(|(_, problem)| problem);
                self.at(at).error = Some(StepError { message: problem.unwrap_or(message), line });
            }
            Told::Warned { at, message, line } => {
                let at = first + at as usize;
                let warning = &mut self.at(at).warning;
                join(warning, StepError { message, line });
            }
        }
        Ok(())
    }

    /// The step of this event; the one before it is told.
    fn at(&mut self, at: usize) -> &mut Pending {
        if self.pending.as_ref().is_some_and(|pending| pending.at != at) {
            self.flush();
        }
        self.pending.get_or_insert_with(|| Pending { at, ..Pending::default() })
    }

    fn flush(&mut self) {
        let Some(mut pending) = self.pending.take() else { return };
        self.warn_before(pending.at);
        while let Some((_, message)) = self.warnings.pop_front_if(|(at, _)| *at == pending.at) {
            join(&mut pending.warning, StepError { message, line: None });
        }
        self.tell(pending);
    }

    /// Warnings of events that have nothing else to tell.
    fn warn_before(&mut self, end: usize) {
        while let Some((at, message)) = self.warnings.pop_front_if(|(at, _)| *at < end) {
            let mut warning = Some(StepError { message, line: None });
            while let Some((_, message)) = self.warnings.pop_front_if(|(next, _)| *next == at) {
                join(&mut warning, StepError { message, line: None });
            }
            self.tell(Pending { at, warning, ..Pending::default() });
        }
    }

    fn tell(&mut self, pending: Pending) {
        if pending.at < self.told_until {
            return;
        }
        self.told_until = pending.at + 1;
        let Pending { at, state, error, warning } = pending;
        (self.step)(Step { at: at as u32, state: state.as_ref(), error, warning });
    }

    /// The run is over: the last step has the state.
    fn finish(&mut self, state: &Value) {
        if let Some(last) = self.events.len().checked_sub(1) {
            self.at(last).state = Some(state.clone());
            self.flush();
        }
    }

    /// The same events come once more, to a new child.
    fn again(&mut self, state: &mut Value, start: &Value) {
        *state = start.clone();
        self.flush();
        self.problems.clear();
        self.warnings.clear();
    }
}

fn join(warning: &mut Option<StepError>, more: StepError) {
    match warning {
        Some(warning) => warning.message = format!("{}; {}", warning.message, more.message),
        None => *warning = Some(more),
    }
}

fn unreadable(at: usize, error: &str) -> Failure {
    Failure { at: Some(at as u32), message: format!("the state cannot be kept: {error}"), line: None }
}

fn refused(refused: Refused) -> CompileError {
    CompileError { message: refused.message, line: refused.line, column: refused.column }
}
