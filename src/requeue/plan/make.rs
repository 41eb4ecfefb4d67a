//! From letters of a log to a plan. Pure but for the filter's process: what the broker and the journal know
//! is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapidhash::{RapidHashMap, RapidHashSet};

use super::aws;
use super::rows;
use super::target::{Kind, To, target};
use super::{FORM, Item, LeftOut, Plan, Warning};
use crate::analysis::OnProgress;
use crate::analysis::dead_letters::{Config, Found, Kept, Letter, Location, context, dialects, groups, read};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::base::unusual::oddity;
use crate::input::codecs::bodies::Bodies;
use crate::input::sources::broker::PlaceInfo;
use crate::input::sources::outlet::{ID_HEADER, Target};
use crate::model::error::{Error, Place, Result};
use crate::model::ids::{EventIx, SourceIx};
use crate::model::message::is_dead_letter_name;
use crate::model::message::{HeaderValue, Message, Place as Lies, Timestamp, TimestampKind};
use crate::model::time::TimeNs;
use crate::requeue::edit::Edit;
use crate::requeue::{headers, ids};
use crate::store::snapshot::Snapshot;

/// What a person wants.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Of [`Plan::system`].
    pub system: String,
    /// In place of where the letters say that they belong.
    pub to: Option<To>,
    pub edit: Edit,
    pub rate: Option<f64>,
    pub canary: Vec<u32>,
    pub observe_ms: u64,
    /// Letters with a null value are sent too: they delete what has their key in a compacted topic.
    pub tombstones: bool,
    /// The message's own time in place of now.
    pub keep_timestamp: bool,
    /// RabbitMQ's death history goes back with the message.
    pub keep_death_history: bool,
    /// Letters that were put back before are put back once more.
    pub again: bool,
    /// RFC 3339, as the caller's clock has it.
    pub made_at: String,
}

/// What the journal knows of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts that ended with the message in its target.
    pub done: u32,
    /// The last of them, in words.
    pub last: String,
    /// It is on its way, or in doubt: in words.
    pub outstanding: Option<String>,
}

/// What others know.
pub struct Known<'a> {
    /// Topics and queues of the target's system; empty where it was not asked.
    pub places: &'a BTreeMap<String, PlaceInfo>,
    /// Of letters by their ids.
    pub attempts: &'a dyn Fn(&str) -> Attempts,
    /// Whether the letters of this source lie in the very system that messages are sent to.
    pub lies_there: &'a dyn Fn(SourceIx) -> bool,
    /// All letters of the log, to tell which have twins.
    pub letters: &'a [EventIx],
    /// How the bodies of a source are read.
    pub bodies: &'a dyn Fn(SourceIx) -> Arc<Bodies>,
}

/// Which letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    All,
    /// By the fingerprint's id.
    Group(String),
    /// Events of this log.
    Events(Vec<EventIx>),
    /// Numbers of events, their ids, or places: `orders-dlt/3/12`.
    Ids(Vec<String>),
}

/// The events of the letters that are chosen, in the log's order.
///
/// # Errors
/// A group or an id that no letter has.
pub fn choose(snapshot: &Snapshot, found: &Found, config: &Config, choice: &Choice) -> Result<Vec<EventIx>> {
    let next_step = "eventglass dead-letters lists groups with their fingerprints and events";
    let none = |what: String| Error::new(what, Place::Nowhere, next_step);
    match choice {
        Choice::All => Ok(found.entries.iter().map(|entry| entry.event).collect()),
        Choice::Group(id) => {
            let groups = groups(found, &config.groups);
            let group = groups.iter().find(|group| group.fingerprint.id == *id);
            let group = group.ok_or_else(|| none(format!("There is no group {id}")))?;
            Ok(group.entries.iter().filter_map(|&at| Some(found.entries.get(at as usize)?.event)).collect())
        }
        Choice::Events(events) => Ok(events.iter().copied().filter(|&event| found.entry(event).is_some()).collect()),
        Choice::Ids(ids) => {
            let mut events = Vec::new();
            for id in ids {
                let numbered = id.parse().ok().map(EventIx).filter(|&event| found.entry(event).is_some());
                let mut named = snapshot.find_event_id(id);
                named.retain(|&event| found.entry(event).is_some());
                if numbered.is_none() && named.is_empty() {
                    return Err(none(format!("There is no dead letter {id}")));
                }
                events.extend(numbered);
                events.extend(named);
            }
            events.sort_unstable();
            events.dedup();
            Ok(events)
        }
    }
}

