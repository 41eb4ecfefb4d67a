//! Read models against the log: is each row what the events of its entity make (`check`), and which
//! events has a consumer processed (`processed`). Rows come as JSON objects from whoever reads the table.

pub mod check;
pub mod columns;
mod compare;
mod expression;
pub mod fold;
pub mod processed;
#[cfg(test)]
mod tests;

/// The first of many, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    pub first: Vec<T>,
    pub count: u64,
}

/// What a [`Listed`] holds at most.
pub const MOST_LISTED: usize = 10_000;

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<T> Listed<T> {
    /// Makes the element only where it is kept.
    fn add(&mut self, element: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < MOST_LISTED {
            self.first.push(element());
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
