//! A chain as a graph: events in causal order, their causes as indexes into the chain.

use rapidhash::RapidHashMap;

use super::order;
use crate::model::ids::{EntityIx, EventIx, ServiceIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Correlation ids, as events write them; none for a chain that only causes tie together.
    pub ids: Vec<String>,
    /// Further ids that so many events share that they tie nothing together.
    pub constants: Vec<String>,
    /// Causes before effects; where nothing says more, by time and position.
    pub links: Vec<Link>,
    /// Causes that are not in the log.
    pub missing: Vec<Missing>,
    /// Indexes of events that have no cause in the chain.
    pub roots: Vec<u32>,
    /// The way from a root to the last event on which each cause is the latest one: what took the time.
    pub critical: Vec<u32>,
    /// When its first event happened, where there are times.
    pub start: Option<TimeNs>,
    /// First to last event, where there are times.
    pub duration_ns: Option<i64>,
    /// Nothing ties its events together but the entities that they share: causes are a guess.
    pub inferred: bool,
}

/// One event of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    pub event: EventIx,
    pub time: Option<TimeNs>,
    pub type_ix: TypeIx,
    pub service_ix: ServiceIx,
    /// Indexes of its causes in the chain, each once; not those that lead back to it.
    pub causes: Vec<u32>,
    /// Steps from the farthest root.
    pub depth: u32,
    /// It names itself as its cause, which some frameworks do for the first event.
    pub causes_itself: bool,
    /// Causes that are its effects too: an edge from one of them would close a circle, so it is kept
    /// here instead of in `causes`. Indexes into the chain.
    pub circle: Vec<u32>,
    /// It happened before one of its causes, by the clocks of the services.
    pub before_cause: bool,
    /// An earlier event of the chain has the same id.
    pub repeats: Option<u32>,
    /// In an inferred chain: the entities by which it was tied to its causes.
    pub shared: Vec<EntityIx>,
}

/// A cause that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    pub wanted_by: u32,
    /// Which of the event's causes, by hash.
    pub hash: u64,
}

impl Chain {
    pub(super) fn of(snapshot: &Snapshot, ids: Vec<String>, events: Vec<EventIx>) -> Self {
        let mut links: Vec<Link> = events.iter().map(|&event| link(snapshot, event)).collect();
        // Effects are looked for after their causes, so by time first.
        links.sort_by_key(|link| (link.time.is_none(), link.time, link.event));
        let mut by_id: RapidHashMap<u64, u32> = RapidHashMap::default();
        for (i, link) in links.iter_mut().enumerate() {
            let Some(hash) = snapshot.id_hash_of(link.event) else {
                continue;
            };
            match by_id.get(&hash) {
                Some(&first) => link.repeats = Some(first),
                None => {
                    by_id.insert(hash, i as u32);
                }
            }
        }
        let mut missing = Vec::new();
        for (i, link) in links.iter_mut().enumerate() {
            let Some((segment, row)) = snapshot.locate(link.event) else { continue };
            for hash in segment.causes(row) {
                match by_id.get(hash) {
                    Some(&cause) if cause == i as u32 || segment.id_hash(row) == Some(*hash) => {
                        link.causes_itself = true;
                    }
                    Some(&cause) if !link.causes.contains(&cause) => link.causes.push(cause),
                    Some(_) => (),
                    None => missing.push(Missing { wanted_by: i as u32, hash: *hash }),
                }
            }
        }
        let mut chain = Self { ids, links, missing, ..Self::default() };
        order::sort(&mut chain);
        chain.measure();
        chain
    }

    /// A chain by likeness: an event's causes are the last events before it with which it shares an
    /// entity. `tied` are the events with the entities that count.
    pub(super) fn by_likeness(snapshot: &Snapshot, tied: &[(EventIx, Vec<EntityIx>)]) -> Self {
        let mut tied: Vec<(Link, &[EntityIx])> =
            tied.iter().map(|(event, entities)| (link(snapshot, *event), entities.as_slice())).collect();
        tied.sort_by_key(|(link, _)| (link.time.is_none(), link.time, link.event));
        let mut last: RapidHashMap<EntityIx, u32> = RapidHashMap::default();
        for (i, (link, entities)) in tied.iter_mut().enumerate() {
            for &entity in *entities {
                let Some(cause) = last.insert(entity, i as u32) else { continue };
                link.shared.push(entity);
                if !link.causes.contains(&cause) {
                    link.causes.push(cause);
                }
            }
        }
        let links = tied.into_iter().map(|(link, _)| link).collect();
        let mut chain = Self { links, inferred: true, ..Self::default() };
        order::sort(&mut chain);
        chain.measure();
        chain
    }

    #[must_use]
    pub fn index_of(&self, event: EventIx) -> Option<u32> {
        self.links.iter().position(|link| link.event == event).map(|i| i as u32)
    }

    /// In the order of first appearance.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceIx> {
        let mut services = Vec::new();
        for link in &self.links {
            if link.service_ix != ServiceIx::NONE && !services.contains(&link.service_ix) {
                services.push(link.service_ix);
            }
        }
        services
    }

    fn measure(&mut self) {
        let times = || self.links.iter().filter_map(|link| link.time);
        self.start = times().min();
        self.duration_ns = self.start.zip(times().max()).map(|(first, last)| last.0.saturating_sub(first.0));
        self.roots = (0..self.links.len() as u32).filter(|&i| self.links[i as usize].causes.is_empty()).collect();
        for i in 0..self.links.len() {
            let (time, causes) = (self.links[i].time, &self.links[i].causes);
            let late = causes.iter().filter_map(|&c| self.links[c as usize].time).any(|cause| Some(cause) > time);
            self.links[i].before_cause = time.is_some() && late;
        }
        self.critical = self.critical_path();
    }

    fn critical_path(&self) -> Vec<u32> {
        let later = |i: u32| (self.links[i as usize].time, self.links[i as usize].event);
        let caused = (0..self.links.len() as u32).filter(|&i| !self.links[i as usize].causes.is_empty());
        let Some(mut at) = caused.max_by_key(|&i| later(i)) else { return Vec::new() };
        let mut path = vec![at];
        // Causes stand before their effects, so this ends.
        while let Some(cause) = self.links[at as usize].causes.iter().copied().max_by_key(|&c| later(c)) {
            path.push(cause);
            at = cause;
        }
        path.reverse();
        path
    }
}

fn link(snapshot: &Snapshot, event: EventIx) -> Link {
    Link {
        event,
        time: snapshot.time(event),
        type_ix: snapshot.type_ix(event),
        service_ix: snapshot.service_ix(event),
        ..Link::default()
    }
}