/// One letter on its way into the plan.
struct Draft {
    event: EventIx,
    item: Item,
}

/// `on_progress` is told letters done and letters chosen. A plan with nothing to send is a plan too.
///
/// # Errors
/// An edit that makes no sense, and cancelling.
pub fn make(
    snapshot: &Snapshot,
    events: &[EventIx],
    config: &Config,
    request: &Request,
    known: &Known<'_>,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Result<Plan> {
    let cancelled = || Error::new("Cancelled", Place::Nowhere, "Start again");
    let (mut drafts, mut left_out) = (Vec::new(), Vec::new());
    let mut twins = Twins::new(snapshot, events, known);
    for (at, &event) in events.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        on_progress(at as u64, events.len() as u64);
        let mut from = String::new();
        match draft(snapshot, event, config, request, known, &mut twins, cancel, &mut from) {
            Ok(item) => drafts.push(Draft { event, item }),
            Err(why) => left_out.push(LeftOut { event: event.0, from, why }),
        }
    }
    if !request.edit.is_nothing() {
        let mut messages: Vec<Message> = drafts.iter().map(|draft| draft.item.message.clone()).collect();
        let source = |draft: &Draft| snapshot.source_of(draft.event).map(|(source, _)| source);
        let bodies = drafts.iter().map(|draft| source(draft).map_or_else(Arc::default, known.bodies));
        let bodies: Vec<Arc<Bodies>> = bodies.collect();
        let mut told = request.edit.apply(&mut messages, &bodies, cancel)?.into_iter().zip(messages);
        let replayed = Kind::of(&request.system) == Kind::Subscriptions;
        drafts.retain_mut(|draft| match told.next() {
            Some((Ok(true), _)) if matches!(draft.item.target, Target::Mark { .. }) => {
                let from = draft.item.letter.place.to_string();
                let why = "it goes back as it lies in its table: leave the edit away";
                left_out.push(LeftOut { event: draft.event.0, from, why: why.to_owned() });
                false
            }
            Some((Ok(true), _)) if replayed => {
                let why = "KurrentDB replays what it has stored: it cannot be changed".to_owned();
                left_out.push(LeftOut { event: draft.event.0, from: draft.item.letter.place.to_string(), why });
                false
            }
            Some((Ok(changed), message)) => {
                draft.item.edited = changed;
                draft.item.message = message;
                true
            }
            Some((Err(why), _)) => {
                let from = draft.item.letter.place.to_string();
                left_out.push(LeftOut { event: draft.event.0, from, why: format!("the edit does not fit it: {why}") });
                false
            }
            None => false,
        });
        left_out.sort_by_key(|left| left.event);
    }
    let mut plan = Plan {
        eventglass_plan: FORM,
        id: String::new(),
        made_at: request.made_at.clone(),
        system: request.system.clone(),
        rate: request.rate,
        canary: request.canary.clone(),
        observe_ms: request.observe_ms,
        notes: Vec::new(),
        items: drafts.into_iter().map(|draft| draft.item).collect(),
        left_out,
    };
    plan.notes = notes(&plan, known);
    plan.seal();
    Ok(plan)
}

/// Equal letters of RabbitMQ: how many were met, and which ones stay where they are.
struct Twins {
    met: RapidHashMap<String, usize>,
    staying: RapidHashSet<String>,
}

