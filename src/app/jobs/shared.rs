//! Answers that several panels show: the rows of the filter in their order, and the entities that
//! have such rows, counted and sorted. The shell asks once per frame; panels read.

use std::sync::{Arc, Mutex};

use super::{ChainJob, FlowsJob, Job, LetterJobs, LintJobs, RequeueJobs, Slot, TravelJobs, Waker};
use crate::analysis::entities::{EntityList, EntityStats, KindCounts, ListQuery, Sort, list, stats};
use crate::analysis::query;
use crate::analysis::rows::{NameCounts, RowOrder, Rows};
use crate::analysis::timeline::Basis;
use crate::app::passwords::Passwords;
use crate::app::state::{LaneSort, LaneView, RowOrder as Order, State, View};
use crate::base::sync::lock;
use crate::model::filter::{Filter, FilterError};
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;

/// What the rows depend on besides the log.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsKey {
    pub filter: String,
    pub order: Order,
}

/// The rows that pass the filter, of the moment `snapshot`.
#[derive(Debug)]
pub struct RowsAnswer {
    pub snapshot: Arc<Snapshot>,
    pub order: RowOrder,
    /// Rows whose record was needed and could not be read.
    pub unread: u64,
    /// Set where there is a filter.
    pub names: Option<NameCounts>,
}

impl RowsAnswer {
    #[must_use]
    pub fn rows(&self) -> &Rows {
        self.order.rows()
    }
}

/// What the entities depend on besides the log.
#[derive(Clone, Debug, PartialEq)]
pub struct EntitiesKey {
    pub filter: String,
    pub query: ListQuery,
}

/// Entities with rows that pass the filter: statistics of all, and the list as lanes show it.
#[derive(Debug)]
pub struct EntitiesAnswer {
    pub snapshot: Arc<Snapshot>,
    pub stats: Arc<EntityStats>,
    pub list: Arc<EntityList>,
    /// Set where there is a filter.
    pub kinds: Option<Arc<KindCounts>>,
}

/// See the module's documentation.
pub struct Jobs {
    pub rows: Slot<RowsKey, Option<RowsAnswer>>,
    pub entities: Slot<EntitiesKey, Option<EntitiesAnswer>>,
    /// The entity in focus through time.
    pub travel: TravelJobs,
    /// The chain of the selected event.
    pub chain: ChainJob,
    /// All chains of the log.
    pub flows: FlowsJob,
    /// What rules find.
    pub lints: LintJobs,
    pub letters: LetterJobs,
    /// Letters that are put back.
    pub requeue: RequeueJobs,
    /// Why the filter as it stands can't be used; the answers then belong to the one before.
    pub filter_error: Option<FilterError>,
    parsed: Option<(String, Filter)>,
    /// A filter whose evaluation a person stopped.
    stopped: Option<String>,
    counted: Arc<Mutex<Option<Counted>>>,
    /// What the filter found last, so that a log that grows is looked through only where it is new.
    found: Arc<Mutex<Option<query::Answer>>>,
}

/// Statistics are the same for every order and text of the list, so they are kept beside it.
struct Counted {
    generation: u64,
    filter: String,
    stats: Arc<EntityStats>,
    kinds: Option<Arc<KindCounts>>,
}

