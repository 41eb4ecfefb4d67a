//! Reducers in jq, in jaq: one filter from `{state, event}` to the new state, `$state` and `$event` too.
//!
//! No output leaves the state as it is; more than one is an error. Integers of any size stay exact,
//! decimals keep their text until they are computed with, then they are doubles. jaq cannot be
//! interrupted: what loops is killed from outside.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, Error as LoadError, File, Loader, lex, parse, span};
use jaq_core::native::{Fun, run, v};
use jaq_core::{Compiler, Ctx, Error, Filter, RunPtr, Vars, unwrap_valr};
use jaq_json::{Num, Val, read};
use jaq_std::ValT as _;

use super::MAX_STATE_BYTES;
use super::child::{Complaint, Engine, Folded, Outbox, Pulse};
use super::protocol::{Reply, Run};

type Data = JustLut<Val>;

pub struct Jq {
    filter: Filter<Data>,
    state: Val,
    outbox: Rc<RefCell<Outbox>>,
    pulse: Arc<Pulse>,
}

/// Definitions of the standard library that look outside, end the program, or stand on what is not here.
const LEFT_OUT: [&str; 36] = [
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "input",
    "inputs",
    "env",
    "now",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "capture_of_match",
    "scan_",
    "match",
    "capture",
    "splits",
    "sub",
    "gsub",
    "scan",
    "test",
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
    "todateiso8601",
    "fromdateiso8601",
    "localtime",
    "mktime",
];

impl Jq {
    /// # Errors
    /// What is wrong with the filter and where.
    pub fn compile(text: &str, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> Result<Self, Complaint> {
        let arena = Arena::default();
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        // `split` of two arguments is made of regular expressions.
        let here = |d: &parse::Def<&str>| !LEFT_OUT.contains(&d.name) && (d.name != "split" || d.args.len() != 2);
        let loader = Loader::new(definitions.filter(here));
        let modules = loader.load(&arena, File { code: text, path: () }).map_err(|errors| {
            let error = errors.into_iter().map(|(_, error)| error).next();
            error.map_or_else(|| Complaint::new("no filter"), |error| unread(text, error))
        })?;
        let natives = jaq_core::funs::<Data>().chain(jaq_std::base_funs()).chain(jaq_json::funs()).chain(ours());
        let filter = Compiler::default()
            .with_funs(natives.filter(|(name, _, _)| !LEFT_OUT.contains(name) || *name == "test"))
            .with_global_vars(["$state", "$event"])
            .compile(modules)
            .map_err(|errors| {
                let error = errors.into_iter().flat_map(|(_, errors)| errors).next();
                error.map_or_else(
                    || Complaint::new("no filter"),
                    |(name, what)| complain(text, name, format!("there is no {} {name}", what.as_str())),
                )
            })?;
        Ok(Self { filter, state: Val::Null, outbox: outbox.clone(), pulse: pulse.clone() })
    }

    fn step(&self, event: &[u8]) -> Result<Option<Val>, String> {
        let event = read::parse_single(event).map_err(|error| format!("the payload is no JSON: {error}"))?;
        let text = |name: &str| Val::from(name.to_owned());
        let input =
            Val::obj([(text("state"), self.state.clone()), (text("event"), event.clone())].into_iter().collect());
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([self.state.clone(), event]));
        let mut outputs = self.filter.id.run((context, input)).map(unwrap_valr);
        let Some(state) = outputs.next().transpose().map_err(|error| error.to_string())? else { return Ok(None) };
        match outputs.next() {
            None => {}
            Some(Ok(_)) => return Err("the filter gave more than one output".to_owned()),
            Some(Err(error)) => return Err(error.to_string()),
        }
        let mut left = 256;
        match stranger(&state, &mut left) {
            Some(what) => Err(format!("the state holds {what}, which is no JSON")),
            None => Ok(Some(state)),
        }
    }
}

