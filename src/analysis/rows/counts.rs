//! How many of some rows have each type and each service.

use super::Rows;
use crate::base::cancel::Cancel;
use crate::model::ids::{ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Rows by type and by service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    types: Vec<u64>,
    services: Vec<u64>,
}

impl NameCounts {
    /// One pass over two columns. `None` when cancelled.
    #[must_use]
    pub fn of(snapshot: &Snapshot, rows: &Rows, cancel: &Cancel) -> Option<Self> {
        let mut counts = Self { types: vec![0; snapshot.types().len()], services: vec![0; snapshot.services().len()] };
        for (i, segment) in snapshot.segments().iter().enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            for row in rows.iter_in(i) {
                counts.types.get_mut(segment.type_ix(row).at()).into_iter().for_each(|n| *n += 1);
                counts.services.get_mut(usize::from(segment.service_ix(row).0)).into_iter().for_each(|n| *n += 1);
            }
        }
        Some(counts)
    }

    #[must_use]
    pub fn of_type(&self, type_ix: TypeIx) -> u64 {
        self.types.get(type_ix.at()).copied().unwrap_or(0)
    }

    #[must_use]
    pub fn of_service(&self, service: ServiceIx) -> u64 {
        self.services.get(usize::from(service.0)).copied().unwrap_or(0)
    }
}
