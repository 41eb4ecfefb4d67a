//! Causal order: an event comes after all of its causes; among those that may come next the earliest
//! by time. Where causes lead in a circle, the earliest event of the circle is let through and the
//! edge that closed it is taken out and kept apart.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chain::Chain;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;

type Place = Reverse<(bool, Option<TimeNs>, EventIx, u32)>;

/// Renumbers the chain; its links come sorted by time.
pub(super) fn sort(chain: &mut Chain) {
    let count = chain.links.len();
    let mut effects: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut open: Vec<u32> = chain.links.iter().map(|link| link.causes.len() as u32).collect();
    for (i, link) in chain.links.iter().enumerate() {
        for &cause in &link.causes {
            effects[cause as usize].push(i as u32);
        }
    }
    let place = |chain: &Chain, i: u32| -> Place {
        let link = &chain.links[i as usize];
        Reverse((link.time.is_none(), link.time, link.event, i))
    };
    let mut ready: BinaryHeap<Place> =
        (0..count as u32).filter(|&i| open[i as usize] == 0).map(|i| place(chain, i)).collect();
    let mut order: Vec<u32> = Vec::with_capacity(count);
    let mut number: Vec<Option<u32>> = vec![None; count];
    let mut stuck = 0;
    while order.len() < count {
        let at = if let Some(Reverse((.., at))) = ready.pop() {
            at
        } else {
            // Links are sorted by time: the first one without a number is the earliest of a circle.
            while number[stuck].is_some() {
                stuck += 1;
            }
            stuck as u32
        };
        if number[at as usize].is_some() {
            continue;
        }
        number[at as usize] = Some(order.len() as u32);
        order.push(at);
        let link = &mut chain.links[at as usize];
        (link.causes, link.circle) =
            std::mem::take(&mut link.causes).into_iter().partition(|&cause| number[cause as usize].is_some());
        for &effect in &effects[at as usize] {
            open[effect as usize] = open[effect as usize].saturating_sub(1);
            if open[effect as usize] == 0 && number[effect as usize].is_none() {
                ready.push(place(chain, effect));
            }
        }
    }
    renumber(chain, &order, &number);
}

fn renumber(chain: &mut Chain, order: &[u32], number: &[Option<u32>]) {
    let new = |old: u32| number[old as usize].expect("every link was given a number");
    let mut links = Vec::with_capacity(order.len());
    for &old in order {
        let mut link = std::mem::take(&mut chain.links[old as usize]);
        for causes in [&mut link.causes, &mut link.circle] {
            causes.iter_mut().for_each(|cause| *cause = new(*cause));
            causes.sort_unstable();
        }
        link.repeats = link.repeats.map(new);
        links.push(link);
    }
    for i in 0..links.len() {
        links[i].depth = links[i].causes.iter().map(|&cause| links[cause as usize].depth + 1).max().unwrap_or(0);
    }
    chain.links = links;
    for missing in &mut chain.missing {
        missing.wanted_by = new(missing.wanted_by);
    }
    chain.missing.sort_by_key(|missing| missing.wanted_by);
}
