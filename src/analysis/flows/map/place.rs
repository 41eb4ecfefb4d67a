//! Where the map's boxes and arrows lie: layers from causes to effects, left to right (Sugiyama's
//! method). Arrows against the stream are turned round for the layout only; an arrow that passes a layer
//! has a place of its own there, so that it goes through no box. The same map always lies the same way.

use super::ServiceMap;
use crate::base::text::count;

/// In points; the origin is the top left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// By node.
    pub nodes: Vec<Placed>,
    /// By edge.
    pub routes: Vec<Route>,
    pub size: [f32; 2],
}

/// A box by its top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placed {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

/// From the cause's box to the effect's; leaves and arrives horizontally.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    pub points: Vec<[f32; 2]>,
    /// From a box to itself: an arc above it.
    pub to_itself: bool,
}

pub(super) const CHAR: f32 = 7.2;
/// Longer names are cut in their box.
pub(super) const NAME_CHARS: usize = 24;
const HEIGHT: f32 = 44.0;
const GAP: f32 = 28.0;
const BETWEEN: f32 = 120.0;
const PASSING: f32 = 14.0;
const MARGIN: f32 = 36.0;
const ARC: f32 = 36.0;
const SWEEPS: usize = 8;

/// A box with the arc above it, or the place where an arrow passes a layer.
struct Cell {
    node: Option<usize>,
    w: f32,
    h: f32,
    /// Of the height: what an arrow to itself needs above the box.
    arc: f32,
    y: f32,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Places a map.
#[must_use]
pub fn layout(map: &ServiceMap) -> Layout {
    let len = map.nodes.len();
    let rank = ranks(map);
    let forward = |edge: usize| {
        let (from, to) = (map.edges[edge].from, map.edges[edge].to);
        if rank[from] < rank[to] { (from, to) } else { (to, from) }
    };
    let layer = layers(map, &rank, &forward);
    let mut cells: Vec<Cell> = map
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            // Below the name stands `470 events`.
            let chars = node.name.chars().count().max(count(node.events).len() + 7).min(NAME_CHARS);
            let w = (chars as f32 * CHAR + 36.0).round();
            let arc = if map.edges.iter().any(|edge| edge.from == at && edge.to == at) { ARC } else { 0.0 };
            Cell { node: Some(at), w, h: HEIGHT + arc, arc, y: 0.0, left: Vec::new(), right: Vec::new() }
        })
        .collect();
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); layer.iter().max().map_or(0, |most| most + 1)];
    (0..len).for_each(|at| columns[layer[at]].push(at));
    // The cells that each edge goes through, in the direction of the layers.
    let mut ways: Vec<Vec<usize>> = Vec::with_capacity(map.edges.len());
    for edge in 0..map.edges.len() {
        let (from, to) = forward(edge);
        let mut way = vec![from];
        if from != to {
            for column in columns.iter_mut().take(layer[to]).skip(layer[from] + 1) {
                cells.push(Cell {
                    node: None,
                    w: 0.0,
                    h: PASSING,
                    arc: 0.0,
                    y: 0.0,
                    left: Vec::new(),
                    right: Vec::new(),
                });
                column.push(cells.len() - 1);
                way.push(cells.len() - 1);
            }
            way.push(to);
            for pair in way.windows(2) {
                cells[pair[0]].right.push(pair[1]);
                cells[pair[1]].left.push(pair[0]);
            }
        }
        ways.push(way);
    }
    order(&mut columns, &cells);
    stack(&columns, &mut cells);
    let mut x = MARGIN;
    let mut lefts = Vec::with_capacity(columns.len());
    for column in &columns {
        let widest = column.iter().map(|&cell| cells[cell].w).fold(0.0, f32::max);
        lefts.push((x, widest));
        x += widest + BETWEEN;
    }
    let top = cells.iter().map(|cell| cell.y).fold(f32::MAX, f32::min).min(0.0);
    let mut nodes = vec![Placed::default(); len];
    let mut xs = vec![0.0; cells.len()];
    for (column, (left, widest)) in columns.iter().zip(&lefts) {
        for &cell in column {
            xs[cell] = left + widest / 2.0;
            if let Some(node) = cells[cell].node {
                let Cell { w, y, arc, .. } = cells[cell];
                nodes[node] = Placed { x: left + (widest - w) / 2.0, y: y - top + MARGIN + arc, w, h: HEIGHT };
            }
        }
    }
    let routes = routes(map, &ways, &cells, &nodes, &xs, MARGIN - top);
    let bottom = nodes.iter().map(|node| node.y + node.h).fold(0.0, f32::max);
    let passing = cells.iter().map(|cell| cell.y + cell.h - top + MARGIN).fold(bottom, f32::max);
    Layout { nodes, routes, size: [(x - BETWEEN + MARGIN).max(2.0 * MARGIN), passing + MARGIN] }
}

/// An order of the nodes in which few and rare edges lead back (Eades, Lin and Smyth 1993).
fn ranks(map: &ServiceMap) -> Vec<usize> {
    let mut left: Vec<usize> = (0..map.nodes.len()).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let weigh = |at: usize| {
            let mut sums = (0_i64, 0_i64);
            for edge in map.edges.iter().filter(|edge| edge.from != edge.to) {
                if edge.from == at && left.contains(&edge.to) {
                    sums.0 += edge.count as i64;
                } else if edge.to == at && left.contains(&edge.from) {
                    sums.1 += edge.count as i64;
                }
            }
            sums
        };
        let weights: Vec<(i64, i64)> = left.iter().map(|&at| weigh(at)).collect();
        if let Some(sink) = weights.iter().position(|(out, into)| *out == 0 && *into > 0) {
            last.push(left.remove(sink));
            continue;
        }
        let best = (0..left.len()).max_by_key(|&i| (weights[i].0 - weights[i].1, std::cmp::Reverse(left[i])));
        let Some(best) = best else { break };
        first.push(left.remove(best));
    }
    first.extend(last.into_iter().rev());
    let mut rank = vec![0; map.nodes.len()];
    first.iter().enumerate().for_each(|(at, &node)| rank[node] = at);
    rank
}

