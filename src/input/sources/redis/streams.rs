//! Which streams there are, and what the server says of one.

use std::collections::BTreeSet;

use redis::{Cmd, Value, cmd};

use super::link::Link;
use super::settings::Name;
use super::value::{self, Entry};
use crate::input::sources::broker::place;
use crate::model::error::{Error, Result};
use crate::model::message::EntryId;

/// Most streams that a pattern may mean.
pub(super) const MOST_STREAMS: usize = 10_000;

/// `XINFO STREAM`
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub length: u64,
    /// The id given last, whether or not that entry is still there.
    pub last: EntryId,
    pub first_entry: Option<EntryId>,
    pub last_entry: Option<EntryId>,
    /// Entries ever added; since Redis 7.0.
    pub added: Option<u64>,
}

/// Streams by pattern, sorted, and how many have names that are no UTF-8; whether these are all.
pub(super) struct Found {
    pub names: Vec<String>,
    pub nameless: u64,
    pub whole: bool,
}

/// Streams that fit one of `patterns`; all where there are none.
///
/// # Errors
/// When the server does not tell.
pub(super) fn find(link: &mut Link, patterns: &[Name], is_stopped: impl Fn() -> bool) -> Result<Found> {
    // Redis's own patterns know more signs, and the name is compared once more.
    let glob = match patterns {
        [one] => one.text.chars().map(|char| if matches!(char, '?' | '[' | ']' | '\\') { '?' } else { char }).collect(),
        _ => "*".to_owned(),
    };
    let (mut names, mut nameless, mut whole) = (BTreeSet::new(), 0, true);
    let each = |name: Vec<u8>| {
        if is_stopped() || names.len() >= MOST_STREAMS {
            whole = false;
            return false;
        }
        match String::from_utf8(name) {
            Ok(name) if patterns.is_empty() || patterns.iter().any(|pattern| pattern.fits(&name)) => {
                names.insert(name);
            }
            Ok(_) => {}
            Err(_) => nameless += 1,
        }
        true
    };
    link.scan(&glob, each).map_err(|failure| link.explain("list the streams", &failure))?;
    Ok(Found { names: names.into_iter().collect(), nameless, whole })
}

/// The streams that an address names, and what is to be said of them.
///
/// # Errors
/// When none of them is there.
pub(super) fn named(link: &mut Link) -> Result<(Vec<String>, Vec<Error>)> {
    link.settings.has_names()?;
    let url = link.settings.url.clone();
    let (patterns, exact): (Vec<Name>, Vec<Name>) =
        link.settings.names.clone().into_iter().partition(|name| name.is_pattern);
    let (mut names, mut warnings) = (Vec::new(), Vec::new());
    for Name { text, .. } in exact {
        let kind = link.ask(cmd("TYPE").arg(&text)).map(value::text);
        match kind.map_err(|failure| link.explain(format!("look at {text}"), &failure))?.as_deref() {
            Some("stream") if names.contains(&text) => {}
            Some("stream") => names.push(text),
            Some("none") | None => {
                let what = format!("There is no stream {text} in database {}", link.settings.database);
                let next_step = "Check the name; redis://host/1/stream means database 1";
                warnings.push(Error::new(what, place(&url), next_step));
            }
            Some(kind) => {
                let what = format!("{text} is a {kind} and no stream");
                warnings.push(Error::new(what, place(&url), "Check the name"));
            }
        }
    }
    if !patterns.is_empty() {
        let found = find(link, &patterns, || false)?;
        if found.names.is_empty() {
            warnings.push(Error::new("No stream has such a name", place(&url), "Check the pattern: * stands for any"));
        }
        if !found.whole {
            let what = format!("More than {MOST_STREAMS} streams have such names; the others are left out");
            warnings.push(Error::new(what, place(&url), "Write a narrower pattern"));
        }
        names.extend(found.names);
        let mut met = BTreeSet::new();
        names.retain(|name| met.insert(name.clone()));
    }
    match warnings.first() {
        Some(first) if names.is_empty() => Err(first.clone()),
        _ => Ok((names, warnings)),
    }
}

/// `None` where there is no such stream.
///
/// # Errors
/// When the server does not tell.
pub(super) fn facts(link: &mut Link, stream: &str) -> Result<Option<Facts>> {
    match link.ask(cmd("XINFO").arg("STREAM").arg(stream)) {
        Ok(answer) => Ok(Some(facts_of(answer))),
        Err(failure) if failure.detail().is_some_and(|words| words.contains("no such key")) => Ok(None),
        Err(failure) if failure.code() == Some("WRONGTYPE") => Ok(None),
        Err(failure) => Err(link.explain(format!("look at {stream}"), &failure)),
    }
}

pub(super) fn facts_of(answer: Value) -> Facts {
    let members = value::members(answer);
    let number = |name: &str| value::member(&members, name).and_then(|value| value::number(&value));
    let entry = |name: &str| value::member(&members, name).and_then(value::entry).map(|entry| entry.id);
    Facts {
        length: number("length").unwrap_or(0),
        last: value::member(&members, "last-generated-id").and_then(value::id).unwrap_or_default(),
        first_entry: entry("first-entry"),
        last_entry: entry("last-entry"),
        added: number("entries-added"),
    }
}

/// `XRANGE`, both ends included.
pub(super) fn range(stream: &str, from: EntryId, to: EntryId, most: usize) -> Cmd {
    cmd("XRANGE").arg(stream).arg(from.to_string()).arg(to.to_string()).arg("COUNT").arg(most).take()
}

/// The same, from the end.
pub(super) fn range_back(stream: &str, from: EntryId, to: EntryId, most: usize) -> Cmd {
    cmd("XREVRANGE").arg(stream).arg(to.to_string()).arg(from.to_string()).arg("COUNT").arg(most).take()
}

/// Reads from one id to another in pages of a few megabytes.
pub(super) struct Pages {
    pub next: Option<EntryId>,
    pub last: EntryId,
    most: usize,
}

/// What a page should have at most; entries may be of any size.
const PAGE_BYTES: usize = 4 << 20;
const FIRST_PAGE: usize = 100;
const LARGEST_PAGE: usize = 5000;

impl Pages {
    pub(super) fn new(from: EntryId, last: EntryId) -> Self {
        Self { next: Some(from), last, most: FIRST_PAGE }
    }

    /// The next entries; none where there are none yet.
    ///
    /// # Errors
    /// When the server does not tell.
    pub(super) fn read(&mut self, link: &mut Link, stream: &str) -> Result<Vec<Entry>> {
        let Some(next) = self.next.filter(|next| *next <= self.last) else { return Ok(Vec::new()) };
        let answer = link.ask(&range(stream, next, self.last, self.most));
        let page = answer.map(value::entries).map_err(|failure| link.explain(format!("read {stream}"), &failure))?;
        if let Some(last) = page.last() {
            self.next = last.id.next();
            let average = page.iter().map(Entry::bytes).sum::<usize>() / page.len() + 64;
            self.most = (PAGE_BYTES / average).clamp(1, (self.most * 4).min(LARGEST_PAGE));
        }
        Ok(page)
    }
}
