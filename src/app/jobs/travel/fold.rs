//! Finds the history of the entity in focus, its reducer, and folds it. Of a log that grows only the
//! new events are folded, and nothing where the entity has none.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::super::Job;
use super::Pool;
use crate::analysis::state::event::Events;
use crate::analysis::state::fold::{Folded, LIMIT_BYTES, fold, fold_on};
use crate::analysis::state::history::History;
use crate::analysis::state::reducer::{CompileError, ReducerKind, ReducerSource};
use crate::analysis::state::reducers::infer::{Inferred, infer};
use crate::analysis::state::stored::Stored;
use crate::base::sync::lock;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::snapshot::Snapshot;

/// What a fold depends on besides the log.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldKey {
    pub entity: EntityIx,
    /// By hand; inferred where there is none.
    pub chosen: Option<ReducerSource>,
    pub keep_duplicates: bool,
    pub again: u64,
}

/// The reducer of a kind of entity, and how it came to be.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub source: ReducerSource,
    /// By a person, not inferred from the log.
    pub by_hand: bool,
    /// The rules as they were inferred, with their evidence; none where they are by hand.
    pub inferred: Option<Arc<Inferred>>,
}

impl Chosen {
    /// How sure the inferred rules are on average, from 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> Option<f32> {
        let rules = &self.inferred.as_ref()?.rules;
        (!rules.is_empty()).then(|| rules.iter().map(|rule| rule.confidence).sum::<f32>() / rules.len() as f32)
    }
}

/// The entity in focus at one moment of the log.
#[derive(Clone, Debug)]
pub struct Focus {
    /// The same while one fold grows, another for every other fold.
    pub number: u64,
    pub entity: EntityIx,
    /// Its kind's name.
    pub kind: Arc<str>,
    pub snapshot: Arc<Snapshot>,
    pub history: Arc<History>,
    /// None until the log was looked through for rules.
    pub reducer: Option<Chosen>,
    /// What is wrong with the reducer's text; there is no fold then.
    pub error: Option<CompileError>,
    /// None until the fold has begun.
    pub folded: Option<Arc<Folded>>,
}

impl Focus {
    /// Whether everything is folded, or the reducer stopped for good.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.error.is_some() || self.folded.as_ref().is_some_and(|f| f.is_done() || f.stopped().is_some())
    }
}

/// What one fold leaves for the next.
#[derive(Default)]
pub(super) struct Fold {
    numbers: AtomicU64,
    last: Mutex<Option<(FoldKey, Arc<Focus>)>>,
    inferred: Mutex<Vec<Known>>,
}

/// Rules that were inferred for a kind, and of how large a log.
struct Known {
    kind: Arc<str>,
    rows: u64,
    chosen: Chosen,
}

/// The name of an entity's kind; empty where the log has no such entity.
pub(super) fn kind_of(log: &Snapshot, entity: EntityIx) -> Arc<str> {
    log.entity(entity).map_or("", |name| log.kind_name(name.kind)).into()
}

impl Fold {
    pub(super) fn run(
        &self,
        log: &Arc<Snapshot>,
        key: &FoldKey,
        kind: Arc<str>,
        pool: &Pool,
        job: &Job,
        publish: &mut dyn FnMut(Arc<Focus>),
    ) {
        let Some(history) = History::of(log, key.entity, key.keep_duplicates, &job.cancel) else { return };
        let before = lock(&self.last).clone().filter(|(of, _)| of == key).map(|(_, focus)| focus);
        if let Some(before) = &before
            && before.is_done()
            && before.history.events == history.events
            && before.history.repeats.len() == history.repeats.len()
        {
            publish(Arc::clone(before));
            return;
        }
        let mut focus = Focus {
            number: self.numbers.fetch_add(1, Ordering::Relaxed) + 1,
            entity: key.entity,
            kind,
            snapshot: Arc::clone(log),
            history: Arc::new(history),
            reducer: None,
            error: None,
            folded: None,
        };
        if before.is_none() {
            publish(Arc::new(focus.clone()));
        }
        let chosen = match &key.chosen {
            Some(source) => Some(Chosen { source: source.clone(), by_hand: true, inferred: None }),
            None => self.infer(log, &focus.kind, job),
        };
        let Some(chosen) = chosen else { return };
        let source = chosen.source.clone();
        focus.reducer = Some(chosen);
        match pool.lend(&source) {
            Err(error) => focus.error = Some(error),
            Ok(mut reducer) => {
                let events: Arc<dyn Events> =
                    Arc::new(Stored { snapshot: Arc::clone(log), history: Arc::clone(&focus.history) });
                let len = f64::from(events.len().max(1));
                let grown = before.and_then(|before| grown_from(&before, &focus, &source));
                let mut tell = |folded: Arc<Folded>| {
                    job.report(f64::from(folded.done()) / len);
                    publish(Arc::new(Focus { folded: Some(folded), ..focus.clone() }));
                };
                let folded = match grown {
                    Some((base, same)) => {
                        fold_on(&base, same, events, &mut *reducer, LIMIT_BYTES, &job.cancel, &mut tell)
                    }
                    None => fold(events, source, &mut *reducer, None, LIMIT_BYTES, &job.cancel, &mut tell),
                };
                focus.folded = Some(folded);
            }
        }
        let focus = Arc::new(focus);
        *lock(&self.last) = Some((key.clone(), Arc::clone(&focus)));
        publish(focus);
    }

    /// The rules that the log itself shows for this kind; looked for again when the log is twice as
    /// long. Nothing when cancelled.
    fn infer(&self, log: &Arc<Snapshot>, kind: &Arc<str>, job: &Job) -> Option<Chosen> {
        let known = {
            let known = lock(&self.inferred);
            let fresh = |k: &&Known| k.kind == *kind && log.len() / 2 <= k.rows;
            known.iter().find(fresh).map(|k| k.chosen.clone())
        };
        if known.is_some() {
            return known;
        }
        let ix = log.kinds().iter().position(|k| *k.name == **kind).and_then(|i| u16::try_from(i).ok())?;
        let inferred = infer(log, KindIx(ix), &job.cancel);
        if job.cancel.is_cancelled() {
            return None;
        }
        let source = ReducerSource { kind: ReducerKind::Inferred, text: inferred.text.as_str().into() };
        let chosen = Chosen { source, by_hand: false, inferred: Some(Arc::new(inferred)) };
        let mut all = lock(&self.inferred);
        all.retain(|k| k.kind != *kind);
        all.push(Known { kind: Arc::clone(kind), rows: log.len(), chosen: chosen.clone() });
        Some(chosen)
    }
}

/// The fold to go on from, and the number of events that are the same.
fn grown_from(before: &Focus, now: &Focus, source: &ReducerSource) -> Option<(Arc<Folded>, u32)> {
    let folded = before.folded.as_ref().filter(|f| f.source() == source && f.stopped().is_none())?;
    let same = before.history.events.iter().zip(now.history.events.iter()).take_while(|(a, b)| a == b).count();
    Some((Arc::clone(folded), same as u32))
}
