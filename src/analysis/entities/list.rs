//! The list of entities, as lanes and as rows: filtered, sorted, grouped, the pinned ones first.

use std::cmp::Reverse;

use super::name_order::sort_by_name;
use super::search::{Matcher, search};
use super::stats::EntityStats;
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::snapshot::Snapshot;

/// Each in the order a person expects of it; equal ones by first event, then by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The earliest first.
    #[default]
    First,
    /// The most recent first.
    Last,
    /// The largest first.
    Count,
    /// By kind, then by id.
    Name,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub sort: Sort,
    pub reversed: bool,
    /// Part of an id or a kind; empty for all.
    pub text: String,
    /// Empty for all.
    pub kinds: Vec<KindIx>,
    pub group_by_kind: bool,
    /// Always there and first, in this order.
    pub pinned: Vec<EntityIx>,
}

/// Entities of one kind that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub kind: KindIx,
    /// Place in the list.
    pub first: u32,
    pub len: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityList {
    pub order: Vec<EntityIx>,
    /// How many of them, at the start, are pinned.
    pub pinned: u32,
    /// In their order; empty where nothing is grouped.
    pub groups: Vec<Group>,
}

/// Entities without an event in `stats` are left out unless pinned. `None` when cancelled.
#[must_use]
pub fn list(snapshot: &Snapshot, stats: &EntityStats, query: &ListQuery, cancel: &Cancel) -> Option<EntityList> {
    let mut found = if query.text.trim().is_empty() && query.kinds.is_empty() {
        (0..snapshot.entity_count()).map(EntityIx).collect()
    } else {
        search(&query.text, &query.kinds, snapshot, cancel)?
    };
    let mut pinned = vec![false; if query.pinned.is_empty() { 0 } else { snapshot.entity_count() as usize }];
    let mut order: Vec<EntityIx> = Vec::with_capacity(query.pinned.len());
    for &ix in &query.pinned {
        if pinned.get(ix.at()) == Some(&false) {
            pinned[ix.at()] = true;
            order.push(ix);
        }
    }
    found.retain(|ix| stats.count(*ix) > 0 && pinned.get(ix.at()) != Some(&true));
    if cancel.is_cancelled() {
        return None;
    }
    sort(&mut found, snapshot, stats, query.sort, query.reversed);
    let first = order.len() as u32;
    let groups = if query.group_by_kind { group(&mut found, snapshot, first) } else { Vec::new() };
    order.append(&mut found);
    Some(EntityList { order, pinned: first, groups })
}

/// Whether one entity belongs to the list that a query gives, whatever its place.
#[must_use]
pub fn is_listed(entity: EntityIx, snapshot: &Snapshot, query: &ListQuery) -> bool {
    let Some(name) = snapshot.entity(entity) else { return false };
    query.pinned.contains(&entity)
        || ((query.kinds.is_empty() || query.kinds.contains(&name.kind))
            && Matcher::new(&query.text, snapshot).matches(name))
}

fn sort(found: &mut [EntityIx], snapshot: &Snapshot, stats: &EntityStats, sort: Sort, reversed: bool) {
    // Keys are copied beside the numbers first: sorting then stays inside one block of memory.
    let by = |found: &mut [EntityIx], key: &dyn Fn(EntityIx) -> (i64, i64)| {
        let mut keyed: Vec<((i64, i64), EntityIx)> = found.iter().map(|&ix| (key(ix), ix)).collect();
        keyed.sort_unstable();
        found.iter_mut().zip(keyed).for_each(|(slot, (_, ix))| *slot = ix);
    };
    match sort {
        Sort::First => by(found, &|ix| (stats.first(ix), 0)),
        Sort::Last => by(found, &|ix| (-1 - stats.last(ix), stats.first(ix))),
        Sort::Count => by(found, &|ix| (-i64::from(stats.count(ix)), stats.first(ix))),
        Sort::Name => sort_by_name(found, snapshot),
    }
    if reversed {
        found.reverse();
    }
}

/// Brings kinds together, the one with most entities first, and keeps the order inside each.
fn group(found: &mut Vec<EntityIx>, snapshot: &Snapshot, first: u32) -> Vec<Group> {
    let mut members: Vec<Vec<EntityIx>> = vec![Vec::new(); snapshot.kinds().len()];
    for &ix in found.iter() {
        if let Some(of_kind) = snapshot.entity(ix).and_then(|entity| members.get_mut(entity.kind.at())) {
            of_kind.push(ix);
        }
    }
    let mut kinds: Vec<usize> = (0..members.len()).filter(|&kind| !members[kind].is_empty()).collect();
    kinds.sort_by_key(|&kind| (Reverse(snapshot.kinds()[kind].entities), &snapshot.kinds()[kind].name));
    found.clear();
    let mut groups = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let len = members[kind].len() as u32;
        groups.push(Group { kind: KindIx(kind as u16), first: first + found.len() as u32, len });
        found.append(&mut members[kind]);
    }
    groups
}
