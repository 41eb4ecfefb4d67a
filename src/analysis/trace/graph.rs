//! Where the events of a cause graph lie: a column for each depth, so that causes stand left of their
//! effects; within a column near the middle of their causes and effects, so that few arrows cross.
//!
//! An arrow that passes columns on its way has a row of its own in each of them, so that it leads past
//! the events there (Sugiyama, Tagawa and Toda, “Methods for visual understanding of hierarchical system
//! structures”, 1981). All arrows of one cause share these rows, as branches of one trunk.

use super::chain::Chain;

/// An event's box, in points.
pub const BOX: [f32; 2] = [184.0, 42.0];
/// The hollow box of a cause that is not in the log.
pub const GONE: [f32; 2] = [88.0, 24.0];
/// From that box to the event that names it, and how far its middle is below the event's.
pub const GONE_GAP: [f32; 2] = [14.0, 18.0];
const ACROSS: f32 = BOX[0] + 64.0;
const DOWN: f32 = BOX[1] + 20.0;
const MARGIN: f32 = 40.0;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// By link of the chain: its column and its row.
    pub places: Vec<(u32, u32)>,
    /// By link: the rows in which its trunk passes the columns after its own.
    tracks: Vec<Vec<u32>>,
    pub columns: u32,
    pub rows: u32,
    /// Arrows that pass columns without a row of their own: there are too many.
    pub straight: u64,
    /// From a column to the next: more where missing causes stand between.
    across: f32,
    /// Room for missing causes left of the first column.
    shift: f32,
}

const SWEEPS: usize = 4;

/// Places that trunks take beside one per event; of all trunks the shortest ones get theirs.
const TRACKS: usize = 10_000;

/// The columns while their order is found. Events and the places of trunks are alike in it.
struct Layers {
    columns: Vec<Vec<u32>>,
    /// By node: its neighbours in the columns to the left and to the right.
    causes: Vec<Vec<u32>>,
    effects: Vec<Vec<u32>>,
    /// By link: the nodes of its trunk, from the column after its own on.
    tracks: Vec<Vec<u32>>,
}

impl Graph {
    #[must_use]
    pub fn of(chain: &Chain) -> Self {
        let mut layers = Layers::of(chain);
        layers.order();
        let rows = layers.columns.iter().map(Vec::len).max().unwrap_or(0) as u32;
        let mut places = vec![(0, 0); layers.causes.len()];
        for (x, column) in layers.columns.iter().enumerate() {
            // A short column stands in the middle.
            let above = (rows - column.len() as u32) / 2;
            for (row, &at) in column.iter().enumerate() {
                places[at as usize] = (x as u32, above + row as u32);
            }
        }
        let row = |node: &u32| places[*node as usize].1;
        let tracks: Vec<Vec<u32>> = layers.tracks.iter().map(|track| track.iter().map(row).collect()).collect();
        places.truncate(chain.links.len());
        let columns = layers.columns.len() as u32;
        let gone = |first: bool| {
            let depths = chain.missing.iter().filter_map(|missing| chain.links.get(missing.wanted_by as usize));
            depths.into_iter().any(|link| (link.depth == 0) == first)
        };
        let shift = if gone(true) { GONE[0] + GONE_GAP[0] } else { 0.0 };
        let across = if gone(false) { ACROSS + GONE[0] } else { ACROSS };
        let mut graph = Self { places, tracks, columns, rows, straight: 0, across, shift };
        let edges = chain.links.iter().enumerate().flat_map(|(at, link)| link.causes.iter().map(move |&c| (c, at)));
        graph.straight = edges.filter(|&(cause, at)| graph.is_straight(cause as usize, at)).count() as u64;
        graph
    }

    /// All of it, in points.
    #[must_use]
    pub fn size(&self) -> [f32; 2] {
        [
            2.0 * MARGIN + self.shift + self.columns.saturating_sub(1) as f32 * self.across + BOX[0],
            2.0 * MARGIN + self.rows.saturating_sub(1) as f32 * DOWN + BOX[1],
        ]
    }

