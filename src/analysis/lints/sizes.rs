//! How large the events of each type are: counts by size, eight steps to each power of two, so that a
//! median needs no list.

use super::Context;
use super::found::Examples;
use crate::model::ids::{EventIx, TypeIx};

const MAX_LARGE: usize = 1 << 18;
const STEPS: u32 = 8;

#[derive(Clone, Debug, Default)]
pub struct OfType {
    pub events: Examples,
    pub bytes: u64,
    /// By step; made when the first event comes.
    steps: Vec<u32>,
}

#[derive(Debug, Default)]
pub struct Sizes {
    /// By [`TypeIx`]; undecodable rows have none.
    pub types: Vec<OfType>,
    pub all: OfType,
    /// Those from the smallest threshold on, in the order of rows.
    pub large: Vec<(EventIx, TypeIx, u32)>,
    /// More large ones than are kept.
    pub capped: bool,
}

impl Sizes {
    /// `None` when cancelled.
    pub(super) fn of(context: &Context<'_>) -> Option<Self> {
        let mut out = Self { types: vec![OfType::default(); context.log.types().len()], ..Self::default() };
        let from = context.config.bloat_bytes.min(context.config.limit_bytes);
        context.rows(|segment, row| {
            let of = segment.type_ix(row);
            let Some(of_type) = out.types.get_mut(of.at()).filter(|_| of != TypeIx::UNDECODABLE) else { return };
            let (event, size) = (segment.event(row), segment.span(row).len);
            of_type.add(event, size);
            if size >= from {
                out.capped |= out.large.len() == MAX_LARGE;
                if out.large.len() < MAX_LARGE {
                    out.large.push((event, of, size));
                }
            }
        })?;
        out.all = out.types.iter().fold(OfType::default(), |mut all, of_type| {
            all.events.count += of_type.events.count;
            all.bytes += of_type.bytes;
            all.steps.resize(all.steps.len().max(of_type.steps.len()), 0);
            all.steps.iter_mut().zip(&of_type.steps).for_each(|(all, own)| *all = all.saturating_add(*own));
            all
        });
        Some(out)
    }
}

impl OfType {
    fn add(&mut self, event: EventIx, size: u32) {
        self.events.add(event);
        self.bytes += u64::from(size);
        let step = step_of(size) as usize;
        if step >= self.steps.len() {
            self.steps.resize(step + 1, 0);
        }
        if let Some(count) = self.steps.get_mut(step) {
            *count = count.saturating_add(1);
        }
    }

    /// In bytes, off by a tenth at most; 0 where there are no events.
    #[must_use]
    pub fn median(&self) -> u32 {
        let mut left = self.events.count / 2;
        for (step, &count) in self.steps.iter().enumerate() {
            if u64::from(count) > left {
                return middle_of(step as u32);
            }
            left -= u64::from(count);
        }
        0
    }
}

/// Eight steps from one power of two to the next.
fn step_of(size: u32) -> u32 {
    let size = size.max(STEPS);
    let power = size.ilog2();
    (power - 3) * STEPS + (size >> (power - 3)) - STEPS
}

fn middle_of(step: u32) -> u32 {
    let (power, part) = (step / STEPS, step % STEPS);
    ((STEPS + part) << power) + ((1 << power) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_tenth_wide() {
        let mut before = 0;
        for size in (0..2_000).chain((2_000..2_000_000).step_by(997)).chain([u32::MAX]) {
            let step = step_of(size);
            assert!(step >= before);
            before = step;
            let off = f64::from(middle_of(step)) / f64::from(size.max(8)) - 1.0;
            assert!(off.abs() <= 0.1, "{size}: {}", middle_of(step));
        }
        let mut sizes = OfType::default();
        [100, 101, 5_000].into_iter().for_each(|size| sizes.add(EventIx(0), size));
        assert!((95..110).contains(&sizes.median()), "{}", sizes.median());
        assert_eq!(OfType::default().median(), 0);
    }
}
