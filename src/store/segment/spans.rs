//! Where each row's record lies. Lines that touch need only their starts.

use crate::model::ids::ByteOffset;
use crate::model::row::Span;

/// Gaps up to this many bytes between lines hold only line ends, which readers trim.
const LINE_END_BYTES: u64 = 4;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Spans {
    pub base: u64,
    /// Relative to `base`; without `lens` one more than there are rows: the end of the last.
    pub starts: Box<[u32]>,
    pub lens: Option<Box<[u32]>>,
}

impl Spans {
    /// `offsets` may differ by no more than [`u32::MAX`], the last record's length included.
    /// `lines` says that only line ends can be between two records.
    pub fn new(offsets: &[u64], lens: &[u32], lines: bool) -> Self {
        let base = offsets.iter().copied().min().unwrap_or(0);
        let touching = lines
            && offsets.iter().zip(lens).zip(offsets.iter().skip(1)).all(|((&start, &len), &next)| {
                next.checked_sub(start + u64::from(len)).is_some_and(|gap| gap <= LINE_END_BYTES)
            });
        let mut starts: Vec<u32> = Vec::with_capacity(offsets.len() + 1);
        starts.extend(offsets.iter().map(|&o| (o - base) as u32));
        if !touching {
            return Self { base, starts: starts.into(), lens: Some(lens.into()) };
        }
        if let (Some(&start), Some(&len)) = (offsets.last(), lens.last()) {
            starts.push((start - base + u64::from(len)) as u32);
        }
        Self { base, starts: starts.into(), lens: None }
    }

    #[inline]
    pub fn get(&self, row: usize) -> Span {
        let start = self.starts.get(row).copied().unwrap_or(0);
        let len = match &self.lens {
            Some(lens) => lens.get(row).copied().unwrap_or(0),
            None => self.starts.get(row + 1).copied().unwrap_or(start).saturating_sub(start),
        };
        Span { offset: ByteOffset(self.base + u64::from(start)), len }
    }

    pub fn bytes(&self) -> usize {
        self.starts.len() * 4 + self.lens.as_ref().map_or(0, |lens| lens.len() * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(offsets: &[u64], lens: &[u32], lines: bool, expected_lens: &[u32], stored: bool) {
        let spans = Spans::new(offsets, lens, lines);
        assert_eq!(spans.lens.is_some(), stored);
        for (row, (&offset, &len)) in offsets.iter().zip(expected_lens).enumerate() {
            assert_eq!(spans.get(row), Span { offset: ByteOffset(offset), len });
        }
    }

    #[test]
    fn touching_lines_need_no_lengths() {
        check(&[10, 16, 22], &[5, 5, 4], true, &[6, 6, 4], false);
        check(&[10, 16, 40], &[5, 5, 4], true, &[5, 5, 4], true);
        check(&[10, 16, 22], &[5, 5, 4], false, &[5, 5, 4], true);
        check(&[22, 16, 10], &[4, 5, 5], true, &[4, 5, 5], true);
        check(&[], &[], true, &[], false);
    }
}
