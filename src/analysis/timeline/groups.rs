//! Which colour an event is drawn in: the most frequent types (or services) have one of their own,
//! the rest share the last.

use std::cmp::Reverse;

use crate::store::names::Name;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// What groups are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GroupBy {
    #[default]
    Type,
    Service,
}

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    by: GroupBy,
    /// By the number of the type or service.
    group_of: Vec<u8>,
    /// Types or services that have a group alone, the most frequent first.
    own: Vec<u16>,
    others: bool,
}

impl Groups {
    /// At most `most` names get a group of their own (never more than 31).
    #[must_use]
    pub fn new(snapshot: &Snapshot, by: GroupBy, most: usize) -> Self {
        let names: &[Name] = match by {
            GroupBy::Type => snapshot.types(),
            GroupBy::Service => snapshot.services(),
        };
        let mut own: Vec<u16> = (0..names.len()).filter(|&i| names[i].events > 0).map(|i| i as u16).collect();
        own.sort_by_key(|&i| (Reverse(names[usize::from(i)].events), i));
        let others = own.len() > most.min(31);
        own.truncate(most.min(31));
        let mut group_of = vec![own.len() as u8; names.len()];
        own.iter().enumerate().for_each(|(group, &i)| group_of[usize::from(i)] = group as u8);
        Self { by, group_of, own, others }
    }

    /// Number of groups, the shared one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.own.len() + 1
    }

    /// Never: there is always the shared group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    #[must_use]
    pub fn by(&self) -> GroupBy {
        self.by
    }

    /// Numbers of the types or services that have groups of their own, in the order of groups.
    #[must_use]
    pub fn own(&self) -> &[u16] {
        &self.own
    }

    /// Whether any name falls into the shared group.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.others
    }

    #[inline]
    pub(super) fn of(&self, segment: &Segment, row: u16) -> usize {
        let name = match self.by {
            GroupBy::Type => segment.type_ix(row).at(),
            GroupBy::Service => segment.service_ix(row).at(),
        };
        self.group_of.get(name).map_or(self.own.len(), |&group| usize::from(group))
    }
}
