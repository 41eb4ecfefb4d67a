//! From letters to a plan on disk.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::args::{RequeueArgs, RequeueFormat};
use super::journal_path;
use crate::analysis::dead_letters::{Config, find};
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::cli::Exit;
use crate::cli::out::Out;
use crate::cli::report::Report;
use crate::cli::request::read_text;
use crate::input::sources::broker::{self, PlaceInfo, Url};
use crate::input::sources::records;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::{EventIx, SourceIx};
use crate::model::time::TimeNs;
use crate::requeue::edit::Edit;
use crate::requeue::plan::{self, Attempts, Choice, Known, Request, To, parse_target};
use crate::requeue::{Journal, Plan, system};
use crate::store::snapshot::Snapshot;

/// What was typed, ready to use.
pub(super) struct Ready {
    config: Config,
    choice: Choice,
    request: Request,
    /// With its password, where it was typed; none for files.
    url: Option<Url>,
}

/// # Errors
/// Where nobody can tell to which system messages go, and what else makes no sense.
pub(super) fn request(args: &RequeueArgs) -> Result<Ready> {
    let config = match &args.config {
        Some(path) => Config::parse(&read_text(path, "configuration", "--config")?, path)?,
        None => Config::default(),
    };
    let choice = match (&args.group, args.ids.is_empty()) {
        (Some(group), _) => Choice::Group(group.clone()),
        (None, false) => Choice::Ids(args.ids.clone()),
        (None, true) => Choice::All,
    };
    let (system, url, to) = target(args)?;
    let headers = args.headers.iter().map(|text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.clone(), None),
    });
    let edit = Edit { jq: args.patch.clone(), headers: headers.collect(), key: args.key.clone() };
    let request = Request {
        system,
        to,
        edit,
        rate: args.rate,
        canary: args.canary.clone(),
        observe_ms: args.observe.unsigned_abs() / 1_000_000,
        tombstones: args.tombstones,
        keep_timestamp: args.keep_timestamp,
        keep_death_history: args.keep_death_history,
        again: args.again,
        made_at: TimeNs(chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default()).to_rfc3339(),
    };
    Ok(Ready { config, choice, request, url })
}

/// The system that is written to, and the target in it that was typed.
fn target(args: &RequeueArgs) -> Result<(String, Option<Url>, Option<To>)> {
    let to = args.to.as_deref();
    if let Some(path) = to.and_then(|to| to.strip_prefix(records::SCHEME)) {
        // The run may be started from another folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        return Ok((format!("{}{}", records::SCHEME, path.display()), None, None));
    }
    if let Some(address) = to.filter(|to| broker::url::is_url(to)) {
        let url = Url::parse(address)?;
        broker::of(&url)?;
        let (system, name) = system::of(&url);
        return Ok((system, Some(url), name.map(To::Name)));
    }
    let mut urls = args.sources.iter().filter(|source| broker::url::is_url(source));
    let next_step = "Say where messages go: --to kafka://host:9092, --to amqp://host/vhost, --to file:OUT.ndjson";
    let (Some(address), None) = (urls.next(), urls.next()) else {
        return Err(Error::new("Which system messages go to cannot be told", Place::Nowhere, next_step));
    };
    let url = Url::parse(address)?;
    broker::of(&url)?;
    Ok((system::of(&url).0, Some(url), to.map(parse_target)))
}

/// # Errors
/// A group or an id that no letter has, an edit that makes no sense.
pub(super) fn make(snapshot: &Snapshot, args: &RequeueArgs, ready: Ready, report: &mut Report) -> Result<Plan> {
    let cancel = Cancel::new();
    let places = places(ready.url.as_ref(), &cancel, report);
    let found = find(snapshot, &ready.config, &cancel, &|_, _| {}).expect("nobody cancels");
    let events = plan::choose(snapshot, &found, &ready.config, &ready.choice)?;
    // A journal that is not there yet knows nothing.
    let path = journal_path(args).ok().filter(|path| path.is_file());
    let journal = path.map(|path| Journal::open(&path)).transpose()?;
    let attempts = |letter: &str| journal.as_ref().map_or_else(Attempts::default, |journal| journal.attempts(letter));
    let lies_there = |source: SourceIx| {
        let address = snapshot.sources().get(source.at()).map_or("", |source| source.address.as_str());
        system::same(&ready.request.system, address)
    };
    let letters: Vec<EventIx> = found.entries.iter().map(|entry| entry.event).collect();
    let known = Known { places: &places, attempts: &attempts, lies_there: &lies_there, letters: &letters };
    plan::make(snapshot, &events, &ready.config, &ready.request, &known, &cancel, &|_, _| {})
}

