//! Where messages are to go, as a person says it, and the plan that comes of it: the steps that command line
//! and window share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::plan::{self, Attempts, Item, Known, Request, Target, To, parse_target};
use super::{Journal, Plan, system};
use crate::analysis::OnProgress;
use crate::analysis::dead_letters::{Config, Found};
use crate::base::cancel::Cancel;
use crate::base::json;
use crate::input::codecs::bodies::{Answer, Bodies, Body};
use crate::input::sources::broker::{self, PlaceInfo, Url};
use crate::input::sources::records;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::{EventIx, SourceIx};
use crate::model::message::{Message, SchemaName};
use crate::store::snapshot::Snapshot;

/// Where messages go.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// Of [`Plan::system`].
    pub system: String,
    /// The system's address, with its password where it was typed; none for files.
    pub url: Option<Url>,
    /// The target that was named; without one each letter goes back to where it came from.
    pub to: Option<To>,
}

/// `to` is a place in the only broker among `sources`, another system's address, `file:PATH`, or nothing.
///
/// # Errors
/// Where nobody can tell to which system messages go.
pub fn aim<'a>(to: Option<&str>, sources: impl Iterator<Item = &'a str>) -> Result<Aim> {
    if let Some(path) = to.and_then(|to| to.strip_prefix(records::SCHEME)) {
        // The run may be started from another folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        return Ok(Aim { system: format!("{}{}", records::SCHEME, path.display()), url: None, to: None });
    }
    if let Some(address) = to.filter(|to| broker::is_url(to)) {
        let url = Url::parse(address)?;
        broker::of(&url)?;
        let (system, name) = system::of(&url);
        return Ok(Aim { system, url: Some(url), to: name.map(To::Name) });
    }
    let mut systems: BTreeMap<String, Url> = BTreeMap::new();
    for address in sources.filter(|source| broker::is_url(source)) {
        let url = Url::parse(address)?;
        broker::of(&url)?;
        systems.entry(system::of(&url).0).or_insert(url);
    }
    let next_step = "Say where messages go: kafka://host:9092, amqp://host/vhost, file:OUT.ndjson";
    let mut systems = systems.into_iter();
    let (Some((system, url)), None) = (systems.next(), systems.next()) else {
        return Err(Error::new("Which system messages go to cannot be told", Place::Nowhere, next_step));
    };
    Ok(Aim { system, url: Some(url), to: to.map(parse_target) })
}

/// A plan, and what could not be asked on the way.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub plan: Arc<Plan>,
    /// Topics, queues and the like that messages go to, each once, without partitions.
    pub targets: Vec<String>,
    /// What the first messages say, where a codec reads their bodies: as many as there are, at most [`VIEWED`].
    pub views: Vec<Option<View>>,
    pub warnings: Vec<Error>,
}

/// A body that a codec reads, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// `Avro in gzip`
    pub written_in: String,
    /// `shop.OrderPlaced, id 7, version 3 of orders-value`; empty where there is none.
    pub schema: String,
    pub before: String,
    pub after: String,
}

/// Most messages of a plan whose bodies are read for people.
pub const VIEWED: usize = 1000;

impl View {
    /// None where the body is shown as it is.
    fn of(item: &Item, bodies: &Bodies) -> Option<Self> {
        let read = |message: &Message| {
            let body = Body::of(message)?;
            let is_json = || std::str::from_utf8(body.bytes).is_ok_and(json::is_json);
            if !bodies.wants(body.place) && is_json() {
                return None;
            }
            let Answer { json, decoding } = bodies.read(body)?;
            Some((String::from_utf8(json?).ok()?, decoding))
        };
        let (before, decoding) = read(&item.letter)?;
        let after = if item.letter.value == item.message.value {
            before.clone()
        } else {
            // The message has lost the letter's place, which tells how its topic is read.
            read(&Message { place: item.letter.place.clone(), ..item.message.clone() })?.0
        };
        let schema = decoding.schema.as_ref();
        let registered = schema.and_then(SchemaName::registered);
        let names = schema.map(|schema| schema.name.clone()).into_iter().chain(registered);
        let schema = names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ");
        Some(Self { written_in: decoding.written_in()?, schema, before, after })
    }
}

