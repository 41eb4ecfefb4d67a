//! What the right side says of one letter: read on the panel's own thread, drawn each frame.

use crate::analysis::dead_letters::context::{Around, Context, context};
use crate::analysis::dead_letters::{
    Config, Evidence, Fidelity, Fingerprint, Kept, Letter, Location, Stage, dialects, read,
};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::gui::panels::parts::header::HeaderLine;
use crate::gui::panels::parts::preview::one_line;
use crate::model::envelope::NamedId;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::requeue::ids::letter_id;
use crate::requeue::plan::{Attempts, letter_of};
use crate::store::snapshot::Snapshot;

/// Lines of a stack trace that are laid out; the rest is said.
const STACK_LINES: usize = 200;

/// A line of the letter: what, and how sure.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub name: &'static str,
    pub value: Value,
    /// Not as it should be, or not sure.
    pub doubtful: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Code(String),
    Time(TimeNs),
}

/// One letter, ready to be drawn.
#[derive(Clone, Debug)]
pub struct LetterView {
    pub class: Option<String>,
    pub message: String,
    /// What must be known before anything is done with it.
    pub warning: Option<String>,
    /// Where it would go back to.
    pub target: Option<String>,
    /// What notes and the archive know it by; none where its record is no message.
    pub subject: Option<String>,
    /// The topic or queue that it lies in, where it does not say itself where it came from.
    pub without_origin: Option<String>,
    pub facts: Vec<Fact>,
    pub fingerprint: Fingerprint,
    /// The message before it failed: how it was found, and whether its value is the letter's.
    pub original: Option<(EventIx, &'static str, bool)>,
    pub around: Vec<Around>,
    pub correlation: Option<NamedId>,
    /// Headers that dead-lettering added, and the message's own.
    pub added: Vec<HeaderLine>,
    pub own: Vec<HeaderLine>,
    pub stack: Vec<String>,
    pub more_stack: usize,
    pub whole_stack: String,
}

impl LetterView {
    /// Adds what the journal of requeues knows of the letter.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Option<Attempts>) -> Self {
        let Some(attempts) = attempts else { return self };
        let fact = |name, text: String, doubtful| Fact { name, value: Value::Text(text), doubtful };
        if let Some(words) = attempts.outstanding {
            self.facts.insert(0, fact("requeue", words, true));
        }
        if attempts.done > 0 {
            self.facts.insert(0, fact("put back", attempts.last, false));
        }
        self
    }

    /// `None` where the event is no letter, or the job is cancelled.
    #[must_use]
    pub fn read(snapshot: &Snapshot, event: EventIx, config: &Config, cancel: &Cancel) -> Option<Self> {
        let (letter, seen) = read(snapshot, event, config)?;
        let Context { original, entities, .. } = context(snapshot, event, &letter, cancel)?;
        let correlation = snapshot.envelope(event).ok().and_then(|envelope| envelope.correlations.into_iter().next());
        let lines = |added: bool| {
            let headers = seen.headers.iter().filter(|(name, _)| dialects::is_added(&letter, name, config) == added);
            headers.map(|(name, value)| HeaderLine::new(name, value)).collect::<Vec<_>>()
        };
        let (added, own) = (lines(true), lines(false));
        let whole_stack = letter.cause.stack.clone().unwrap_or_default();
        let stack: Vec<String> = whole_stack.lines().take(STACK_LINES).map(stack_line).collect();
        Some(Self {
            class: letter.cause.class().map(|class| one_line(class, 120)),
            message: headline(&letter),
            warning: warning(&letter, original.is_some()),
            target: letter.target.as_ref().ok().map(|target| one_line(target.name(), 40)),
            subject: snapshot.record(event).ok().and_then(|record| letter_of(&record)).as_ref().map(letter_id),
            without_origin: letter
                .location
                .as_ref()
                .filter(|_| letter.origin.is_none())
                .map(|location| location.name().to_owned()),
            facts: facts(&letter),
            fingerprint: config.groups.of(&letter, &seen),
            original: original.map(|original| {
                let same = payload(snapshot, original.event).is_some_and(|of| Some(of) == payload(snapshot, event));
                (original.event, original.by, same)
            }),
            around: entities,
            correlation,
            added,
            own,
            more_stack: whole_stack.lines().count() - stack.len(),
            stack,
            whole_stack,
        })
    }
}

fn payload(snapshot: &Snapshot, event: EventIx) -> Option<String> {
    let (source, _) = snapshot.source_of(event)?;
    snapshot.sources().get(source.at())?.decode.data_json(&snapshot.record(event).ok()?)
}