impl Jobs {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self {
            rows: Slot::new("filter", waker.clone()),
            entities: Slot::new("entities", waker.clone()),
            travel: TravelJobs::new(waker),
            chain: ChainJob::new(waker),
            flows: FlowsJob::new(waker),
            lints: LintJobs::new(waker),
            letters: LetterJobs::new(waker),
            requeue: RequeueJobs::new(waker),
            filter_error: None,
            parsed: None,
            stopped: None,
            counted: Arc::default(),
            found: Arc::default(),
        }
    }

    /// Asks for what the state now needs, and tells the state the history of the entity in focus
    /// once that is known. Cheap where nothing changed.
    pub fn refresh(&mut self, snapshot: &Arc<Snapshot>, state: &mut State) {
        self.travel.refresh(snapshot, state);
        self.chain.refresh(snapshot, state);
        self.flows.refresh(snapshot, state);
        self.lints.refresh(snapshot, state);
        self.parse(&state.view.filter);
        let Some((text, filter)) = self.parsed.clone() else { return };
        if self.stopped.as_ref() == Some(&text) {
            return;
        }
        self.stopped = None;
        let key = RowsKey { filter: text.clone(), order: state.view.table.order };
        let order = key.order;
        let (log, found) = (Arc::clone(snapshot), Arc::clone(&self.found));
        self.rows.ask(key, snapshot.generation(), move |job| find(log, &filter, order, &found, job));
        self.ask_entities(snapshot, &state.view, text);
    }

    /// The same for dead letters, the plan that puts some back, and what the journal says.
    pub fn refresh_letters(&mut self, snapshot: &Arc<Snapshot>, state: &State, passwords: &Passwords) {
        let config = &state.settings.dead_letters;
        self.letters.refresh(snapshot, config, state.reading);
        if let (Some(wish), Some(letters)) = (&state.requeue.wish, self.letters.answer()) {
            self.requeue.ask(&letters, config, wish, passwords);
        }
        self.requeue.look(state.requeue.journal);
        self.requeue.moves.look(state.requeue.moves.as_ref());
    }

    /// Stops the filter that is being evaluated; what was shown before stays.
    pub fn stop(&mut self, state: &State) {
        self.stopped = Some(state.view.filter.clone());
        self.rows.cancel();
        self.entities.cancel();
    }

    /// Forgets everything, as for another log.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.entities.clear();
        self.travel.clear();
        self.chain.clear();
        self.flows.clear();
        self.lints.clear();
        self.letters.clear();
        self.requeue.clear();
        self.parsed = None;
        self.stopped = None;
        self.filter_error = None;
        *lock(&self.counted) = None;
        *lock(&self.found) = None;
    }

    /// Whether the filter shown is the one in the bar.
    #[must_use]
    pub fn is_filter_current(&self, state: &State) -> bool {
        self.filter_error.is_none()
            && self.rows.answer().is_some_and(|a| a.value.is_some() && a.key.filter == state.view.filter)
    }

    fn parse(&mut self, text: &str) {
        if self.parsed.as_ref().is_some_and(|(parsed, _)| parsed == text) {
            self.filter_error = None;
            return;
        }
        match query::parse(text) {
            Ok(filter) => {
                self.parsed = Some((text.to_owned(), filter));
                self.filter_error = None;
            }
            Err(error) => self.filter_error = Some(error),
        }
    }

    fn ask_entities(&mut self, snapshot: &Arc<Snapshot>, view: &View, filter: String) {
        let (log, rows) = if filter.is_empty() {
            (Arc::clone(snapshot), None)
        } else {
            // Counted from the rows once those are there.
            let Some(answer) = self.rows.answer().filter(|a| a.key.filter == filter) else { return };
            let Some(found) = &answer.value else { return };
            (Arc::clone(&found.snapshot), Some(found.rows().clone()))
        };
        let key = EntitiesKey { filter, query: list_query(&log, &view.lanes) };
        let (asked, counted) = (key.clone(), Arc::clone(&self.counted));
        self.entities.ask(key, log.generation(), move |job| listed(log, rows.as_ref(), &asked, &counted, job));
    }
}

fn find(
    log: Arc<Snapshot>,
    filter: &Filter,
    order: Order,
    found: &Mutex<Option<query::Answer>>,
    job: &Job,
) -> Option<RowsAnswer> {
    let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
    let before = lock(found).take();
    let answer = query::evaluate_again(filter, &log, before.as_ref(), &job.cancel, &progress);
    *lock(found) = Some(answer.clone());
    let names = if filter.root.is_none() { None } else { Some(NameCounts::of(&log, &answer.rows, &job.cancel)?) };
    let order = match order {
        Order::Position => RowOrder::by_position(answer.rows),
        Order::Time => RowOrder::by_time(&log, answer.rows, &job.cancel)?,
    };
    Some(RowsAnswer { snapshot: log, order, unread: answer.unread, names })
}