impl Twins {
    fn new(snapshot: &Snapshot, events: &[EventIx], known: &Known<'_>) -> Self {
        let chosen: RapidHashSet<EventIx> = events.iter().copied().collect();
        let in_queues = |message: &Message| matches!(message.place, Lies::Amqp(_));
        let any = events.first().and_then(|&event| message_of(snapshot, event).ok()).is_some_and(|m| in_queues(&m));
        let others = known.letters.iter().filter(|event| any && !chosen.contains(event));
        let staying = others.filter_map(|&event| {
            message_of(snapshot, event).ok().filter(in_queues).map(|message| ids::letter_id(&message))
        });
        Self { met: RapidHashMap::default(), staying: staying.collect() }
    }

    /// The letter's own id, and whether others like it stay.
    fn number(&mut self, message: &Message) -> (String, bool) {
        let id = ids::letter_id(message);
        if !matches!(message.place, Lies::Amqp(_)) {
            return (id, false);
        }
        let n = self.met.entry(id.clone()).or_insert(0);
        *n += 1;
        (ids::numbered(&id, *n - 1), self.staying.contains(&id))
    }
}

fn message_of(snapshot: &Snapshot, event: EventIx) -> std::result::Result<Message, String> {
    let record = snapshot.record(event).map_err(|_| "its record cannot be read again")?;
    let foreign = "its record is not a message as eventglass writes them: read it from its broker";
    // Other tools' records have some of these names too; what stands in the others would be lost.
    let members: BTreeMap<String, &serde_json::value::RawValue> =
        serde_json::from_slice(&record).map_err(|_| foreign)?;
    if let Some(row) = rows::message(&record) {
        return Ok(row);
    }
    if let Some(name) = members.keys().find(|name| !Message::MEMBERS.contains(&name.as_str())) {
        return Err(format!("{foreign} ({name} is no member of one)"));
    }
    let message = Message::read(&record).map_err(|wrong| format!("{foreign} ({wrong})"))?;
    if message.place == Lies::Nowhere && message.value.is_none() {
        return Err(foreign.to_owned());
    }
    Ok(message)
}

