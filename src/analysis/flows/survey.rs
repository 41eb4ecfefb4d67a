//! The pass over all chains, on as many threads as the machine has.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rapidhash::RapidHashSet;

use super::chains::{ChainFlags, ChainSummary, Flows};
use super::collect::Groups;
use super::edges::Edges;
use super::follow::{Follow, Learner, Rules};
use super::kinds;
use super::offsets::Offsets;
use super::one::{One, Step, step};
use super::variants::Seen;
use crate::analysis::OnProgress;
use crate::analysis::trace::with_ids;
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::base::words::words;
use crate::model::ids::{CorrelationIx, EventIx, ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Chains that a thread takes at a time.
const BLOCK: usize = 2048;

/// Chains from which is learned what usually follows.
const SAMPLE: usize = 20_000;

/// Last words of types that tell of a failure.
const FAILURES: &[&str] = &[
    "failed",
    "failure",
    "error",
    "errored",
    "rejected",
    "declined",
    "refused",
    "denied",
    "aborted",
    "cancelled",
    "canceled",
    "expired",
    "timeout",
    "exception",
    "fault",
    "faulted",
    "bounced",
    "lettered",
    "returned",
    "lost",
];

/// Looks at every chain. Progress is in events. `None` when cancelled.
#[must_use]
pub fn survey(log: &Snapshot, cancel: &Cancel, progress: OnProgress<'_>) -> Option<Flows> {
    let groups = Groups::of(log, cancel)?;
    let end = log.time_range().map(|(_, last)| last);
    let by_order = !log.has_causes();
    let mut follows = learn(log, &groups, by_order, cancel)?;
    let failing: Vec<bool> = log.types().iter().map(|name| tells_of_failure(&name.name)).collect();
    let pass = Pass { log, groups: &groups, failing: &failing, by_order, cancel };
    let mut total = pass.run(&Rules::new(&follows, by_order, end), progress)?;
    total.find_outside(log, cancel)?;
    let Total { seen, edges, mut chains, counts, .. } = total;
    chains.sort_unstable_by_key(|(at, _)| *at);
    let mut chains: Vec<ChainSummary> = chains.into_iter().flat_map(|(_, block)| block).collect();
    let (variants, number, service_sets) = seen.finish();
    for chain in &mut chains {
        chain.variant = number.get(chain.variant as usize).copied().unwrap_or(0);
    }
    for (follow, (occurrences, lacking)) in follows.iter_mut().zip(counts) {
        (follow.occurrences, follow.lacking) = (occurrences, lacking);
    }
    let kinds = kinds::judge(log, &mut chains, end);
    let edges = edges.finish();
    let offsets = if by_order { Offsets::default() } else { Offsets::from_edges(&edges) };
    let (constants, loose) = (groups.constants, groups.loose);
    Some(Flows { chains, variants, service_sets, edges, follows, kinds, constants, by_order, offsets, loose, end })
}

/// The missing effects of one chain: each with its cause and what was expected.
impl Flows {
    #[must_use]
    pub fn lacking(&self, log: &Snapshot, events: &[EventIx]) -> Vec<(EventIx, &Follow)> {
        let mut one = One::default();
        one.load(log, events);
        let mut found = Vec::new();
        let mut rules = Rules::new(&self.follows, self.by_order, self.end);
        rules.lacking(&one, &mut Vec::new(), |at, rule| found.push((one.steps[at].event, &self.follows[rule])));
        found
    }
}

fn tells_of_failure(name: &str) -> bool {
    words(name).last().is_some_and(|last| FAILURES.contains(&last.to_lowercase().as_str()))
}

fn learn(log: &Snapshot, groups: &Groups, by_order: bool, cancel: &Cancel) -> Option<Vec<Follow>> {
    let (mut learner, mut one, mut scratch) = (Learner::default(), One::default(), Vec::new());
    for (i, at) in (0..groups.len()).step_by((groups.len() / SAMPLE).max(1)).enumerate() {
        if i % BLOCK == 0 && cancel.is_cancelled() {
            return None;
        }
        one.load(log, groups.get(at).1);
        learner.learn(&one, by_order, &mut scratch);
    }
    Some(learner.rules())
}

struct Pass<'a> {
    log: &'a Snapshot,
    groups: &'a Groups,
    failing: &'a [bool],
    by_order: bool,
    cancel: &'a Cancel,
}

/// The block of a chain, and its place in it.
type Place = (usize, usize);

/// What threads bring together.
#[derive(Default)]
struct Total {
    seen: Seen,
    edges: Edges,
    /// By the number of the first chain in the block.
    chains: Vec<(usize, Vec<ChainSummary>)>,
    /// Causes outside of their chain: the hash, the effect, and where the chain is.
    outside: Vec<(u64, EventIx, Place)>,
    counts: Vec<(u64, u64)>,
}

