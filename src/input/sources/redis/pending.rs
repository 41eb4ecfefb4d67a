//! Entries that were delivered to a consumer group and never acknowledged, found by a rule that the address
//! states: `?pending=GROUP[&idle=5m][&deliveries=3]`. Asking (XPENDING) changes neither owner nor counters.

use redis::{Value, cmd};

use super::fill::message;
use super::link::Link;
use super::settings::{self, Window};
use super::streams::range;
use super::value;
use crate::base::cancel::Cancel;
use crate::base::text::{duration_ns, plural};
use crate::input::sources::broker::place;
use crate::input::sources::pump::SpoolWriter;
use crate::model::error::{Error, Result};
use crate::model::filter::Pattern;
use crate::model::message::{EntryId, Pending};

/// What fits the rule, stream by stream.
pub(super) struct Stuck {
    found: Vec<(String, EntryId, Pending)>,
    warnings: Vec<Error>,
}

/// Entries asked for at once.
const PAGE: usize = 1000;

impl Stuck {
    /// # Errors
    /// A group that no stream has; what the server says.
    pub(super) fn find(
        link: &mut Link,
        names: &[String],
        rule: &settings::Stuck,
        window: &Window,
        cancel: &Cancel,
    ) -> Result<Self> {
        let now = now_ms(link)?;
        let (mut found, mut warnings) = (Vec::new(), Vec::new());
        for wanted in &rule.groups {
            let pattern = Pattern::with_stars(wanted);
            let mut met = false;
            for stream in names {
                for group in groups(link, stream)?.into_iter().filter(|group| pattern.matches(group)) {
                    met = true;
                    if cancel.is_cancelled() {
                        break;
                    }
                    of_group(link, stream, &group, rule, window, now, &mut found)?;
                }
            }
            if !met {
                let what = format!("No stream that is read has a group {wanted}");
                let next_step = "Check the name; the list of streams tells their groups";
                warnings.push(Error::new(what, place(&link.settings.url), next_step));
            }
        }
        match warnings.first() {
            Some(first) if warnings.len() == rule.groups.len() && !rule.groups.iter().any(|group| group == "*") => {
                Err(first.clone())
            }
            _ => Ok(Self { found, warnings }),
        }
    }

    /// `Redis, 12 pending entries: of group billing, idle for 5 min, 3 deliveries`
    pub(super) fn describe(&self, rule: &settings::Stuck) -> String {
        let mut words = vec![format!("of group {}", rule.groups.join(", "))];
        if rule.idle_ms > 0 {
            let ns = i64::try_from(rule.idle_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            words.push(format!("idle for {} or longer", duration_ns(ns)));
        }
        if rule.deliveries > 1 {
            words.push(format!("{} or more deliveries", rule.deliveries));
        }
        let entries = plural(self.found.len() as u64, "pending entry", "pending entries");
        format!("Redis, {entries} {}", words.join(", "))
    }

    /// Their fields, as messages.
    pub(super) fn write(self, link: &mut Link, before: Vec<Error>, out: &mut SpoolWriter) -> Result<()> {
        for warning in before.into_iter().chain(self.warnings) {
            out.warn(warning);
        }
        let (mut gone, total, mut done) = (0, self.found.len() as u64, 0);
        for page in self.found.chunks(PAGE / 10) {
            if out.is_stopped() {
                return Ok(());
            }
            let commands: Vec<_> = page.iter().map(|(stream, id, _)| range(stream, *id, *id, 1)).collect();
            let answers = link.ask_all(&commands, || ()).map_err(|failure| link.explain("read entries", &failure))?;
            for ((stream, _, pending), answer) in page.iter().zip(answers) {
                let answer = answer.map_err(|failure| link.explain(format!("read {stream}"), &failure))?;
                let Some(entry) = value::entries(answer).into_iter().next() else {
                    gone += 1;
                    continue;
                };
                out.message(&message(stream, &entry, Some(pending.clone())))?;
            }
            done += page.len() as u64;
            out.records(done, total);
        }
        if gone > 0 {
            let entries = plural(gone, "pending entry is", "pending entries are");
            let what = format!("{entries} not in the stream any more: trimmed or deleted");
            out.warn(Error::new(what, place(&link.settings.url), "Nothing is left of them but their ids (XPENDING)"));
        }
        Ok(())
    }
}

/// Milliseconds since 1970 by the server's clock.
fn now_ms(link: &mut Link) -> Result<u64> {
    let answer = link.ask(&cmd("TIME")).map_err(|failure| link.explain("ask for the time", &failure))?;
    let mut parts = value::list(answer).into_iter();
    let mut next = || parts.next().as_ref().and_then(value::number).unwrap_or(0);
    Ok(next().saturating_mul(1000).saturating_add(next() / 1000))
}

/// Names of a stream's groups.
///
/// # Errors
/// When the server does not tell.
pub(super) fn groups(link: &mut Link, stream: &str) -> Result<Vec<String>> {
    let answer = link.ask(cmd("XINFO").arg("GROUPS").arg(stream));
    let answer = answer.map_err(|failure| link.explain(format!("list the groups of {stream}"), &failure))?;
    let name = |group: Value| value::member(&value::members(group), "name").and_then(value::text);
    Ok(value::list(answer).into_iter().filter_map(name).collect())
}

/// What XPENDING says of one entry.
pub(super) fn of_entry(parts: Value) -> Option<(EntryId, Pending)> {
    let mut parts = value::list(parts).into_iter();
    let (id, consumer) = (value::id(parts.next()?)?, value::text(parts.next()?)?);
    let (idle_ms, deliveries) = (value::number(&parts.next()?)?, value::number(&parts.next()?)?);
    Some((id, Pending { consumer, deliveries, idle_ms, ..Pending::default() }))
}

fn of_group(
    link: &mut Link,
    stream: &str,
    group: &str,
    rule: &settings::Stuck,
    window: &Window,
    now: u64,
    found: &mut Vec<(String, EntryId, Pending)>,
) -> Result<()> {
    let last = window.to.map_or(Some(EntryId::MAX), EntryId::before);
    let (mut next, Some(last)) = (window.from.or(Some(EntryId::default())), last) else { return Ok(()) };
    while let Some(from) = next.filter(|next| *next <= last) {
        let (from, to) = (from.to_string(), last.to_string());
        let answer = link.ask(cmd("XPENDING").arg(stream).arg(group).arg(from).arg(to).arg(PAGE));
        let answer =
            answer.map_err(|failure| link.explain(format!("ask what {group} has pending in {stream}"), &failure))?;
        let page: Vec<_> = value::list(answer).into_iter().filter_map(of_entry).collect();
        let Some((end, _)) = page.last() else { break };
        next = end.next();
        let fits = |pending: &Pending| pending.idle_ms >= rule.idle_ms && pending.deliveries >= rule.deliveries;
        let whole = page.into_iter().filter(|(_, pending)| fits(pending)).map(|(id, pending)| {
            let delivered_ms = now.saturating_sub(pending.idle_ms);
            (stream.to_owned(), id, Pending { group: group.to_owned(), delivered_ms, ..pending })
        });
        found.extend(whole);
    }
    Ok(())
}
