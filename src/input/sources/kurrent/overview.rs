//! What a server holds, and a connection tried step by step.

use std::collections::{BTreeMap, BTreeSet};

use kurrentdb::{PersistentSubscriptionInfo, ResolvedEvent, RevisionOrPosition};

use super::event::{at, names};
use super::link::{Failure, Link, Question, Reader as Takes, Start};
use super::plan::subscriptions;
use super::settings::{ALL, Settings};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::input::sources::broker::steps::Steps;
use crate::input::sources::broker::{Overview, PlaceInfo, Reader, Step, Url, place};
use crate::model::error::{Error, Result};
use crate::model::message::{is_dead_letter_name, parked_stream};

/// The projection that names all streams.
const STREAMS: &str = "$streams";

/// Streams that are listed at most, the newest first.
const MOST_STREAMS: usize = 1000;

/// Streams of which it is asked how long they are, one question each.
const MOST_COUNTED: usize = 200;

/// Events at the end of `$all` that tell streams where the projection does not run.
const SAMPLE: u64 = 2000;

pub(super) fn overview(url: &Url, cancel: &Cancel) -> Result<Overview> {
    let settings = Settings::read(url)?;
    let link = Link::connect(&settings)?;
    let mut notes = Vec::new();
    let mut streams = named(&link, &mut notes, cancel)?;
    let groups = subscriptions(&link).unwrap_or_else(|failure| {
        notes.push(format!("Persistent subscriptions are not told: {}", failure.words()));
        Vec::new()
    });
    for info in &groups {
        if info.event_source != ALL && !streams.contains(&info.event_source) {
            streams.push(info.event_source.clone());
        }
    }
    let categories = categories(&streams);
    streams.sort_unstable();
    let ahead = [ALL.to_owned()].into_iter().chain(categories);
    let mut places = Vec::new();
    let mut asked = 0;
    for stream in ahead.chain(streams) {
        if cancel.is_cancelled() {
            return Err(Error::new("Cancelled", place(url), "List them again"));
        }
        let mut info = PlaceInfo {
            url: settings.url_of(&stream).to_string(),
            internal: stream.starts_with('$') && stream != ALL && !stream.starts_with("$ce-"),
            dead_letters: is_dead_letter_name(&stream),
            readers: groups.iter().filter(|info| info.event_source == stream).map(reader).collect(),
            name: stream,
            ..PlaceInfo::default()
        };
        if info.name != ALL && asked < MOST_COUNTED {
            asked += 1;
            match length(&link, &info.name, cancel) {
                Ok(length) => info.messages = Some(length),
                // A category whose projection does not run, a stream that is gone.
                Err(failure) if failure.is_missing() || failure.is_deleted() => {
                    if info.name.starts_with('$') {
                        continue;
                    }
                    "deleted".clone_into(&mut info.keeps);
                }
                Err(failure) if failure.is_denied() => "may not be read".clone_into(&mut info.keeps),
                Err(_) => {}
            }
        }
        places.push(info);
    }
    if places.len() > MOST_COUNTED {
        notes.push(format!("Only {} streams were asked how many events they have", count(MOST_COUNTED as u64)));
    }
    places.extend(groups.iter().filter(|info| info.stats.parked_message_count > 0).map(|info| parked(&settings, info)));
    Ok(Overview { system: system(&link), places, notes })
}

/// The parked messages of a persistent subscription.
fn parked(settings: &Settings, info: &PersistentSubscriptionInfo<RevisionOrPosition>) -> PlaceInfo {
    PlaceInfo {
        name: parked_stream(&info.event_source, &info.group_name),
        url: settings.url_of_parked(&info.event_source, &info.group_name),
        messages: Some(info.stats.parked_message_count as u64),
        keeps: format!("parked by {}", info.group_name),
        dead_letters: true,
        ..PlaceInfo::default()
    }
}

fn reader(info: &PersistentSubscriptionInfo<RevisionOrPosition>) -> Reader {
    let stats = &info.stats;
    let lag = stats.last_known_event_revision.zip(stats.last_checkpointed_event_revision);
    let mut state = info.status.clone();
    for (n, word) in [
        (stats.parked_message_count, "parked"),
        (stats.outstanding_messages_count, "outstanding"),
        (stats.retry_buffer_count, "waiting to be retried"),
    ] {
        if n > 0 {
            state = format!("{state}, {} {word}", count(n as u64));
        }
    }
    Reader {
        name: info.group_name.clone(),
        members: u32::try_from(info.connections.len()).unwrap_or(u32::MAX),
        lag: lag.map(|(known, done)| known.saturating_sub(done)),
        state,
    }
}

/// `KurrentDB 26.0.1`, `EventStoreDB 23.10.0`
fn system(link: &Link) -> String {
    let major = link.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        // It got its new name with version 25.
        Some(major) if major < 25 => format!("EventStoreDB {}", link.version),
        Some(_) => format!("KurrentDB {}", link.version),
        None => "KurrentDB".to_owned(),
    }
}

