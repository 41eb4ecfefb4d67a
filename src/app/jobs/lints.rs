//! What the rules find, for the panel and for the marks on the timeline. They look once a log is read,
//! and again when it has grown by a few percent: on a log that is followed they would never rest.
//!
//! Silenced findings are made all the same, so that silencing is a matter of a frame.

use std::sync::Arc;

use super::grown::Grown;
use super::{Job, Slot, Waker};
use crate::analysis::lints::{Config, Context, Finding, Severity, run};
use crate::app::state::State;
use crate::base::clock::now_ns;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// Larger logs are looked at when a person asks for it: every record is read.
const UNASKED_BYTES: u64 = 4 << 30;

/// What findings depend on besides the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LintKey {
    /// Without its silences.
    config: Config,
    runs: u64,
}

/// What was found at one moment of the log.
#[derive(Debug)]
pub struct Linted {
    pub snapshot: Arc<Snapshot>,
    pub findings: Vec<Finding>,
    /// Events that findings name, with the finding's place, in the order of events.
    named: Vec<(EventIx, u32)>,
}

/// Findings, the silenced ones counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
    pub silenced: u64,
}

pub struct LintJobs {
    pub slot: Slot<LintKey, Option<Linted>>,
    /// Since the rules were last asked to look.
    grown: Grown,
    /// It is larger than what is looked at unasked.
    pub waits: bool,
}

impl LintJobs {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self { slot: Slot::new("lint", waker.clone()), grown: Grown::default(), waits: false }
    }

    /// Asks for what the state now needs. Cheap where nothing changed.
    pub fn refresh(&mut self, log: &Arc<Snapshot>, state: &State) {
        if log.is_empty() || state.reading || state.lints.stopped {
            return;
        }
        let config = Config { silences: Vec::new(), ..state.lint_config(log).clone() };
        let key = LintKey { config, runs: state.lints.runs };
        if !self.grown.much(log) && self.slot.asked().as_ref() == Some(&key) {
            return;
        }
        self.waits = !state.lints.wanted && size(log) > UNASKED_BYTES;
        if self.waits {
            return;
        }
        self.grown.looked(log);
        let (log, config) = (Arc::clone(log), key.config.clone());
        self.slot.ask(key, log.generation(), move |job| find(log, &config, job));
    }

    pub fn clear(&mut self) {
        self.slot.clear();
        (self.grown, self.waits) = (Grown::default(), false);
    }
}

fn find(log: Arc<Snapshot>, config: &Config, job: &Job) -> Option<Linted> {
    let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
    let now = now_ns().filter(|now| *now >= 0).map(TimeNs);
    let mut context = Context::new(&log, config, now, &job.cancel);
    context.progress = &progress;
    let findings = run(&context, &[])?;
    let named = findings.iter().enumerate().flat_map(|(place, f)| f.examples.iter().map(move |e| (*e, place as u32)));
    let mut named: Vec<(EventIx, u32)> = named.collect();
    named.sort_unstable();
    Some(Linted { snapshot: log, findings, named })
}

/// Bytes of all sources.
fn size(log: &Snapshot) -> u64 {
    log.sources().iter().map(|source| source.bytes.len().unwrap_or(0)).sum()
}

impl Linted {
    /// Findings that name an event and are not silenced.
    pub fn of<'a>(&'a self, event: EventIx, config: &'a Config) -> impl Iterator<Item = &'a Finding> {
        let at = self.named.partition_point(|(named, _)| *named < event);
        let named = self.named.get(at..).unwrap_or_default().iter().take_while(move |(named, _)| *named == event);
        named.filter_map(|(_, place)| self.findings.get(*place as usize)).filter(|finding| !config.silences(finding))
    }

    #[must_use]
    pub fn tally(&self, config: &Config) -> Tally {
        let mut tally = Tally::default();
        for finding in &self.findings {
            let part = match finding.severity {
                _ if config.silences(finding) => &mut tally.silenced,
                Severity::Error => &mut tally.errors,
                Severity::Warning => &mut tally.warnings,
                Severity::Note => &mut tally.notes,
            };
            *part += 1;
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    fn log(events: u32) -> Arc<Snapshot> {
        let mut builder = Builder::new().batch_rows(10);
        for i in 0..events {
            let (type_name, entities) = ("A".to_owned(), vec!["o:1".to_owned()]);
            builder.push(TestEvent { type_name, entities, version: Some(i * 2), ..TestEvent::default() });
        }
        builder.build()
    }

    #[test]
    fn rules_look_once_and_again_when_the_log_has_grown() {
        let (mut jobs, mut state) = (LintJobs::new(&Waker::none()), State::default());
        let looked_at = |jobs: &mut LintJobs, log: &Arc<Snapshot>, state: &State| {
            jobs.refresh(log, state);
            assert!(jobs.slot.wait(Duration::from_secs(20)));
            jobs.slot.answer().and_then(|answer| answer.value.as_ref().map(|linted| linted.snapshot.len()))
        };
        state.reading = true;
        assert_eq!(looked_at(&mut jobs, &log(100), &state), None, "a log that is being read may wait");
        state.reading = false;
        assert_eq!(looked_at(&mut jobs, &log(100), &state), Some(100));
        assert_eq!(looked_at(&mut jobs, &log(101), &state), Some(100), "one more event is no reason");
        assert_eq!(looked_at(&mut jobs, &log(110), &state), Some(110));
        state.lints.runs += 1;
        assert_eq!(looked_at(&mut jobs, &log(111), &state), Some(111), "it was asked for");
        state.lints.stopped = true;
        assert_eq!(looked_at(&mut jobs, &log(500), &state), Some(111));
        let answer = jobs.slot.answer().expect("an answer");
        let linted = answer.value.as_ref().expect("findings");
        let tally = linted.tally(&Config::default());
        assert_eq!(tally.errors, 1, "{:?}", linted.findings);
        assert_eq!(linted.of(EventIx(1), &Config::default()).map(|f| f.rule).collect::<Vec<_>>(), ["version-gap"]);
        assert_eq!(linted.of(EventIx(0), &Config::default()).count(), 0);
    }
}
