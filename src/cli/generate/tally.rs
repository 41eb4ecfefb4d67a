//! Counts what is written, so that the truth comes from the writer and not from a reader.

use super::damage::Damage;
use super::line::{Id, Line};
use super::shop::{KINDS, Kind, SERVICES, STEPS, Step};
use super::truth::{KindCount, Samples, ServiceCount, Truth, TypeCount};
use super::world::{Facts, RARE_TEXT, START_MS, STEP_MS};

/// Chains of this length make the sample of a correlation.
const LONGEST: usize = 12;
/// Events that the sample of an entity should have.
const COMMON: u32 = 75;

pub(super) struct Tally {
    lines_wanted: u64,
    truth: Truth,
    types: Vec<u64>,
    services: Vec<u64>,
    /// Events by the entity's number, for each kind.
    entities: [Vec<u32>; KINDS.len()],
    chains: Vec<u32>,
    range_ms: std::ops::Range<i64>,
    time_ms: Option<(i64, i64)>,
    sample_chain: Option<(u64, Id)>,
    sample_event: Option<Id>,
}

impl Tally {
    pub(super) fn new(lines: u64, seed: u64) -> Self {
        let whole = (lines * STEP_MS) as i64;
        Self {
            lines_wanted: lines,
            truth: Truth { seed, ..Truth::default() },
            types: vec![0; STEPS.len()],
            services: vec![0; SERVICES.len()],
            entities: Default::default(),
            chains: Vec::new(),
            range_ms: START_MS + whole / 2..START_MS + whole / 2 + whole / 10,
            time_ms: None,
            sample_chain: None,
            sample_event: None,
        }
    }

    /// Every line that reaches the file.
    pub(super) fn line(&mut self, bytes: u64) {
        self.truth.lines += 1;
        self.truth.bytes += bytes;
    }

    pub(super) fn damaged(&mut self, damage: Damage) {
        self.truth.undecodable += 1;
        self.truth.undecodable_in_payload += u64::from(damage == Damage::Payload);
    }

    /// A readable event; `again` for its repeat.
    pub(super) fn event(&mut self, facts: &Facts, again: bool) {
        self.truth.events += 1;
        if again {
            self.truth.duplicate_ids += 1;
        } else {
            self.truth.distinct_events += 1;
        }
        self.types[facts.step as usize] += 1;
        self.services[facts.step.service()] += 1;
        self.truth.samples.rare_events += u64::from(facts.rare);
        let in_range = facts.step == Step::PaymentDeclined && self.range_ms.contains(&facts.time_ms);
        self.truth.samples.range_events += u64::from(in_range);
        let (first, last) = self.time_ms.get_or_insert((facts.time_ms, facts.time_ms));
        *first = facts.time_ms.min(*first);
        *last = facts.time_ms.max(*last);

        count(&mut self.entities[facts.step.kind() as usize], facts.number);
        if let Some(order) = facts.order {
            count(&mut self.entities[Kind::Order as usize], order);
        }
        if let Some(account) = facts.account {
            count(&mut self.entities[Kind::Account as usize], account);
        }
        count(&mut self.chains, facts.chain);
        if self.truth.events > self.lines_wanted / 2 {
            self.sample_event.get_or_insert(facts.id);
            if facts.chain_len == LONGEST {
                self.sample_chain.get_or_insert((facts.chain, facts.correlation));
            }
        }
    }

    pub(super) fn finish(mut self) -> Truth {
        let rfc3339 = |ms: i64| crate::model::time::TimeNs(ms * 1_000_000).to_rfc3339();
        self.truth.samples = self.samples(rfc3339);
        let mut truth = self.truth;
        truth.entity_kinds = KINDS
            .iter()
            .zip(&self.entities)
            .map(|(kind, counts)| KindCount {
                kind: (*kind).to_owned(),
                entities: counts.iter().filter(|n| **n > 0).count() as u64,
                events: counts.iter().map(|n| u64::from(*n)).sum(),
            })
            .filter(|kind| kind.entities > 0)
            .collect();
        truth.entity_kinds.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.kind.cmp(&b.kind)));
        truth.entities = truth.entity_kinds.iter().map(|kind| kind.entities).sum();
        truth.types = STEPS
            .iter()
            .zip(&self.types)
            .map(|(step, events)| TypeCount { name: step.name().to_owned(), events: *events })
            .filter(|counted| counted.events > 0)
            .collect();
        truth.types.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
        truth.services = SERVICES
            .iter()
            .zip(&self.services)
            .map(|(service, events)| ServiceCount { service: (*service).to_owned(), events: *events })
            .filter(|counted| counted.events > 0)
            .collect();
        truth.services.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.service.cmp(&b.service)));
        truth.correlations = self.chains.iter().filter(|n| **n > 0).count() as u64;
        if let Some((first, last)) = self.time_ms {
            truth.first = rfc3339(first);
            truth.last = rfc3339(last);
        }
        truth
    }

    fn samples(&self, rfc3339: impl Fn(i64) -> String) -> Samples {
        let accounts = &self.entities[Kind::Account as usize];
        let common = accounts.iter().enumerate().skip(1).min_by_key(|(_, n)| n.abs_diff(COMMON));
        let (entity, entity_events) = common.map_or((0, 0), |(number, n)| (number as u64, u64::from(*n)));
        let (chain, correlation) = self.sample_chain.map_or((0, String::new()), |(chain, id)| (chain, id.to_string()));
        Samples {
            heavy_entity: account_name(0),
            heavy_entity_events: accounts.first().copied().map_or(0, u64::from),
            entity: account_name(entity),
            entity_events,
            correlation,
            correlation_events: self.chains.get(chain as usize).copied().map_or(0, u64::from),
            event_id: self.sample_event.map_or_else(String::new, |id| id.to_string()),
            rare_text: RARE_TEXT.to_owned(),
            rare_events: self.truth.samples.rare_events,
            range_type: Step::PaymentDeclined.name().to_owned(),
            range_from: rfc3339(self.range_ms.start),
            range_to: rfc3339(self.range_ms.end),
            range_events: self.truth.samples.range_events,
        }
    }
}

fn account_name(number: u64) -> String {
    let mut line = Line::default();
    line.entity(Kind::Account, number);
    String::from_utf8(line.bytes).expect("ids are ASCII")
}

fn count(counts: &mut Vec<u32>, number: u64) {
    let at = number as usize;
    if counts.len() <= at {
        counts.resize(at + 1, 0);
    }
    counts[at] += 1;
}
