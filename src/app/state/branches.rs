//! Branches that a person made of histories. They are part of the view, so that the ordinary undo
//! takes back one change after the other; copies of a view share them.

use std::sync::Arc;

use crate::analysis::state::whatif::Branch;
use crate::model::ids::EntityIx;

/// A branch and whose history it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityBranch {
    /// Never given twice.
    pub number: u64,
    pub entity: EntityIx,
    pub branch: Arc<Branch>,
}

/// All branches of the log, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branches {
    all: Arc<Vec<EntityBranch>>,
    /// The one that is shown, of the entity in focus.
    pub shown: Option<u64>,
    given: u64,
}

impl Branches {
    pub fn of(&self, entity: EntityIx) -> impl Iterator<Item = &EntityBranch> {
        self.all.iter().filter(move |b| b.entity == entity)
    }

    #[must_use]
    pub fn all(&self) -> &[EntityBranch] {
        &self.all
    }

    #[must_use]
    pub fn get(&self, number: u64) -> Option<&EntityBranch> {
        self.all.iter().find(|b| b.number == number)
    }

    /// The branch that is shown, if it is one of this entity: else the last one of it.
    #[must_use]
    pub fn shown_of(&self, entity: EntityIx) -> Option<&EntityBranch> {
        let shown = self.shown.and_then(|number| self.get(number)).filter(|b| b.entity == entity);
        shown.or_else(|| self.of(entity).last())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A branch without changes, under a name that no other of the entity has.
    pub(crate) fn add(&mut self, entity: EntityIx) -> u64 {
        let name = (1..=self.all.len() + 1)
            .map(|n| format!("What if {n}"))
            .find(|name| self.of(entity).all(|b| b.branch.name != *name));
        let name = name.expect("more names than branches");
        self.restore(entity, Branch::new(&name));
        self.shown = Some(self.given);
        self.given
    }

    /// One that was there before; it is not shown by that.
    pub(crate) fn restore(&mut self, entity: EntityIx, branch: Branch) {
        self.given += 1;
        let branch = EntityBranch { number: self.given, entity, branch: Arc::new(branch) };
        Arc::make_mut(&mut self.all).push(branch);
    }

    pub(crate) fn remove(&mut self, number: u64) {
        Arc::make_mut(&mut self.all).retain(|b| b.number != number);
        self.shown = self.shown.filter(|shown| *shown != number);
    }

    pub(crate) fn change(&mut self, number: u64, change: impl FnOnce(&mut Branch)) {
        if let Some(found) = Arc::make_mut(&mut self.all).iter_mut().find(|b| b.number == number) {
            change(Arc::make_mut(&mut found.branch));
        }
    }
}
