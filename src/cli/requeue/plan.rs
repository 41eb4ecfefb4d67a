//! From letters to a plan on disk.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::args::{RequeueArgs, RequeueFormat};
use super::journal_path;
use crate::analysis::dead_letters::{Config, find};
use crate::app::passwords::Passwords;
use crate::base::cancel::Cancel;
use crate::base::clock::now_ns;
use crate::base::text::{count, plural};
use crate::cli::Exit;
use crate::cli::args::Common;
use crate::cli::out::Out;
use crate::cli::report::Report;
use crate::cli::request::read_text;
use crate::input::codecs::bodies::Bodies;
use crate::input::codecs::settings::Settings;
use crate::input::sources::broker::Url;
use crate::model::error::{Error, Place, Result};
use crate::model::time::TimeNs;
use crate::requeue::Plan;
use crate::requeue::aim::{Aim, aim, draw_up};
use crate::requeue::edit::Edit;
use crate::requeue::plan::{self, Choice, Request};
use crate::store::snapshot::Snapshot;

/// What was typed, ready to use.
pub(super) struct Ready {
    config: Config,
    choice: Choice,
    request: Request,
    /// With its password, where it was typed; none for files.
    url: Option<Url>,
    /// Of the options for all addresses.
    bodies: Settings,
}

/// # Errors
/// Where nobody can tell to which system messages go, and what else makes no sense.
pub(super) fn request(args: &RequeueArgs, common: &Common) -> Result<Ready> {
    let config = match &args.config {
        Some(path) => Config::parse(&read_text(path, "configuration", "--config")?, path)?,
        None => Config::default(),
    };
    let choice = match (&args.group, args.ids.is_empty()) {
        (Some(group), _) => Choice::Group(group.clone()),
        (None, false) => Choice::Ids(args.ids.clone()),
        (None, true) => Choice::All,
    };
    let Aim { system, url, to } = aim(args.to.as_deref(), args.sources.iter().map(String::as_str))?;
    let url = url.map(|url| Passwords::default().complete(url));
    let headers = args.headers.iter().map(|text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.clone(), None),
    });
    let json_patch = match args.json_patch.as_deref() {
        Some(text) if text.trim_start().starts_with('[') => Some(text.to_owned()),
        Some(path) => Some(read_text(path, "JSON patch", "--json-patch")?),
        None => None,
    };
    let (jq, key) = (args.patch.clone(), args.key.clone());
    let edit = Edit { jq, json_patch, value: None, headers: headers.collect(), key };
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
        made_at: TimeNs(now_ns().unwrap_or_default()).to_rfc3339(),
    };
    Ok(Ready { config, choice, request, url, bodies: common.bodies()? })
}

/// # Errors
/// A group or an id that no letter has, an edit that makes no sense.
pub(super) fn make(snapshot: &Snapshot, args: &RequeueArgs, ready: &Ready, report: &mut Report) -> Result<Arc<Plan>> {
    let cancel = Cancel::new();
    let found = find(snapshot, &ready.config, &cancel, &|_, _| {}).expect("nobody cancels");
    let events = plan::choose(snapshot, &found, &ready.config, &ready.choice)?;
    let journal = journal_path(args).ok();
    let (config, request, url) = (&ready.config, &ready.request, ready.url.as_ref());
    // Addresses do not show the password of a registry that was typed in one of them, or as an option.
    let typed = args.sources.iter().filter_map(|typed| Url::parse(typed).ok()).map(|url| url.bodies);
    let typed: Vec<Settings> = typed.chain([ready.bodies.clone()]).collect();
    let bodies = |address: &str| {
        let mut settings = Url::parse(address)?.bodies;
        let same = typed.iter().find(|typed| typed.of("registry", "") == settings.of("registry", ""));
        settings.registry_password = same.and_then(|same| same.registry_password.clone());
        Bodies::open(&settings)
    };
    let journal = journal.as_deref();
    let drawn = draw_up(snapshot, &found, &events, config, request, url, journal, &bodies, &cancel, &|_, _| {})?;
    for warning in &drawn.warnings {
        report.warning(warning);
    }
    Ok(drawn.plan)
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