    /// The top left corner of an event's box.
    #[must_use]
    pub fn corner(&self, at: usize) -> [f32; 2] {
        let (column, row) = self.places.get(at).copied().unwrap_or_default();
        self.corner_of(column, row)
    }

    /// Where an arrow from this cause enters and leaves a column on its way; none where it does not pass.
    #[must_use]
    pub fn pass(&self, cause: usize, column: u32) -> Option<([f32; 2], [f32; 2])> {
        let first = self.places.get(cause)?.0 + 1;
        let row = *self.tracks.get(cause)?.get(column.checked_sub(first)? as usize)?;
        let [x, y] = self.corner_of(column, row);
        let y = y + BOX[1] / 2.0;
        Some(([x, y], [x + BOX[0], y]))
    }

    /// The columns that the trunk of a cause passes.
    #[must_use]
    pub fn passed(&self, cause: usize) -> std::ops::Range<u32> {
        let first = self.places.get(cause).map_or(0, |place| place.0 + 1);
        first..first + self.tracks.get(cause).map_or(0, |track| track.len() as u32)
    }

    /// The columns with something between these places of the drawing.
    #[must_use]
    pub fn columns_between(&self, left: f32, right: f32) -> std::ops::Range<u32> {
        let column =
            |x: f32| ((x - MARGIN - self.shift) / self.across.max(1.0)).floor().clamp(0.0, self.columns as f32) as u32;
        column(left)..(column(right) + 1).min(self.columns)
    }

    /// Where the last part of an arrow begins: at the cause, or where its trunk leaves the column before.
    #[must_use]
    pub fn leaves(&self, cause: usize, effect: usize) -> [f32; 2] {
        let before = self.places.get(effect).map_or(0, |place| place.0.saturating_sub(1));
        self.pass(cause, before).map_or_else(
            || {
                let [x, y] = self.corner(cause);
                [x + BOX[0], y + BOX[1] / 2.0]
            },
            |(_, end)| end,
        )
    }

    fn is_straight(&self, cause: usize, effect: usize) -> bool {
        let column = |at: usize| self.places.get(at).map_or(0, |place| place.0);
        column(effect) > column(cause) + 1 && self.passed(cause).is_empty()
    }

    fn corner_of(&self, column: u32, row: u32) -> [f32; 2] {
        [MARGIN + self.shift + column as f32 * self.across, MARGIN + row as f32 * DOWN]
    }
}

impl Layers {
    fn of(chain: &Chain) -> Self {
        let links = &chain.links;
        let depth = |at: usize| links.get(at).map_or(0, |link| link.depth);
        let mut reach: Vec<u32> = (0..links.len()).map(depth).collect();
        for (at, link) in links.iter().enumerate() {
            link.causes.iter().for_each(|&cause| reach[cause as usize] = reach[cause as usize].max(depth(at)));
        }
        let mut layers = Self {
            columns: vec![Vec::new(); links.iter().map(|link| link.depth as usize + 1).max().unwrap_or(0)],
            causes: vec![Vec::new(); links.len()],
            effects: vec![Vec::new(); links.len()],
            tracks: vec![Vec::new(); links.len()],
        };
        (0..links.len()).for_each(|at| layers.columns[depth(at) as usize].push(at as u32));
        // Trunks, as far as there is room for them.
        let mut long: Vec<(u32, usize)> =
            reach.iter().enumerate().map(|(at, to)| ((to - depth(at)).saturating_sub(1), at)).collect();
        long.retain(|(len, _)| *len > 0);
        long.sort_unstable();
        let mut room = TRACKS + links.len();
        for (len, at) in long {
            let Some(left) = room.checked_sub(len as usize) else { break };
            room = left;
            for column in depth(at) + 1..=depth(at) + len {
                let node = layers.causes.len() as u32;
                let before = layers.tracks[at].last().copied().unwrap_or(at as u32);
                layers.causes.push(vec![before]);
                layers.effects.push(Vec::new());
                layers.effects[before as usize].push(node);
                layers.columns[column as usize].push(node);
                layers.tracks[at].push(node);
            }
        }
        for (at, link) in links.iter().enumerate() {
            for &cause in &link.causes {
                let passed = (depth(at) - depth(cause as usize)).saturating_sub(1) as usize;
                let last = passed.checked_sub(1).and_then(|last| layers.tracks[cause as usize].get(last));
                let before = last.copied().unwrap_or(cause);
                layers.causes[at].push(before);
                layers.effects[before as usize].push(at as u32);
            }
        }
        layers
    }

