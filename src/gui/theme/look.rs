//! What an event type or a service looks like: a colour and a form, since colour alone is no sign.
//!
//! The preferred colour comes from the name's hash, so that `OrderPlaced` is blue in every log;
//! where two names of one log prefer the same, the later one takes the next colour that is free.

use super::SERIES;
use crate::base::hash::hash64;
use crate::model::ids::{ServiceIx, TypeIx};

/// The form of a mark on the timeline and of the chip beside a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mark {
    #[default]
    Circle,
    Square,
    Diamond,
    Triangle,
    /// Undecodable only.
    Cross,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// Into [`super::Theme::series`].
    pub slot: u8,
    pub mark: Mark,
}

/// Looks of all types and services of a log, by their numbers. Grows with the log; what was given
/// is never changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    types: Vec<Look>,
    services: Vec<Look>,
}

impl Looks {
    /// Takes in names that are new since the last call, in the order of their numbers. The first
    /// type is "undecodable", the first service "none".
    pub fn extend<'a>(&mut self, types: impl Iterator<Item = &'a str>, services: impl Iterator<Item = &'a str>) {
        for name in types.skip(self.types.len()) {
            let look =
                if self.types.is_empty() { Look { slot: 0, mark: Mark::Cross } } else { next(&self.types[1..], name) };
            self.types.push(look);
        }
        for name in services.skip(self.services.len()) {
            let look = if self.services.is_empty() {
                Look { slot: (SERIES - 1) as u8, mark: Mark::Circle }
            } else {
                next(&self.services[1..], name)
            };
            self.services.push(look);
        }
    }

    #[must_use]
    pub fn of_type(&self, ix: TypeIx) -> Look {
        self.types.get(ix.at()).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn of_service(&self, ix: ServiceIx) -> Look {
        self.services.get(ix.at()).copied().unwrap_or_default()
    }
}

/// The look of one more name: its own slot, else the next one free; another form each round.
fn next(given: &[Look], name: &str) -> Look {
    const MARKS: [Mark; 4] = [Mark::Circle, Mark::Square, Mark::Diamond, Mark::Triangle];
    let preferred = (hash64(name.as_bytes()) % SERIES as u64) as usize;
    let round = given.len() / SERIES;
    let mark = MARKS[round % MARKS.len()];
    let this_round = given.get(round * SERIES..).unwrap_or_default();
    let slot = (0..SERIES)
        .map(|step| ((preferred + step) % SERIES) as u8)
        .find(|slot| this_round.iter().all(|look| look.slot != *slot))
        .unwrap_or(preferred as u8);
    Look { slot, mark }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn looks_differ_while_they_can_and_stay_as_they_were() {
        let names: Vec<String> = (0..40).map(|i| format!("Type{i}")).collect();
        let mut looks = Looks::default();
        looks.extend(names[..10].iter().map(String::as_str), ["", "orders"].into_iter());
        let before = looks.clone();
        looks.extend(names.iter().map(String::as_str), ["", "orders", "billing"].into_iter());
        for i in 0..10 {
            assert_eq!(looks.of_type(TypeIx(i)), before.of_type(TypeIx(i)));
        }
        let distinct: HashSet<_> = (1..=36).map(|i| looks.of_type(TypeIx(i))).collect();
        assert_eq!(distinct.len(), 36, "nine colours in four forms");
        assert_eq!(looks.of_type(TypeIx::UNDECODABLE).mark, Mark::Cross);
    }

    #[test]
    fn a_name_alone_always_looks_the_same() {
        let look = |names: &[&str]| {
            let mut looks = Looks::default();
            looks.extend(names.iter().copied(), std::iter::empty());
            looks.of_type(TypeIx(1))
        };
        assert_eq!(look(&["", "OrderPlaced"]), look(&["", "OrderPlaced", "PaymentFailed"]));
    }
}
