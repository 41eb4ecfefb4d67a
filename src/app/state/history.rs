//! Two histories: selections (back and forward, as in a browser) and views (undo and redo).

use std::time::{Duration, Instant};

use super::view::View;
use crate::model::ids::{EntityIx, EventIx};

/// What is selected: an event, an entity, or an event as one of an entity's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    pub event: Option<EventIx>,
    /// The entity in focus: arrow keys step along its events.
    pub entity: Option<EntityIx>,
}

impl Selection {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.event.is_none() && self.entity.is_none()
    }
}

/// Where the selection was before, and where it was before going back.
#[derive(Clone, Debug, Default)]
pub struct SelectionHistory {
    back: Vec<Selection>,
    forward: Vec<Selection>,
}

/// Enough for a day; the oldest are forgotten.
const KEPT: usize = 500;

impl SelectionHistory {
    /// Remembers what was selected before a new selection.
    pub fn push(&mut self, before: Selection) {
        if before.is_empty() || self.back.last() == Some(&before) {
            return;
        }
        self.forward.clear();
        self.back.push(before);
        if self.back.len() > KEPT {
            self.back.remove(0);
        }
    }

    pub fn back(&mut self, now: Selection) -> Option<Selection> {
        step(&mut self.back, &mut self.forward, now)
    }

    pub fn forward(&mut self, now: Selection) -> Option<Selection> {
        step(&mut self.forward, &mut self.back, now)
    }

    #[must_use]
    pub fn can_go_back(&self) -> bool {
        !self.back.is_empty()
    }

    #[must_use]
    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }
}

fn step(from: &mut Vec<Selection>, to: &mut Vec<Selection>, now: Selection) -> Option<Selection> {
    let next = from.pop()?;
    if !now.is_empty() {
        to.push(now);
    }
    Some(next)
}

/// Undo and redo. Changes of one kind that follow quickly (a drag, a wheel, typing) are one step.
#[derive(Clone, Debug, Default)]
pub struct ViewHistory {
    undo: Vec<View>,
    redo: Vec<View>,
    last: Option<(&'static str, Instant)>,
}

const ONE_STEP: Duration = Duration::from_millis(700);

impl ViewHistory {
    /// Remembers the view as it was before a change of this kind.
    pub fn push(&mut self, before: View, kind: &'static str, now: Instant) {
        self.redo.clear();
        let continued = self.last.is_some_and(|(k, at)| k == kind && now.duration_since(at) < ONE_STEP);
        self.last = Some((kind, now));
        if !continued {
            self.undo.push(before);
            if self.undo.len() > KEPT {
                self.undo.remove(0);
            }
        }
    }

    pub fn undo(&mut self, now: &View) -> Option<View> {
        self.last = None;
        let before = self.undo.pop()?;
        self.redo.push(now.clone());
        Some(before)
    }

    pub fn redo(&mut self, now: &View) -> Option<View> {
        self.last = None;
        let after = self.redo.pop()?;
        self.undo.push(now.clone());
        Some(after)
    }

    /// What kind of change made the last step.
    #[must_use]
    pub fn last_kind(&self) -> Option<&'static str> {
        self.last.map(|(kind, _)| kind)
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }
}