    /// Sorts each column by the middle of the neighbours, to and fro.
    fn order(&mut self) {
        // Rows as shares of the column's height, so that columns of different length compare.
        let mut share = vec![0.0_f32; self.causes.len()];
        let number = |column: &[u32], share: &mut [f32]| {
            let of = column.len() as f32;
            column.iter().enumerate().for_each(|(row, &at)| share[at as usize] = (row as f32 + 0.5) / of);
        };
        self.columns.iter().for_each(|column| number(column, &mut share));
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            let near = if forward { &self.causes } else { &self.effects };
            for i in 0..self.columns.len() {
                let column = if forward { i } else { self.columns.len() - 1 - i };
                let wanted = |at: u32| {
                    let near = &near[at as usize];
                    if near.is_empty() {
                        return share[at as usize];
                    }
                    near.iter().map(|&other| share[other as usize]).sum::<f32>() / near.len() as f32
                };
                let mut keyed: Vec<(f32, u32)> = self.columns[column].iter().map(|&at| (wanted(at), at)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                self.columns[column] = keyed.into_iter().map(|(_, at)| at).collect();
                number(&self.columns[column], &mut share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::trace::Link;

    /// A chain of events with these causes, in causal order.
    fn chain(causes: &[&[u32]]) -> Chain {
        let mut chain = Chain::default();
        for causes in causes {
            let depth = causes.iter().map(|&cause| chain.links[cause as usize].depth + 1).max().unwrap_or(0);
            chain.links.push(Link { causes: causes.to_vec(), depth, ..Link::default() });
        }
        chain
    }

    #[test]
    fn long_arrows_lead_past_the_events_between() {
        let graph = Graph::of(&chain(&[&[], &[0], &[1], &[2, 0]]));
        assert_eq!((graph.columns, graph.rows, graph.straight), (4, 2, 0));
        assert_eq!((graph.passed(0), graph.passed(1)), (1..3, 2..2));
        for column in [1, 2] {
            let taken = graph.places.iter().find(|place| place.0 == column).expect("an event is there").1;
            let (enters, leaves) = graph.pass(0, column).expect("it passes");
            assert!((enters[1] - graph.corner_of(column, taken)[1] - BOX[1] / 2.0).abs() > 1.0, "not through it");
            assert!((leaves[0] - enters[0] - BOX[0]).abs() < 1e-3);
        }
        let (last, end) = (graph.leaves(0, 3), graph.pass(0, 2).expect("it passes").1);
        assert!(last.iter().zip(end).all(|(a, b)| (a - b).abs() < 1e-3), "{last:?} {end:?}");
        assert_eq!(graph.pass(0, 3), None);
        assert_eq!(graph.columns_between(0.0, graph.size()[0]), 0..4);
    }

    #[test]
    fn too_many_long_arrows_are_counted() {
        let links: Vec<Vec<u32>> = (0..600_u32)
            .map(|at| if at < 300 { at.checked_sub(1).into_iter().collect() } else { vec![at - 1, at - 300] })
            .collect();
        let links: Vec<&[u32]> = links.iter().map(Vec::as_slice).collect();
        let graph = Graph::of(&chain(&links));
        assert!(graph.straight > 200 && graph.straight < 300, "{}", graph.straight);
        assert!(graph.rows < 60, "{}", graph.rows);
    }

    #[test]
    fn nothing_has_no_place() {
        let graph = Graph::of(&Chain::default());
        assert_eq!((graph.columns, graph.rows, graph.pass(0, 0)), (0, 0, None));
    }
}