impl Engine for Jq {
    fn initial(&self) -> &'static str {
        "null"
    }

    fn histories(&self) -> &[String] {
        &[]
    }

    fn fold(&mut self, run: &Run) -> Result<Folded, Complaint> {
        if let Some(state) = &run.state {
            self.state = read::parse_single(state.as_bytes()).map_err(|error| Complaint::new(error.to_string()))?;
        }
        let mut start = 1;
        for (at, length) in run.lengths.iter().enumerate() {
            let at = at as u32;
            self.pulse.begin(at);
            if run.careful {
                self.outbox.borrow_mut().tell_now(&Reply::At(at));
            }
            let end = start + if *length == 0 { 4 } else { *length as usize };
            let event = run.events.get(start..end).unwrap_or_default();
            start = end + 1;
            let stepped = if *length == 0 { Err(String::new()) } else { self.step(event) };
            let mut json = None;
            let failed = match stepped {
                Ok(None) => None,
                Ok(Some(state)) => {
                    json = run.every.then(|| state.to_string());
                    let too_large = json.as_ref().is_some_and(|json| json.len() > MAX_STATE_BYTES);
                    if too_large {
                        json = None;
                        Some("the state is too large".to_owned())
                    } else {
                        self.state = state;
                        None
                    }
                }
                Err(message) => Some(message),
            };
            let mut outbox = self.outbox.borrow_mut();
            if let Some(message) = failed {
                outbox.tell(&Reply::Failed { at, message, line: 0 });
            }
            if run.every {
                outbox.tell(&Reply::State { at, json: json.unwrap_or_else(|| self.state.to_string()) });
            }
        }
        let json = self.state.to_string();
        if json.len() > MAX_STATE_BYTES {
            return Err(Complaint::new("the state is too large"));
        }
        Ok(Folded { bytes: json.len(), state: run.last.then_some(json) })
    }
}

/// What JSON cannot say, or cannot say so deep.
fn stranger(value: &Val, depth: &mut u32) -> Option<&'static str> {
    if *depth == 0 {
        return Some("more than 256 levels");
    }
    *depth -= 1;
    let found = match value {
        Val::Num(Num::Float(number)) if !number.is_finite() => Some("a number that is not finite"),
        Val::BStr(_) => Some("bytes"),
        Val::Arr(elements) => elements.iter().find_map(|element| stranger(element, depth)),
        Val::Obj(members) => members.iter().find_map(|(name, member)| {
            if name.is_utf8_str() { stranger(member, depth) } else { Some("a name that is no text") }
        }),
        _ => None,
    };
    *depth += 1;
    found
}

/// Regular expressions in linear time.
fn ours() -> Vec<Fun<Data>> {
    fn test(text: &Val, pattern: &Val, flags: &str) -> jaq_json::ValR {
        let words = |value: &Val| {
            let bytes = value.as_utf8_bytes().ok_or_else(|| Error::typ(value.clone(), "string"))?;
            Ok::<_, jaq_json::Error>(String::from_utf8_lossy(bytes).into_owned())
        };
        let built = regex::RegexBuilder::new(&words(pattern)?)
            .case_insensitive(flags.contains('i'))
            .ignore_whitespace(flags.contains('x'))
            .size_limit(4 << 20)
            .build();
        Ok(built.map_err(Error::str)?.is_match(&words(text)?).into())
    }
    let plain: RunPtr<Data> = |mut cv| {
        let pattern = cv.0.pop_var();
        jaq_core::native::bome(test(&cv.1, &pattern, ""))
    };
    let flagged: RunPtr<Data> = |mut cv| {
        let flags = cv.0.pop_var();
        let pattern = cv.0.pop_var();
        jaq_core::native::bome(test(&cv.1, &pattern, &flags.to_string()))
    };
    vec![run::<Data>(("test", v(1), plain)), run::<Data>(("test", v(2), flagged))]
}

fn unread(text: &str, error: LoadError<&str>) -> Complaint {
    match error {
        LoadError::Io(_) => Complaint::new("other files cannot be loaded; put everything into this text"),
        LoadError::Lex(errors) => errors.into_iter().next().map_or_else(
            || Complaint::new("no filter"),
            |(expected, found): lex::Error<&str>| complain(text, found, format!("expected {}", expected.as_str())),
        ),
        LoadError::Parse(errors) => errors.into_iter().next().map_or_else(
            || Complaint::new("no filter"),
            |(expected, found)| complain(text, found, format!("expected {}", expected.as_str())),
        ),
    }
}

/// A complaint about a piece of the text.
fn complain(text: &str, piece: &str, message: String) -> Complaint {
    let start = span(text, piece).start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() as u32 + 1;
    Complaint { message, line, column }
}