/// Tabs as they are in traces, everything else visible.
fn stack_line(line: &str) -> String {
    let inside = line.trim_start();
    let indent = if inside.len() < line.len() { "    " } else { "" };
    format!("{indent}{}", one_line(inside, 400))
}

fn headline(letter: &Letter) -> String {
    let cause = &letter.cause;
    let text = cause.message.as_deref().or(if cause.class().is_some() { None } else { cause.reason.as_deref() });
    match text {
        Some(text) => one_line(text, 600),
        None if cause.class().is_some() => String::new(),
        None => "No cause is recorded".to_owned(),
    }
}

fn warning(letter: &Letter, has_original: bool) -> Option<String> {
    if letter.pointer_only {
        let place = letter.origin.as_ref().map_or_else(|| "its origin".to_owned(), Location::to_string);
        let open = if has_original { "It is in this log." } else { "It is not in this log." };
        return Some(format!("Only a pointer: key and value were not copied. The original lies at {place}. {open}"));
    }
    match letter.stage {
        Stage::Retrying => Some("It waits to be tried again: its consumer does that by itself.".to_owned()),
        Stage::PutBack => Some("It was put back, with the letter's headers still on it.".to_owned()),
        Stage::Dead if letter.undecoded.is_empty() => None,
        Stage::Dead => Some(format!("No number could be read from {}.", letter.undecoded.join(", "))),
    }
}

fn facts(letter: &Letter) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name, value, doubtful| facts.push(Fact { name, value, doubtful });
    let code = |text: &str| Value::Code(one_line(text, 200));
    let label = dialects::named(&letter.dialect).map_or(letter.dialect.as_str(), |dialect| dialect.label);
    match &letter.origin {
        Some(origin) => add("from", code(&origin.to_string()), false),
        None => add("from", Value::Text("unknown".to_owned()), true),
    }
    match &letter.target {
        Ok(target) => add("back to", code(&target.to_string()), false),
        Err(why) => add("back to", Value::Text((*why).to_owned()), true),
    }
    let known = match letter.evidence {
        Evidence::Headers => format!("the headers of {label}"),
        Evidence::Body => format!("its form: {label}"),
        Evidence::Name => "the name of its topic or queue alone".to_owned(),
    };
    add("known by", Value::Text(known), letter.evidence == Evidence::Name);
    if let Some(wrapper) = letter.cause.wrapper.as_deref().filter(|wrapper| Some(*wrapper) != letter.cause.class()) {
        add("wrapped in", code(wrapper), false);
    }
    if let Some(reason) = &letter.cause.reason {
        add("reason", code(reason), false);
    }
    if let Some(consumer) = &letter.consumer {
        add("consumer", code(consumer), false);
    }
    if let Some(attempts) = letter.attempts {
        add("attempts", Value::Text(count(attempts)), false);
    }
    if let Some(at) = letter.failed_at {
        add("failed", Value::Time(at), false);
    }
    if let Some(at) = letter.original_time {
        add("produced", Value::Time(at), false);
    }
    if let Some(location) = &letter.location {
        add("lies at", code(&location.to_string()), false);
    }
    for failure in &letter.history {
        let place = failure.location.as_ref().map_or_else(String::new, Location::to_string);
        let reason = failure.reason.as_deref().map_or_else(String::new, |reason| format!(", {reason}"));
        let times = failure.count.filter(|n| *n > 1).map_or_else(String::new, |n| format!(", {} times", count(n)));
        add("failure", code(&format!("{place}{reason}{times}")), false);
    }
    add("survived", Value::Text(kept(letter.fidelity)), false);
    facts
}

/// What of the original survived, in words.
fn kept(fidelity: Fidelity) -> String {
    let parts =
        [("key", fidelity.key), ("value", fidelity.value), ("headers", fidelity.headers), ("time", fidelity.timestamp)];
    let with =
        |wanted: Kept| parts.iter().filter(|(_, kept)| *kept == wanted).map(|(name, _)| *name).collect::<Vec<_>>();
    let mut words = Vec::new();
    for (kept, what) in [(Kept::Yes, "unchanged"), (Kept::Perhaps, "perhaps written anew"), (Kept::No, "lost")] {
        let names = with(kept);
        if !names.is_empty() {
            words.push(format!("{what}: {}", names.join(", ")));
        }
    }
    words.join("; ")
}

/// `2 events since`
#[must_use]
pub fn later_words(around: &Around) -> String {
    match around.later {
        0 => "no events since".to_owned(),
        n => format!("{} since", plural(n, "event", "events")),
    }
}
