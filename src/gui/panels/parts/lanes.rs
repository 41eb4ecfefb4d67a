//! The lanes of the timeline in their final order.

use std::sync::Arc;

use crate::model::ids::{EntityIx, KindIx};

/// Lanes of one kind that stand together, as a range of the lane order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub kind: KindIx,
    pub first_lane: u32,
    pub lanes: u32,
}

/// The lanes in their final order: pinned ones, then the others, by kind where they are grouped.
#[derive(Clone, Debug, Default)]
pub struct LaneList {
    pub order: Arc<[EntityIx]>,
    /// Pinned lanes at the start, which belong to no group.
    pub pinned: u32,
    /// Empty where lanes are not grouped.
    pub groups: Vec<Group>,
}

impl LaneList {
    /// The place of an entity; a walk, so only when the selection changes.
    #[must_use]
    pub fn lane_of(&self, entity: EntityIx) -> Option<u32> {
        self.order.iter().position(|&e| e == entity).and_then(|i| u32::try_from(i).ok())
    }
}
