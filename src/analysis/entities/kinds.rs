//! How many entities of each kind have one of some rows, and how many of these rows have an entity of the kind.

use super::stats::EntityStats;
use crate::analysis::rows::{Bits, Rows};
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, KindIx};
use crate::store::snapshot::Snapshot;

/// By the numbers of kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindCounts {
    entities: Vec<u64>,
    events: Vec<u64>,
}

impl KindCounts {
    /// `stats` are those of `rows`. An event with two entities of a kind counts once. `None` when cancelled.
    #[must_use]
    pub fn of(snapshot: &Snapshot, rows: &Rows, stats: &EntityStats, cancel: &Cancel) -> Option<Self> {
        let kinds = snapshot.kinds().len();
        let kind_of = |entity: EntityIx| snapshot.entity(entity).map(|name| name.kind.at());
        let mut counts = Self { entities: vec![0; kinds], events: vec![0; kinds] };
        for entity in (0..snapshot.entity_count()).map(EntityIx).filter(|entity| stats.count(*entity) > 0) {
            kind_of(entity).and_then(|kind| counts.entities.get_mut(kind)).into_iter().for_each(|n| *n += 1);
        }
        for (i, segment) in snapshot.segments().iter().enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            if rows.count_in(i) == 0 {
                continue;
            }
            let mut met: Vec<Option<Bits>> = vec![None; kinds];
            for (key, of_key) in segment.entities().iter() {
                let Some(met) = kind_of(EntityIx(key)).and_then(|kind| met.get_mut(kind)) else { continue };
                let met = met.get_or_insert_with(|| Bits::none(segment.len()));
                of_key.iter().filter(|row| rows.contains_in(i, **row)).for_each(|row| met.insert(*row));
            }
            for (events, met) in counts.events.iter_mut().zip(met) {
                *events += met.map_or(0, |met| u64::from(met.count()));
            }
        }
        Some(counts)
    }

    #[must_use]
    pub fn entities(&self, kind: KindIx) -> u64 {
        self.entities.get(kind.at()).copied().unwrap_or(0)
    }

    #[must_use]
    pub fn events(&self, kind: KindIx) -> u64 {
        self.events.get(kind.at()).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::entities::stats;
    use crate::analysis::rows::NameCounts;
    use crate::analysis::timeline::Basis;
    use crate::model::ids::{EventIx, TypeIx};
    use crate::store::testing::Builder;

    #[test]
    fn counts_are_those_of_the_rows() {
        let snapshot = Builder::new()
            .batch_rows(2)
            .simple(1, "Placed", &["order:1", "order:2", "customer:ann"])
            .simple(2, "Paid", &["order:1"])
            .simple(3, "Placed", &["order:3", "customer:ann"])
            .simple(4, "Noted", &[])
            .build();
        let (order, customer) = (KindIx(0), KindIx(1));
        for (events, orders, customers, placed) in [
            (&[0_u64, 1, 2, 3][..], (3, 3), (1, 2), 2),
            (&[0], (2, 1), (1, 1), 1),
            (&[1, 3], (1, 1), (0, 0), 0),
            (&[], (0, 0), (0, 0), 0),
        ] {
            let (rows, cancel) = (Rows::from_events(&snapshot, events.iter().copied().map(EventIx)), Cancel::new());
            let stats = stats(&snapshot, Some(&rows), Basis::Time, &cancel).expect("not cancelled");
            let counts = KindCounts::of(&snapshot, &rows, &stats, &cancel).expect("not cancelled");
            let told = |kind| (counts.entities(kind), counts.events(kind));
            assert_eq!((told(order), told(customer)), (orders, customers), "{events:?}");
            let names = NameCounts::of(&snapshot, &rows, &cancel).expect("not cancelled");
            let type_ix = snapshot.types().iter().position(|name| &*name.name == "Placed").expect("it is there");
            assert_eq!(names.of_type(TypeIx(type_ix as u16)), placed, "{events:?}");
        }
    }
}