/// Streams by the projection of all, else those of the last events.
fn named(link: &Link, notes: &mut Vec<String>, cancel: &Cancel) -> Result<Vec<String>> {
    let mut found = Found { names: BTreeSet::new(), cancel };
    let question = Question {
        stream: STREAMS.to_owned(),
        from: Start::End,
        backwards: true,
        most: Some(MOST_STREAMS as u64),
        filter: None,
        resolve: false,
    };
    match link.read(&question, &mut found) {
        Ok(()) if found.names.len() >= MOST_STREAMS => {
            notes.push(format!("The {} newest streams; older ones open by their name", count(MOST_STREAMS as u64)));
        }
        Ok(()) if !found.names.is_empty() => {}
        // The projection does not run, or its stream may not be read.
        Ok(()) | Err(Failure::Client(_)) => {
            let filter = kurrentdb::SubscriptionFilter::on_event_type().exclude_system_events();
            let question = Question { stream: ALL.to_owned(), most: Some(SAMPLE), filter: Some(filter), ..question };
            let words = format!("streams of the last {} events", count(SAMPLE));
            match link.read(&question, &mut found) {
                Ok(()) => notes.push(format!("Only {words}: the projection $streams tells all, and cannot be read")),
                Err(failure) => return Err(link.explain("list streams", &failure)),
            }
        }
        Err(failure) => return Err(link.explain("list streams", &failure)),
    }
    Ok(found.names.into_iter().collect())
}

/// Names of streams in links and events.
struct Found<'a> {
    names: BTreeSet<String>,
    cancel: &'a Cancel,
}

impl Takes for Found<'_> {
    fn event(&mut self, read: ResolvedEvent) -> Result<bool> {
        let link = read.event.as_ref().filter(|event| event.event_type == super::event::LINK);
        // `0@account-1`
        let linked =
            link.map(|link| String::from_utf8_lossy(&link.data).split_once('@').map(|(_, name)| name.to_owned()));
        let name = match linked {
            Some(name) => name,
            None => names(&read).map(|(_, stream)| stream),
        };
        self.names.extend(name);
        Ok(!self.cancel.is_cancelled())
    }

    fn tick(&mut self) -> bool {
        !self.cancel.is_cancelled()
    }
}

/// `$ce-account` where several streams are named `account-…`.
fn categories(streams: &[String]) -> Vec<String> {
    let mut members: BTreeMap<&str, u32> = BTreeMap::new();
    for stream in streams.iter().filter(|stream| !stream.starts_with('$')) {
        if let Some((category, _)) = stream.split_once('-') {
            *members.entry(category).or_default() += 1;
        }
    }
    members.into_iter().filter(|(_, n)| *n > 1).map(|(category, _)| format!("$ce-{category}")).collect()
}

/// Events of a stream, by its first and last revision.
fn length(link: &Link, stream: &str, cancel: &Cancel) -> std::result::Result<u64, Failure> {
    let mut end = Question {
        stream: stream.to_owned(),
        from: Start::End,
        backwards: true,
        most: None,
        filter: None,
        resolve: false,
    };
    let Some(last) = link.first(&end, cancel)?.as_ref().and_then(at) else { return Ok(0) };
    (end.from, end.backwards) = (Start::First, false);
    let first = link.first(&end, cancel)?.as_ref().and_then(at).map_or(0, |first| first.revision);
    Ok(last.revision.saturating_sub(first).saturating_add(1))
}

/// Name, connection, encryption, login, metadata. Stops at the first that fails.
pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let settings = match Settings::read(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Step { name: "settings", result: Err(error) }],
    };
    let mut steps = Steps::default();
    // Names for discovery stand for several nodes.
    if !url.scheme.ends_with("+discover") && steps.reach(url, &settings.hosts(), "KurrentDB", cancel).is_none() {
        return steps.done();
    }
    let (encryption, good) = if settings.is_encrypted() {
        ("encryption", "The certificate is good")
    } else {
        ("encryption", "None: the address says tls=false")
    };
    let Some(link) = steps.add(encryption, Link::connect(&settings).map(|link| (link, good.to_owned()))) else {
        return steps.done();
    };
    let who = url.user.as_ref().map_or_else(|| "none".to_owned(), |user| format!("as {user}"));
    let stream = settings.parked_stream().unwrap_or_else(|| settings.stream.clone());
    let asked = if stream == ALL { read_all(&link, cancel) } else { length(&link, &stream, cancel).map(Some) };
    let failed = |failure: &Failure| Err(link.explain(&format!("read {stream}"), failure));
    let found = match asked {
        Err(failure) if failure.is_denied() => {
            steps.told("login", failed(&failure));
            return steps.done();
        }
        asked => asked,
    };
    steps.told("login", Ok(who));
    steps.told(
        "metadata",
        match found {
            Ok(Some(length)) => Ok(format!("{}; {stream}: {}", system(&link), plural(length, "event", "events"))),
            Ok(None) => Ok(system(&link)),
            // Nothing was parked yet.
            Err(failure) if failure.is_missing() && settings.window.parked.is_some() => {
                Ok(format!("{}; nothing is parked", system(&link)))
            }
            Err(failure) => failed(&failure),
        },
    );
    steps.done()
}

fn read_all(link: &Link, cancel: &Cancel) -> std::result::Result<Option<u64>, Failure> {
    let last = Question {
        stream: ALL.to_owned(),
        from: Start::End,
        backwards: true,
        most: None,
        filter: None,
        resolve: false,
    };
    link.first(&last, cancel).map(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_told_by_names() {
        let names = ["account-1", "account-2", "order-1", "orders", "$ce-x", "$a-1", "$a-2"];
        assert_eq!(categories(&names.map(str::to_owned)), ["$ce-account"]);
    }
}