#[expect(clippy::too_many_arguments, reason = "all that is known of a letter comes together here, once")]
fn draft(
    snapshot: &Snapshot,
    event: EventIx,
    config: &Config,
    request: &Request,
    known: &Known<'_>,
    twins: &mut Twins,
    cancel: &Cancel,
    from: &mut String,
) -> std::result::Result<Item, String> {
    let (letter, seen) = read(snapshot, event, config).ok_or("it is no dead letter")?;
    let way_back = |foreign| dialects::way_back(&letter).map_or(foreign, str::to_owned);
    let letter_message = message_of(snapshot, event).map_err(way_back)?;
    *from = letter_message.place.to_string();
    let fingerprint = config.groups.of(&letter, &seen);
    let (letter_id, has_twins) = twins.number(&letter_message);
    let attempts = (known.attempts)(&letter_id);
    if let Some(words) = attempts.outstanding {
        return Err(words);
    }
    let in_queue = matches!(letter_message.place, Lies::Amqp(_));
    // What was put back is gone from its queue, so there an equal letter is another one.
    if attempts.done > 0 && !request.again && !in_queue {
        return Err(format!("it was put back already: {}", attempts.last));
    }
    let mut warnings = Vec::new();
    let mut warn = |code: &str, words: String| warnings.push(Warning { code: code.to_owned(), words });
    let carried = ids::header(&letter_message, headers::ATTEMPT_HEADER).and_then(|text| text.parse::<u32>().ok());
    let attempt = attempts.done.max(carried.unwrap_or(0)).saturating_add(1);
    if attempt > 1 {
        warn("came-back", format!("it failed again after being put back; this is attempt {attempt}"));
    }

    let (target, partition_why) = match rows::target(&request.system, &letter_message) {
        Some(of_row) => of_row?,
        None => target(&request.system, request.to.as_ref(), &letter, known.places)?,
    };
    refuse_circles(&target, &letter_message)?;
    // A subscription is no place of its own.
    if Kind::of(&request.system) != Kind::Subscriptions {
        check_target(&target, &letter, known.places, &mut warn);
    }

    let original = context::original_by_id(snapshot, event, &letter);
    let prefer_original = letter.pointer_only || letter.fidelity.headers == Kept::No && original.is_some();
    let mut from_original = false;
    let mut message = letter_message.clone();
    if prefer_original {
        // Only for pointers is the whole log searched: without the original there is nothing to send.
        let found = original.or_else(|| context::context(snapshot, event, &letter, cancel)?.original.map(|o| o.event));
        match found.map(|found| message_of(snapshot, found)) {
            Some(Ok(original)) => {
                message = Message { place: letter_message.place.clone(), timestamp: message.timestamp, ..original };
                from_original = true;
            }
            _ if letter.pointer_only => {
                let at = letter.origin.as_ref().map_or_else(String::new, |origin| format!(" ({origin})"));
                return Err(format!("it only points to its original{at}, which is not in this log: open that too"));
            }
            _ => {}
        }
    }
    let kept_history = request.keep_death_history;
    let mut stripped = headers::strip(&mut message, headers::added(&seen, config, kept_history));
    if from_original {
        // They were the letter's; the original never had them.
        stripped = letter_message.headers.iter().map(|(name, _)| name.clone()).collect();
    }
    fit(&mut message, &target, Kind::of(&request.system), &mut warn);
    if message.value.is_none() {
        if !request.tombstones {
            return Err(
                "its value is null: in a compacted topic it deletes what has its key. Allow it separately".into()
            );
        }
        warn("tombstone", "its value is null: in a compacted topic it deletes what has its key".to_owned());
    }
    message.timestamp = None;
    if request.keep_timestamp {
        let ms = letter.original_time.map(|TimeNs(ns)| ns / 1_000_000);
        message.timestamp = ms.map(|ms| Timestamp { ms, kind: TimestampKind::Create }).or(letter_message.timestamp);
        let words = "its old time may be deleted at once by the topic's retention, or refused".to_owned();
        warn("old-timestamp", words);
    }
    let around = context::entities(snapshot, event, &letter, original, cancel).unwrap_or_default();
    for around in around.iter().filter(|around| around.later > 0) {
        let later = plural(around.later, "later event", "later events");
        let words = format!("{}:{} has {later}: it comes after them", around.name.kind, around.name.id);
        warn("later-events", words);
    }
    let settles = snapshot.source_of(event).is_some_and(|(source, _)| (known.lies_there)(source));
    Ok(Item {
        requeue_id: String::new(),
        letter_id,
        attempt,
        cause: fingerprint.cause(),
        fingerprint: fingerprint.id,
        target,
        partition_why,
        settles,
        has_twins,
        from_original,
        edited: false,
        stripped,
        warnings,
        letter: letter_message,
        message,
    })
}

/// What is sent to where it lies already would be found there for ever (AKHQ 745).
fn refuse_circles(target: &Target, letter: &Message) -> std::result::Result<(), String> {
    let lies = match (&letter.place, target) {
        (Lies::Kafka { topic, .. }, Target::Topic { name, .. }) => topic == name,
        (Lies::Amqp(place), Target::Queue { name }) => place.queue == *name,
        // What is pending moves to the end of its own stream.
        (Lies::Redis(place), Target::Queue { name }) => place.stream == *name && place.pending.is_none(),
        (Lies::Sqs(place), Target::Queue { name }) => place.queue == *name,
        (Lies::Amqp(place), Target::Exchange { name, routing_key }) => name.is_empty() && place.queue == *routing_key,
        _ => false,
    };
    if lies { Err("its target is where it lies already: give another one".to_owned()) } else { Ok(()) }
}