/// The longest way to each node.
fn layers(map: &ServiceMap, rank: &[usize], forward: &dyn Fn(usize) -> (usize, usize)) -> Vec<usize> {
    let mut by_rank: Vec<usize> = (0..rank.len()).collect();
    by_rank.sort_unstable_by_key(|&node| rank[node]);
    let mut layer = vec![0; rank.len()];
    for node in by_rank {
        for edge in 0..map.edges.len() {
            let (from, to) = forward(edge);
            if from == node && to != node {
                layer[to] = layer[to].max(layer[from] + 1);
            }
        }
    }
    layer
}

/// Fewer crossings: each cell to the middle of its neighbours, back and forth.
fn order(columns: &mut [Vec<usize>], cells: &[Cell]) {
    let mut place = vec![0.0_f32; cells.len()];
    let number = |columns: &[Vec<usize>], place: &mut [f32]| {
        for column in columns {
            column.iter().enumerate().for_each(|(at, &cell)| place[cell] = at as f32);
        }
    };
    number(columns, &mut place);
    for sweep in 0..SWEEPS {
        let rightwards = sweep % 2 == 0;
        let order: Vec<usize> =
            if rightwards { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for at in order {
            let middle = |cell: usize| {
                let near = if rightwards { &cells[cell].left } else { &cells[cell].right };
                if near.is_empty() {
                    return place[cell];
                }
                near.iter().map(|&other| place[other]).sum::<f32>() / near.len() as f32
            };
            let wanted: Vec<f32> = (0..cells.len()).map(middle).collect();
            columns[at].sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
            number(&columns[at..=at], &mut place);
        }
    }
}

/// Heights: close to the middle of the neighbours, in order and with gaps.
fn stack(columns: &[Vec<usize>], cells: &mut [Cell]) {
    for column in columns {
        let mut y = 0.0;
        for &cell in column {
            cells[cell].y = y;
            y += cells[cell].h + GAP;
        }
        column.iter().for_each(|&cell| cells[cell].y -= y / 2.0);
    }
    for _ in 0..SWEEPS {
        for column in columns {
            let wanted: Vec<f32> = column
                .iter()
                .map(|&at| {
                    let near = cells[at].left.iter().chain(&cells[at].right);
                    let (sum, n) =
                        near.fold((0.0, 0), |(sum, n), &other| (sum + cells[other].y + cells[other].h / 2.0, n + 1));
                    if n == 0 { cells[at].y } else { sum / n as f32 - cells[at].h / 2.0 }
                })
                .collect();
            // Down as far as the one above asks, then the whole column back to where it wanted to be.
            let mut floor = f32::MIN;
            let mut shift = 0.0;
            for (&cell, &wanted) in column.iter().zip(&wanted) {
                cells[cell].y = wanted.max(floor);
                shift += cells[cell].y - wanted;
                floor = cells[cell].y + cells[cell].h + GAP;
            }
            let shift = shift / column.len().max(1) as f32;
            column.iter().for_each(|&cell| cells[cell].y -= shift);
        }
    }
}

fn routes(
    map: &ServiceMap,
    ways: &[Vec<usize>],
    cells: &[Cell],
    nodes: &[Placed],
    xs: &[f32],
    down: f32,
) -> Vec<Route> {
    let middle = |cell: usize| cells[cell].y + down + f32::midpoint(cells[cell].h, cells[cell].arc);
    // Arrows at one side of a box stand one below the other, in the order of where they come from.
    let port = |node: usize, edge: usize, right: bool| {
        let here = |way: &[usize]| if right { way.first() } else { way.last() } == Some(&node) && way.len() > 1;
        let mut at_side: Vec<usize> = (0..ways.len()).filter(|&other| here(&ways[other])).collect();
        let y_of = |edge: usize| {
            let way = &ways[edge];
            let near = if right { Some(1) } else { way.len().checked_sub(2) };
            near.and_then(|at| way.get(at)).map_or(0.0, |&cell| middle(cell))
        };
        at_side.sort_by(|a, b| y_of(*a).total_cmp(&y_of(*b)).then(a.cmp(b)));
        let at = at_side.iter().position(|&other| other == edge).unwrap_or(0);
        nodes[node].y + nodes[node].h * (at as f32 + 1.0) / (at_side.len() as f32 + 1.0)
    };
    let route = |(edge, way): (usize, &Vec<usize>)| {
        let (Some(&from), Some(&to)) = (way.first(), way.last()) else { return Route::default() };
        let (a, b) = (nodes[from], nodes[to]);
        if way.len() == 1 {
            let (x, y) = (a.x + a.w / 2.0, a.y);
            return Route { points: vec![[x - 14.0, y], [x, y - 22.0], [x + 14.0, y]], to_itself: true };
        }
        let mut points = vec![[a.x + a.w, port(from, edge, true)]];
        points.extend(way[1..way.len() - 1].iter().map(|&cell| [xs[cell], middle(cell)]));
        points.push([b.x, port(to, edge, false)]);
        if from != map.edges[edge].from {
            points.reverse();
        }
        Route { points, to_itself: false }
    };
    ways.iter().enumerate().map(route).collect()
}
