//! Where the events of a cause graph lie: a column for each depth, so that causes stand left of their
//! effects; within a column near the middle of their causes and effects, so that few arrows cross.

use super::chain::Chain;

/// By link of the chain: its column and its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub places: Vec<(u32, u32)>,
    pub columns: u32,
    pub rows: u32,
}

const SWEEPS: usize = 4;

impl Graph {
    #[must_use]
    pub fn of(chain: &Chain) -> Self {
        let depth = |at: usize| chain.links[at].depth as usize;
        let mut columns: Vec<Vec<u32>> =
            vec![Vec::new(); chain.links.iter().map(|link| link.depth as usize + 1).max().unwrap_or(0)];
        let mut effects: Vec<Vec<u32>> = vec![Vec::new(); chain.links.len()];
        for (at, link) in chain.links.iter().enumerate() {
            columns[depth(at)].push(at as u32);
            link.causes.iter().for_each(|&cause| effects[cause as usize].push(at as u32));
        }
        // Rows as shares of the column's height, so that columns of different length compare.
        let mut share = vec![0.0_f32; chain.links.len()];
        let number = |column: &[u32], share: &mut [f32]| {
            let of = column.len() as f32;
            column.iter().enumerate().for_each(|(row, &at)| share[at as usize] = (row as f32 + 0.5) / of);
        };
        columns.iter().for_each(|column| number(column, &mut share));
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            let order: Vec<usize> =
                if forward { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
            for column in order {
                let wanted = |at: u32| {
                    let near = if forward { &chain.links[at as usize].causes } else { &effects[at as usize] };
                    if near.is_empty() {
                        return share[at as usize];
                    }
                    near.iter().map(|&other| share[other as usize]).sum::<f32>() / near.len() as f32
                };
                let mut keyed: Vec<(f32, u32)> = columns[column].iter().map(|&at| (wanted(at), at)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                columns[column] = keyed.into_iter().map(|(_, at)| at).collect();
                number(&columns[column], &mut share);
            }
        }
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0) as u32;
        let mut places = vec![(0, 0); chain.links.len()];
        for (x, column) in columns.iter().enumerate() {
            // A short column stands in the middle.
            let above = (rows - column.len() as u32) / 2;
            for (row, &at) in column.iter().enumerate() {
                places[at as usize] = (x as u32, above + row as u32);
            }
        }
        Self { places, columns: columns.len() as u32, rows }
    }
}