pub(super) fn check_target(
    target: &Target,
    letter: &Letter,
    places: &BTreeMap<String, PlaceInfo>,
    warn: &mut impl FnMut(&str, String),
) {
    let (Target::Topic { name, .. } | Target::Queue { name }) = target else { return };
    if let Some(odd) = oddity(name) {
        warn("odd-name", format!("{name} {odd}"));
    }
    if is_dead_letter_name(name) {
        warn("dead-letter-name", format!("{name} is named as if dead letters lay there"));
    }
    if !places.is_empty() && !places.contains_key(name) {
        warn("no-such-place", format!("there is no {name}, as far as can be seen"));
    }
    let Target::Topic { partition: None, .. } = target else { return };
    let gone = match (&letter.origin, places.get(name).and_then(|info| info.partitions)) {
        (Some(Location::Topic { name: origin, partition: Some(n), .. }), Some(there)) => {
            origin == name && *n >= i64::from(there)
        }
        _ => false,
    };
    if gone {
        warn("partition-count", format!("{name} has fewer partitions than when it failed: keys lie elsewhere now"));
    }
}

/// Brings a message into the form that its target's system can hold.
fn fit(message: &mut Message, target: &Target, kind: Kind, warn: &mut impl FnMut(&str, String)) {
    aws::forget_looks(message);
    if let Lies::Kurrent(place) = &message.place
        && place.metadata.is_some()
        && !matches!((target, kind), (Target::File { .. }, _) | (_, Kind::Subscriptions))
    {
        warn("no-metadata", "its metadata is not sent: other systems have headers".to_owned());
    }
    match target {
        Target::Queue { .. } if kind == Kind::Subscriptions => {}
        Target::Topic { .. } | Target::Queue { .. } if matches!(kind, Kind::SqsQueues | Kind::SnsTopics) => {
            aws::fit(message, kind, warn);
        }
        Target::Topic { .. } => {
            without_types(message, |value| *value != HeaderValue::Null, "Kafka's have no types", warn);
        }
        Target::Queue { .. } if kind == Kind::Streams => {
            without_types(message, |_| true, "Redis's fields have no types and no nulls", warn);
        }
        Target::Queue { .. } | Target::Exchange { .. } => {
            if message.key.take().is_some() {
                warn("no-key", "its key is not sent: RabbitMQ's messages have none".to_owned());
            }
            if !matches!(message.place, Lies::Amqp(_)) {
                message.place = Lies::Amqp(Box::default());
            }
        }
        Target::File { .. } | Target::Mark { .. } => {}
    }
}

/// Headers of these types become text.
pub(super) fn without_types(
    message: &mut Message,
    is_meant: impl Fn(&HeaderValue) -> bool,
    why: &str,
    warn: &mut impl FnMut(&str, String),
) {
    let typed = |value: &HeaderValue| !matches!(value, HeaderValue::Bytes(_)) && is_meant(value);
    let n = message.headers.iter().filter(|(_, value)| typed(value)).count() as u64;
    if n > 0 {
        warn("typed-headers", format!("{} become text: {why}", plural(n, "header", "headers")));
    }
    for (_, value) in message.headers.iter_mut().filter(|(_, value)| typed(value)) {
        *value = HeaderValue::from(value.as_text().into_owned());
    }
}

/// What is to be known of the plan as a whole.
fn notes(plan: &Plan, known: &Known<'_>) -> Vec<String> {
    let mut targets: BTreeMap<&str, u64> = BTreeMap::new();
    for item in &plan.items {
        if let Target::Topic { name, .. } | Target::Queue { name } = &item.target {
            *targets.entry(name).or_default() += 1;
        }
    }
    let mut notes = Vec::new();
    for (name, n) in targets {
        let Some(info) = known.places.get(name).filter(|info| info.readers.len() > 1) else { continue };
        let readers: Vec<&str> = info.readers.iter().map(|reader| reader.name.as_str()).collect();
        let (n, all) = (plural(n, "message", "messages"), count(readers.len() as u64));
        notes.push(format!("{n} for {name} will be seen again by {all} readers: {}", readers.join(", ")));
    }
    let returned = plan.items.iter().filter(|item| ids::header(&item.letter, ID_HEADER).is_some()).count() as u64;
    if returned > 0 {
        notes.push(format!("{} failed again after being put back", plural(returned, "letter", "letters")));
    }
    notes
}