fn listed(
    log: Arc<Snapshot>,
    rows: Option<&Rows>,
    key: &EntitiesKey,
    counted: &Mutex<Option<Counted>>,
    job: &Job,
) -> Option<EntitiesAnswer> {
    let known = {
        let counted = lock(counted);
        let same = |c: &&Counted| c.generation == log.generation() && c.filter == key.filter;
        counted.as_ref().filter(same).map(|c| (Arc::clone(&c.stats), c.kinds.clone()))
    };
    let (stats, kinds) = if let Some(known) = known {
        known
    } else {
        let stats = Arc::new(stats(&log, rows, Basis::of(&log), &job.cancel)?);
        let kinds = match rows {
            Some(rows) => Some(Arc::new(KindCounts::of(&log, rows, &stats, &job.cancel)?)),
            None => None,
        };
        (stats, kinds)
    };
    let (generation, filter) = (log.generation(), key.filter.clone());
    let fresh = Counted { generation, filter, stats: Arc::clone(&stats), kinds: kinds.clone() };
    *lock(counted) = Some(fresh);
    let list = Arc::new(list(&log, &stats, &key.query, &job.cancel)?);
    Some(EntitiesAnswer { snapshot: log, stats, list, kinds })
}

/// The view's lanes in the analysis' words; kinds that the log does not have are left out.
#[must_use]
pub fn list_query(log: &Snapshot, lanes: &LaneView) -> ListQuery {
    let kind = |name: &String| log.kinds().iter().position(|k| *k.name == **name);
    ListQuery {
        sort: match lanes.sort {
            LaneSort::First => Sort::First,
            LaneSort::Last => Sort::Last,
            LaneSort::Count => Sort::Count,
            LaneSort::Name => Sort::Name,
        },
        reversed: lanes.reversed,
        text: lanes.text.clone(),
        kinds: lanes.kinds.iter().filter_map(kind).filter_map(|i| u16::try_from(i).ok()).map(KindIx).collect(),
        group_by_kind: lanes.group_by_kind,
        pinned: lanes.pinned.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    fn log() -> Arc<Snapshot> {
        let mut builder = Builder::new();
        for i in 0..30_i64 {
            builder.push(TestEvent {
                time: Some(i * 1_000),
                type_name: if i % 3 == 0 { "OrderPlaced" } else { "OrderPaid" }.to_owned(),
                entities: vec![format!("order:{}", i % 5)],
                ..TestEvent::default()
            });
        }
        builder.build()
    }

    fn settle(jobs: &mut Jobs, log: &Arc<Snapshot>, state: &mut State) {
        for _ in 0..3 {
            jobs.refresh(log, state);
            assert!(jobs.rows.wait(Duration::from_secs(20)));
            assert!(jobs.entities.wait(Duration::from_secs(20)));
        }
    }

    #[test]
    fn rows_and_entities_follow_the_filter() {
        let (log, mut state, mut jobs) = (log(), State::default(), Jobs::new(&Waker::none()));
        for (filter, rows, entities) in [("", 30, 5), ("type:OrderPlaced", 10, 5), ("entity:order:2", 6, 1)] {
            state.view.filter = filter.to_owned();
            settle(&mut jobs, &log, &mut state);
            let answer = jobs.rows.answer().expect("an answer");
            assert_eq!(answer.value.as_ref().map(|a| a.rows().len()), Some(rows), "{filter}");
            let answer = jobs.entities.answer().expect("an answer");
            assert_eq!(answer.value.as_ref().map(|a| a.list.order.len()), Some(entities), "{filter}");
            let counted = answer.value.as_ref().and_then(|a| Some(a.kinds.as_ref()?.entities(KindIx(0))));
            assert_eq!(counted, (!filter.is_empty()).then_some(entities as u64), "{filter}");
            assert!(jobs.is_filter_current(&state));
        }
    }

    #[test]
    fn a_filter_with_an_error_keeps_the_answer_of_the_one_before() {
        let (log, mut state, mut jobs) = (log(), State::default(), Jobs::new(&Waker::none()));
        state.view.filter = "type:OrderPlaced".to_owned();
        settle(&mut jobs, &log, &mut state);
        state.view.filter = "type:".to_owned();
        settle(&mut jobs, &log, &mut state);
        assert!(jobs.filter_error.is_some() && !jobs.is_filter_current(&state));
        assert_eq!(jobs.rows.answer().map(|a| a.key.filter.clone()).as_deref(), Some("type:OrderPlaced"));
        state.view.filter = "type:OrderPlaced".to_owned();
        settle(&mut jobs, &log, &mut state);
        assert!(jobs.filter_error.is_none());
    }
}
