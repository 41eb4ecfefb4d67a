//! What usually follows what. Of a type whose events nearly always have a certain effect, those
//! without it are told: a consumer that is down, a message that was lost.
//!
//! Learned from an even sample of the chains (at most 20,000), then counted over all. A type counts
//! from 20 occurrences on; an effect is usual where 95 % of them have it. Where no single effect is,
//! having any effect at all may be: paid or refused, but never nothing. An event so near to the end of
//! the log that its effect may still come (99 % take no longer) lacks nothing.

use rapidhash::RapidHashMap;

use super::one::One;
use super::sketch::Sketch;
use crate::model::ids::TypeIx;
use crate::model::time::TimeNs;

const MIN_OCCURRENCES: u64 = 20;
const USUAL: f64 = 0.95;
/// Of the effects that make up an "any of", those rarer than this are not named.
const WORTH_NAMING: f64 = 0.01;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    pub cause: TypeIx,
    /// One of these follows, the most frequent first.
    pub effects: Vec<TypeIx>,
    /// Within this time in 99 % of the sample.
    pub within_ns: i64,
    /// Over all chains: how often the cause happened, and how often nothing of it followed.
    pub occurrences: u64,
    pub lacking: u64,
}

#[derive(Debug, Default)]
struct Occurrences {
    all: u64,
    with_any: u64,
    effects: RapidHashMap<TypeIx, (u64, Sketch)>,
}

/// Collects the sample.
#[derive(Debug, Default)]
pub(super) struct Learner(RapidHashMap<TypeIx, Occurrences>);

impl Learner {
    pub(super) fn learn(&mut self, one: &One, by_order: bool, scratch: &mut Vec<(TypeIx, i64)>) {
        for at in causes(one, by_order) {
            let known = self.0.entry(one.steps[at].type_ix).or_default();
            known.all += 1;
            effects(one, at, by_order, scratch);
            known.with_any += u64::from(!scratch.is_empty());
            for &(effect, after) in scratch.iter() {
                let (count, latency) = known.effects.entry(effect).or_default();
                *count += 1;
                latency.add(after);
            }
        }
    }

    /// By cause, then by how frequent the effect is.
    pub(super) fn rules(self) -> Vec<Follow> {
        let mut rules = Vec::new();
        let mut types: Vec<(TypeIx, Occurrences)> = self.0.into_iter().collect();
        types.sort_unstable_by_key(|(cause, _)| *cause);
        for (cause, known) in types {
            if known.all < MIN_OCCURRENCES {
                continue;
            }
            let enough = |count: u64, share: f64| count as f64 >= known.all as f64 * share;
            let mut effects: Vec<(TypeIx, u64, Sketch)> =
                known.effects.into_iter().map(|(effect, (count, latency))| (effect, count, latency)).collect();
            effects.sort_unstable_by_key(|(effect, count, _)| (std::cmp::Reverse(*count), *effect));
            let rule = |effects: Vec<TypeIx>, latency: &Sketch| Follow {
                cause,
                effects,
                within_ns: latency.quantile(0.99).unwrap_or(0).max(0),
                occurrences: 0,
                lacking: 0,
            };
            let single = effects.iter().filter(|(_, count, _)| enough(*count, USUAL));
            let before = rules.len();
            rules.extend(single.map(|(effect, _, latency)| rule(vec![*effect], latency)));
            if rules.len() == before && enough(known.with_any, USUAL) {
                let named = effects.iter().filter(|(_, count, _)| enough(*count, WORTH_NAMING));
                let mut latency = Sketch::default();
                effects.iter().for_each(|(.., one)| latency.merge(one));
                rules.push(rule(named.map(|(effect, ..)| *effect).collect(), &latency));
            }
        }
        rules
    }
}

/// Rules by their cause, with what one thread counted.
#[derive(Clone, Debug)]
pub(super) struct Rules<'a> {
    list: &'a [Follow],
    /// Where the rules of each type begin and end.
    ranges: RapidHashMap<TypeIx, std::ops::Range<usize>>,
    by_order: bool,
    end: Option<TimeNs>,
    /// Occurrences and those that lack the effect, by rule.
    pub counts: Vec<(u64, u64)>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(rules: &'a [Follow], by_order: bool, end: Option<TimeNs>) -> Self {
        let mut ranges: RapidHashMap<TypeIx, std::ops::Range<usize>> = RapidHashMap::default();
        for (at, rule) in rules.iter().enumerate() {
            ranges.entry(rule.cause).or_insert(at..at).end = at + 1;
        }
        Self { list: rules, ranges, by_order, end, counts: vec![(0, 0); rules.len()] }
    }

    /// How many usual effects a chain lacks; each is told to `each` with its cause and its rule.
    pub(super) fn lacking(
        &mut self,
        one: &One,
        scratch: &mut Vec<(TypeIx, i64)>,
        mut each: impl FnMut(usize, usize),
    ) -> u32 {
        let mut lacking = 0;
        if self.list.is_empty() {
            return 0;
        }
        for at in causes(one, self.by_order) {
            let Some(range) = self.ranges.get(&one.steps[at].type_ix) else { continue };
            effects(one, at, self.by_order, scratch);
            for rule_at in range.clone() {
                let rule = &self.list[rule_at];
                self.counts[rule_at].0 += 1;
                let any = rule.effects.len() > 1;
                let came = if any {
                    !scratch.is_empty()
                } else {
                    scratch.iter().any(|(effect, _)| rule.effects.contains(effect))
                };
                let may_come = one.steps[at]
                    .time
                    .zip(self.end)
                    .is_some_and(|(time, end)| end.0.saturating_sub(time.0) <= rule.within_ns);
                if !came && !may_come {
                    self.counts[rule_at].1 += 1;
                    lacking += 1;
                    each(at, rule_at);
                }
            }
        }
        lacking
    }
}

/// The steps that are looked at. Where nobody names causes, only the first of each type: of the last ones
/// nothing could be later in the chain.
fn causes(one: &One, by_order: bool) -> impl Iterator<Item = usize> + '_ {
    let types = move |at: usize| one.steps[..at].iter().rev().take(REACH).map(|step| step.type_ix);
    (0..one.steps.len()).filter(move |&at| !by_order || types(at).all(|of| of != one.steps[at].type_ix))
}

/// A long chain's every pair would be a million.
const REACH: usize = 64;

/// The types of an event's effects, each once, with how long the first took. Where nobody names causes,
/// all that comes later in the chain.
fn effects(one: &One, at: usize, by_order: bool, found: &mut Vec<(TypeIx, i64)>) {
    found.clear();
    let cause = &one.steps[at];
    let mut add = |effect: usize| {
        let Some(effect) = one.steps.get(effect) else { return };
        if found.iter().all(|(known, _)| *known != effect.type_ix) {
            let after = cause.time.zip(effect.time).map_or(0, |(a, b)| b.0.saturating_sub(a.0));
            found.push((effect.type_ix, after));
        }
    };
    if by_order {
        (at + 1..one.steps.len().min(at + 1 + REACH)).for_each(&mut add);
    } else {
        one.edges.iter().filter(|(from, _)| *from as usize == at).for_each(|(_, to)| add(*to as usize));
    }
}