/// Asks the target's system and the journal what they know and makes the plan. `url` has its password.
///
/// # Errors
/// An edit that makes no sense, a journal that cannot be read, cancelling.
#[expect(clippy::too_many_arguments, reason = "all that a plan depends on, used once by each of two callers")]
pub fn draw_up(
    snapshot: &Snapshot,
    found: &Found,
    events: &[EventIx],
    config: &Config,
    request: &Request,
    url: Option<&Url>,
    journal: Option<&Path>,
    bodies: &dyn Fn(&str) -> Result<Bodies>,
    cancel: &Cancel,
    on_progress: OnProgress<'_>,
) -> Result<Drawn> {
    let mut warnings = Vec::new();
    let usual: Arc<Bodies> = Arc::default();
    let mut opened = Vec::new();
    for source in snapshot.sources() {
        opened.push(match broker::is_url(&source.address).then(|| bodies(&source.address)) {
            Some(Ok(bodies)) => Arc::new(bodies),
            Some(Err(error)) => {
                warnings.push(error);
                Arc::clone(&usual)
            }
            None => Arc::clone(&usual),
        });
    }
    let bodies = |source: SourceIx| Arc::clone(opened.get(source.at()).unwrap_or(&usual));
    let places = places(url, cancel, &mut warnings);
    // A journal that is not there yet knows nothing.
    let journal = journal.filter(|path| path.is_file()).map(Journal::open).transpose()?;
    let attempts = |letter: &str| journal.as_ref().map_or_else(Attempts::default, |journal| journal.attempts(letter));
    let lies_there = |source: SourceIx| {
        let address = snapshot.sources().get(source.at()).map_or("", |source| source.address.as_str());
        system::same(&request.system, address)
    };
    let letters: Vec<EventIx> = found.entries.iter().map(|entry| entry.event).collect();
    let known =
        Known { places: &places, attempts: &attempts, lies_there: &lies_there, letters: &letters, bodies: &bodies };
    let plan = plan::make(snapshot, events, config, request, &known, cancel, on_progress)?;
    let targets: BTreeSet<String> = plan.items.iter().map(|item| place_name(&item.target)).collect();
    let left_out: BTreeSet<u64> = plan.left_out.iter().map(|left| left.event).collect();
    let sent = events.iter().filter(|event| !left_out.contains(&event.0)).zip(&plan.items).take(VIEWED);
    let view = |(&event, item): (&EventIx, &Item)| {
        let (source, _) = snapshot.source_of(event)?;
        View::of(item, &bodies(source))
    };
    let views = sent.map(view).collect();
    Ok(Drawn { plan: Arc::new(plan), targets: targets.into_iter().collect(), views, warnings })
}

fn place_name(target: &Target) -> String {
    match target {
        Target::Topic { name, .. } | Target::Queue { name } => name.clone(),
        other => other.to_string(),
    }
}

/// What the system says of its topics or queues; a plan can be made without.
fn places(url: Option<&Url>, cancel: &Cancel, warnings: &mut Vec<Error>) -> BTreeMap<String, PlaceInfo> {
    let Some(url) = url else { return BTreeMap::new() };
    match broker::of(url).and_then(|broker| broker.overview(url, cancel)) {
        Ok(overview) => overview.places.into_iter().map(|place| (place.name.clone(), place)).collect(),
        Err(error) => {
            warnings.push(error);
            BTreeMap::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_system_of_the_log_is_meant_where_none_is_named() {
        let file = aim(Some("file:/out.ndjson"), std::iter::empty()).expect("a file");
        assert_eq!((file.system.as_str(), file.url), ("file:/out.ndjson", None));
        for sources in [&["orders.ndjson"][..], &[]] {
            assert!(aim(Some("orders"), sources.iter().copied()).is_err(), "{sources:?}");
        }
    }
}