impl Pass<'_> {
    fn run(&self, rules: &Rules<'_>, progress: OnProgress<'_>) -> Option<Total> {
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let total = Mutex::new(Total { counts: vec![(0, 0); rules.counts.len()], ..Total::default() });
        let threads = thread::available_parallelism().map_or(1, usize::from).min(self.groups.len().div_ceil(BLOCK));
        thread::scope(|scope| {
            for n in 0..threads.max(1) {
                let work = || {
                    let mut worker = Worker::new(self, rules);
                    loop {
                        let at = next.fetch_add(BLOCK, Ordering::Relaxed);
                        if at >= self.groups.len() || self.cancel.is_cancelled() {
                            break;
                        }
                        let events = worker.block(at);
                        let done = done.fetch_add(events, Ordering::Relaxed) + events;
                        progress(done as u64, self.log.len());
                    }
                    lock(&total).join(worker.total, &worker.rules);
                };
                // With no second thread the first does it all.
                let _ = thread::Builder::new().name(format!("flows-{n}")).spawn_scoped(scope, work);
            }
        });
        if self.cancel.is_cancelled() {
            return None;
        }
        Some(total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

struct Worker<'a> {
    pass: &'a Pass<'a>,
    rules: Rules<'a>,
    total: Total,
    one: One,
    types: Vec<TypeIx>,
    services: Vec<ServiceIx>,
    scratch: Vec<(TypeIx, i64)>,
}

impl<'a> Worker<'a> {
    fn new(pass: &'a Pass<'a>, rules: &Rules<'a>) -> Self {
        Self {
            pass,
            rules: rules.clone(),
            total: Total::default(),
            one: One::default(),
            types: Vec::new(),
            services: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The chains from number `from` on; gives how many events they have.
    fn block(&mut self, from: usize) -> usize {
        let mut block = Vec::with_capacity(BLOCK);
        let mut done = 0;
        for at in from..(from + BLOCK).min(self.pass.groups.len()) {
            let (correlation, events) = self.pass.groups.get(at);
            done += events.len();
            let chain = self.chain((from, block.len()), correlation, events);
            block.extend(chain);
        }
        self.total.chains.push((from, block));
        done
    }

    fn chain(&mut self, place: Place, correlation: Option<CorrelationIx>, events: &[EventIx]) -> Option<ChainSummary> {
        let one = &mut self.one;
        one.load(self.pass.log, events);
        let (first, last) =
            (*one.steps.first()?, *one.steps.iter().rfind(|step| step.time.is_some()).or(one.steps.last())?);
        self.types.clear();
        self.types.extend(one.steps.iter().map(|step| step.type_ix));
        self.services.clear();
        let services = one.steps.iter().map(|step| step.service_ix).filter(|service| *service != ServiceIx::NONE);
        self.services.extend(services);
        let mut flags = ChainFlags {
            error: self.types.iter().any(|of| self.pass.failing.get(of.at()) == Some(&true)),
            ..ChainFlags::default()
        };
        if self.pass.by_order {
            for pair in one.steps.windows(2) {
                self.total.edges.add(&pair[0], &pair[1]);
            }
        }
        for &(cause, effect) in &one.edges {
            let (cause, effect) = (&one.steps[cause as usize], &one.steps[effect as usize]);
            flags.before_cause |= is_before(effect, cause);
            self.total.edges.add(cause, effect);
        }
        let outside = one.outside.iter().map(|&(hash, by)| (hash, one.steps[by as usize].event, place));
        self.total.outside.extend(outside);
        let start = first.time;
        let duration_ns = start.zip(last.time).map_or(0, |(a, b)| b.0.saturating_sub(a.0));
        Some(ChainSummary {
            first: first.event,
            last: last.event,
            start,
            duration_ns,
            events: events.len() as u32,
            missing: one.outside.len() as u32,
            lacking: self.rules.lacking(one, &mut self.scratch, |_, _| ()),
            variant: self.total.seen.variant(&mut self.types),
            services: self.total.seen.services(&mut self.services),
            flags,
            correlation,
        })
    }
}

fn is_before(effect: &Step, cause: &Step) -> bool {
    effect.time.zip(cause.time).is_some_and(|(effect, cause)| effect < cause)
}

impl Total {
    fn join(&mut self, other: Self, rules: &Rules<'_>) {
        let (variants, sets) = self.seen.join(other.seen);
        for (at, mut block) in other.chains {
            for chain in &mut block {
                chain.variant = variants.get(chain.variant as usize).copied().unwrap_or(0);
                chain.services = sets.get(chain.services as usize).copied().unwrap_or(0);
            }
            self.chains.push((at, block));
        }
        self.edges.join(other.edges);
        self.outside.extend(other.outside);
        for (mine, theirs) in self.counts.iter_mut().zip(&rules.counts) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
    }

    /// Causes outside of their chain may be elsewhere in the log: then they are edges, and not missing.
    fn find_outside(&mut self, log: &Snapshot, cancel: &Cancel) -> Option<()> {
        let wanted: RapidHashSet<u64> = self.outside.iter().map(|(hash, ..)| *hash).collect();
        if wanted.is_empty() {
            return Some(());
        }
        let found = with_ids(log, &wanted, cancel)?;
        self.chains.sort_unstable_by_key(|(at, _)| *at);
        for (hash, effect, chain) in std::mem::take(&mut self.outside) {
            let Some(&cause) = found.get(&hash) else { continue };
            if let (Some(cause), Some(effect)) = (step(log, cause), step(log, effect)) {
                self.edges.add(&cause, &effect);
            }
            let (block, at) = chain;
            let Ok(block) = self.chains.binary_search_by_key(&block, |(first, _)| *first) else { continue };
            if let Some(chain) = self.chains[block].1.get_mut(at) {
                chain.missing = chain.missing.saturating_sub(1);
            }
        }
        Some(())
    }
}
