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
const LEFT_OUT: [&str; 23] = [
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
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

impl Jq {
    /// # Errors
    /// What is wrong with the filter and where.
    pub fn compile(text: &str, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> Result<Self, Complaint> {
        let arena = Arena::default();
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let loader = Loader::new(definitions.filter(|d: &parse::Def<&str>| !LEFT_OUT.contains(&d.name)));
        let modules = loader.load(&arena, File { code: text, path: () }).map_err(|errors| {
            let error = errors.into_iter().map(|(_, error)| error).next();
            error.map_or_else(|| Complaint::new("no filter"), |error| unread(text, error))
        })?;
        let natives = jaq_core::funs::<Data>().chain(jaq_std::base_funs()).chain(jaq_json::funs()).chain(ours());
        let filter = Compiler::default()
            .with_funs(natives.filter(|(name, _, _)| !LEFT_OUT.contains(name)))
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

/// Regular expressions in linear time: what the standard library's definitions stand on.
fn ours() -> Vec<Fun<Data>> {
    let matches: RunPtr<Data> = |cv| found(cv, false, true);
    let both: RunPtr<Data> = |cv| found(cv, true, true);
    let between: RunPtr<Data> = |cv| found(cv, true, false);
    [("matches", matches), ("split_matches", both), ("split_", between)]
        .into_iter()
        .map(|(name, filter)| run::<Data>((name, v(2), filter)))
        .collect()
}

/// `name(pattern; flags)`: a list of each match's groups, of the texts between them, or of both in turn.
fn found(mut cv: (Ctx<'_, Data>, Val), between: bool, groups: bool) -> jaq_core::ValXs<'_, Val> {
    let flags = cv.0.pop_var();
    let pattern = cv.0.pop_var();
    jaq_core::native::bome(find(&cv.1, &pattern, &flags, (between, groups)))
}

fn find(text: &Val, pattern: &Val, flags: &Val, (between, groups): (bool, bool)) -> jaq_json::ValR {
    let words = |value: &Val| {
        let bytes = value.as_utf8_bytes().ok_or_else(|| Error::typ(value.clone(), "string"))?;
        Ok::<_, jaq_json::Error>(String::from_utf8_lossy(bytes).into_owned())
    };
    let (text, pattern, flags) = (words(text)?, words(pattern)?, words(flags)?);
    let pattern = regex::RegexBuilder::new(&pattern)
        .case_insensitive(flags.contains('i'))
        .ignore_whitespace(flags.contains('x'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(4 << 20)
        .build()
        .map_err(Error::str)?;
    let most = if flags.contains('g') { usize::MAX } else { 1 };
    let (mut list, mut after) = (Vec::new(), 0);
    for captures in pattern.captures_iter(&text).take(most) {
        let whole = captures.get(0).expect("a match has a whole");
        if between {
            list.push(Val::from(text[after..whole.start()].to_owned()));
            after = whole.end();
        }
        if groups {
            let found = captures.iter().zip(pattern.capture_names()).filter_map(|(group, name)| Some((group?, name)));
            list.push(found.map(|(group, name)| described(&text, group, name)).collect());
        }
    }
    if between {
        list.push(Val::from(text[after..].to_owned()));
    }
    Ok(list.into_iter().collect())
}

/// Offsets and lengths in characters, as jq counts.
fn described(text: &str, group: regex::Match<'_>, name: Option<&str>) -> Val {
    let count = |text: &str| Val::from(text.chars().count());
    let mut members = vec![
        ("offset", count(&text[..group.start()])),
        ("length", count(group.as_str())),
        ("string", Val::from(group.as_str().to_owned())),
    ];
    members.extend(name.map(|name| ("name", Val::from(name.to_owned()))));
    Val::obj(members.into_iter().map(|(name, member)| (Val::from(name.to_owned()), member)).collect())
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
