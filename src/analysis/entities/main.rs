//! The entity that an event is mainly about.

use crate::model::ids::EntityIx;
use crate::store::segment::Segment;

/// Of each row the entity of its stream; where it has none, the one that came first in the log.
#[must_use]
pub fn main_entities(segment: &Segment) -> Vec<Option<EntityIx>> {
    let mut of: Vec<Option<(bool, EntityIx)>> = vec![None; segment.len() as usize];
    for (key, rows) in segment.entities().marked() {
        for (row, stream) in rows {
            let Some(known) = of.get_mut(usize::from(row)) else { continue };
            let better = known.is_none_or(|(was, entity)| (stream && !was) || (stream == was && key < entity.0));
            if better {
                *known = Some((stream, EntityIx(key)));
            }
        }
    }
    of.into_iter().map(|of| of.map(|(_, entity)| entity)).collect()
}
