//! Which row of the lane list is which lane. A million lanes are never laid out: groups are a short
//! list, and the row under a pixel is found by arithmetic.
//!
//! Lanes arrive in their final order; where they are grouped, lanes of one kind are neighbours.

use crate::analysis::entities::Group;
use crate::model::ids::KindIx;

/// What stands in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The header of a group, by its place in the list of groups.
    Header(usize),
    /// A lane, by its place in the lane order.
    Lane(u32),
}

/// The rows of the lane list, folded groups left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Lanes before the first header: the pinned ones, or all where nothing is grouped.
    loose: u32,
    blocks: Vec<Block>,
    len: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    first_row: u64,
    group: Group,
    folded: bool,
}

impl Rows {
    /// All lanes, no headers.
    #[must_use]
    pub fn flat(lanes: u32) -> Self {
        Self { loose: lanes, blocks: Vec::new(), len: u64::from(lanes) }
    }

    /// `loose` lanes first, then each group under its header.
    #[must_use]
    pub fn grouped(loose: u32, groups: &[Group], folded: impl Fn(KindIx) -> bool) -> Self {
        let mut len = u64::from(loose);
        let blocks = groups
            .iter()
            .map(|&group| {
                let block = Block { first_row: len, group, folded: folded(group.kind) };
                len += 1 + if block.folded { 0 } else { u64::from(group.len) };
                block
            })
            .collect();
        Self { loose, blocks, len }
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn get(&self, row: u64) -> Option<Row> {
        if row >= self.len {
            return None;
        }
        if row < u64::from(self.loose) {
            return u32::try_from(row).ok().map(Row::Lane);
        }
        let i = self.blocks.partition_point(|b| b.first_row <= row).checked_sub(1)?;
        let block = self.blocks.get(i)?;
        let inside = row - block.first_row;
        if inside == 0 {
            return Some(Row::Header(i));
        }
        u32::try_from(inside - 1).ok().map(|lane| Row::Lane(block.group.first + lane))
    }

    /// The row of a lane, or its group's header where that is folded.
    #[must_use]
    pub fn row_of(&self, lane: u32) -> Option<u64> {
        if lane < self.loose {
            return Some(u64::from(lane));
        }
        let i = self.blocks.partition_point(|b| b.group.first <= lane).checked_sub(1)?;
        let block = self.blocks.get(i)?;
        let inside = lane - block.group.first;
        if inside >= block.group.len {
            return None;
        }
        Some(if block.folded { block.first_row } else { block.first_row + 1 + u64::from(inside) })
    }

    #[must_use]
    pub fn group(&self, header: usize) -> Option<(Group, bool)> {
        self.blocks.get(header).map(|b| (b.group, b.folded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<Group> {
        vec![Group { kind: KindIx(4), first: 2, len: 3 }, Group { kind: KindIx(1), first: 5, len: 2 }]
    }

    #[test]
    fn every_row_is_a_lane_or_a_header() {
        let check = |rows: &Rows, expected: &[Row]| {
            let found: Vec<Row> = (0..rows.len()).filter_map(|r| rows.get(r)).collect();
            assert_eq!(found, expected);
            assert_eq!(rows.get(rows.len()), None);
        };
        check(&Rows::flat(2), &[Row::Lane(0), Row::Lane(1)]);
        check(
            &Rows::grouped(2, &groups(), |_| false),
            &[
                Row::Lane(0),
                Row::Lane(1),
                Row::Header(0),
                Row::Lane(2),
                Row::Lane(3),
                Row::Lane(4),
                Row::Header(1),
                Row::Lane(5),
                Row::Lane(6),
            ],
        );
        check(
            &Rows::grouped(2, &groups(), |kind| kind == KindIx(4)),
            &[Row::Lane(0), Row::Lane(1), Row::Header(0), Row::Header(1), Row::Lane(5), Row::Lane(6)],
        );
    }

    #[test]
    fn a_lane_finds_its_row_again() {
        for folded in [None, Some(KindIx(4)), Some(KindIx(1))] {
            let rows = Rows::grouped(2, &groups(), |kind| Some(kind) == folded);
            for lane in 0..7 {
                let row = rows.row_of(lane).expect("every lane has a row");
                match rows.get(row).expect("inside") {
                    Row::Lane(found) => assert_eq!(found, lane),
                    Row::Header(h) => assert!(rows.group(h).expect("a group").1, "only folded groups hide lanes"),
                }
            }
            assert_eq!(rows.row_of(7), None);
        }
    }
}