/// What the system says of its topics; a plan can be made without.
fn places(url: Option<&Url>, cancel: &Cancel, report: &mut Report) -> BTreeMap<String, PlaceInfo> {
    let Some(url) = url else { return BTreeMap::new() };
    match broker::of(url).and_then(|broker| broker.overview(url, cancel)) {
        Ok(overview) => overview.places.into_iter().map(|place| (place.name.clone(), place)).collect(),
        Err(error) => {
            report.warning(&error);
            BTreeMap::new()
        }
    }
}

/// Most lines of one kind in text; the plan has all.
const SHOWN: usize = 20;

pub(super) fn write<W: Write>(
    plan: &Plan,
    args: &RequeueArgs,
    report: &mut Report,
    out: &mut Out<W>,
) -> io::Result<Exit> {
    if let Some(path) = &args.plan
        && let Err(cause) = save(plan, path)
    {
        let place = Place::File { path: path.display().to_string(), offset: None };
        report.error(&Error::new("The plan cannot be written", place, "Check the folder and the disk").because(cause));
        return Ok(Exit::Unreadable);
    }
    match args.format {
        RequeueFormat::Json => {
            let line = json!({
                "id": plan.id, "system": plan.system, "messages": plan.items.len(), "left_out": plan.left_out,
                "edited": plan.items.iter().filter(|item| item.edited).count(), "notes": plan.notes,
            });
            out.json(line.to_string().as_bytes())?;
        }
        RequeueFormat::Text => text(plan, out)?,
    }
    Ok(if plan.items.is_empty() { Exit::Findings } else { Exit::Fine })
}

/// Whole or not at all.
fn save(plan: &Plan, path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut buffered = io::BufWriter::new(file.as_file_mut());
    plan.save(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

fn text<W: Write>(plan: &Plan, out: &mut Out<W>) -> io::Result<()> {
    let messages = plural(plan.items.len() as u64, "message", "messages");
    out.text(&format!("{messages} for {}; nothing was sent", plan.system))?;
    let mut targets: BTreeMap<String, u64> = BTreeMap::new();
    let mut warnings: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let mut stripped: BTreeMap<&str, u64> = BTreeMap::new();
    for item in &plan.items {
        *targets.entry(item.target.to_string()).or_default() += 1;
        for warning in &item.warnings {
            warnings.entry(&warning.code).or_insert((0, &warning.words)).0 += 1;
        }
        item.stripped.iter().for_each(|name| *stripped.entry(name).or_default() += 1);
    }
    for (target, n) in &targets {
        out.text(&format!("  {:>8} to {target}", count(*n)))?;
    }
    let edited = plan.items.iter().filter(|item| item.edited).count() as u64;
    if edited > 0 {
        out.text(&format!("  {:>8} edited", count(edited)))?;
    }
    if !stripped.is_empty() {
        let names: Vec<&str> = stripped.keys().copied().collect();
        out.text(&format!("  not sent with them: {}", names.join(", ")))?;
    }
    for note in &plan.notes {
        out.text(&format!("  {note}"))?;
    }
    for (n, example) in warnings.values() {
        out.text(&format!("  {:>8} with a warning, such as: {example}", count(*n)))?;
    }
    for left in plan.left_out.iter().take(SHOWN) {
        out.text(&format!("  left out: event {} {}: {}", left.event, left.from, left.why))?;
    }
    if let Some(more) = plan.left_out.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        out.text(&format!("  {} more left out, with reasons in the plan", count(more as u64)))?;
    }
    Ok(())
}
