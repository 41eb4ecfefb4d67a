//! The streams of a database: how long and large they are, which groups read them and how far those are.

use redis::{Cmd, Value, cmd};

use super::link::Link;
use super::settings::Settings;
use super::streams::{self, MOST_STREAMS, facts_of};
use super::value::{list, member, members, number, text};
use crate::base::cancel::Cancel;
use crate::base::text::{count, duration_ns, plural};
use crate::input::sources::broker::{Overview, PlaceInfo, Reader, Url, place};
use crate::model::error::{Error, Result};
use crate::model::message::{EntryId, is_dead_letter_name};

/// Streams asked about at once.
const PAGE: usize = 100;

pub(super) fn overview(url: &Url, cancel: &Cancel) -> Result<Overview> {
    let settings = Settings::read(url)?;
    let mut link = Link::connect(&settings)?;
    let found = streams::find(&mut link, &[], || cancel.is_cancelled())?;
    let mut notes = Vec::new();
    if !found.whole {
        notes.push(format!("More than {} streams; the others are not shown", count(MOST_STREAMS as u64)));
    }
    if found.nameless > 0 {
        let streams = plural(found.nameless, "stream has a name that is", "streams have names that are");
        notes.push(format!("{streams} no UTF-8, which no address can tell"));
    }
    let mut places = Vec::new();
    for page in found.names.chunks(PAGE) {
        if cancel.is_cancelled() {
            return Err(Error::new("Cancelled", place(url), "List them again"));
        }
        let commands: Vec<Cmd> = page.iter().flat_map(|stream| questions(stream)).collect();
        let answers = link.ask_all(&commands, || ()).map_err(|failure| link.explain("look at streams", &failure))?;
        let mut answers = answers.into_iter();
        for stream in page {
            let (facts, memory, groups) = (answers.next(), answers.next(), answers.next());
            let said = |answer: Option<redis::RedisResult<Value>>| answer.and_then(std::result::Result::ok);
            // What is gone in between is no stream any more.
            let Some(facts) = said(facts) else { continue };
            let groups = said(groups).map(list).unwrap_or_default();
            places.push(info(&link.settings, stream, facts, said(memory), groups));
        }
    }
    for place in &mut places {
        idle(&mut link, place);
    }
    let version = if link.version.is_empty() { "Redis".to_owned() } else { format!("Redis {}", link.version) };
    let system = if link.is_cluster() { format!("{version}, a cluster") } else { version };
    notes.push(format!("Streams of database {}; size is the memory that one takes", settings.database));
    Ok(Overview { system, places, notes })
}

fn questions(stream: &str) -> [Cmd; 3] {
    [
        cmd("XINFO").arg("STREAM").arg(stream).take(),
        cmd("MEMORY").arg("USAGE").arg(stream).take(),
        cmd("XINFO").arg("GROUPS").arg(stream).take(),
    ]
}

fn info(settings: &Settings, stream: &str, facts: Value, memory: Option<Value>, groups: Vec<Value>) -> PlaceInfo {
    let facts = facts_of(facts);
    let ends = facts.first_entry.zip(facts.last_entry);
    let keeps = ends.map_or_else(|| "empty".to_owned(), |(first, last)| format!("{first} to {last}"));
    PlaceInfo {
        name: stream.to_owned(),
        url: settings.url_of(stream),
        messages: Some(facts.length),
        bytes: memory.as_ref().and_then(number),
        partitions: None,
        keeps,
        readers: groups.into_iter().filter_map(|group| reader(group, facts.last)).collect(),
        dead_letters: is_dead_letter_name(stream),
        internal: false,
    }
}

/// A group. Redis says its lag since 7.0, and only where nothing was deleted in between.
fn reader(group: Value, last: EntryId) -> Option<Reader> {
    let members = members(group);
    let whole = |name: &str| member(&members, name).as_ref().and_then(number);
    let delivered = member(&members, "last-delivered-id").and_then(super::value::id);
    let at_end = delivered.is_some_and(|delivered| delivered >= last);
    Some(Reader {
        name: member(&members, "name").and_then(text)?,
        members: whole("consumers").and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        lag: whole("lag").or(at_end.then_some(0)),
        state: match whole("pending") {
            None | Some(0) => "none pending".to_owned(),
            Some(pending) => format!("{} pending", count(pending)),
        },
    })
}

/// How long what a group has pending has been idle: the oldest entry stands for all.
fn idle(link: &mut Link, place: &mut PlaceInfo) {
    for reader in place.readers.iter_mut().filter(|reader| reader.state != "none pending") {
        let first = link.ask(cmd("XPENDING").arg(&place.name).arg(&reader.name).arg("-").arg("+").arg(1));
        let first = first.ok().and_then(|answer| list(answer).into_iter().next());
        if let Some((_, pending)) = first.and_then(super::pending::of_entry) {
            let ns = i64::try_from(pending.idle_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            let times = plural(pending.deliveries, "delivery", "deliveries");
            reader.state = format!("{}, the oldest idle for {} after {times}", reader.state, duration_ns(ns));
        }
    }
}
