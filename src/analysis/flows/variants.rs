//! The ways that chains go: their types in the order of time, repetitions taken as one. What many
//! chains have in common is kept once.

use rapidhash::RapidHashMap;

use crate::model::ids::{ServiceIx, TypeIx};

/// Longer ways are cut: nobody compares them by eye, and one million of them must fit.
pub(super) const MAX_STEPS: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Each different from the one before it.
    pub types: Box<[TypeIx]>,
    /// There are more types than are kept.
    pub cut: bool,
    pub chains: u64,
}

/// Numbers for what is met, per thread; joined at the end.
#[derive(Debug, Default)]
pub(super) struct Seen {
    variants: RapidHashMap<Box<[TypeIx]>, u32>,
    lists: Vec<Variant>,
    sets: RapidHashMap<Box<[ServiceIx]>, u32>,
    set_lists: Vec<Box<[ServiceIx]>>,
}

impl Seen {
    /// `types` are those of all events; repetitions are taken out here.
    pub(super) fn variant(&mut self, types: &mut Vec<TypeIx>) -> u32 {
        types.dedup();
        let cut = types.len() > MAX_STEPS;
        types.truncate(MAX_STEPS);
        if let Some(&known) = self.variants.get(types.as_slice()) {
            let variant = &mut self.lists[known as usize];
            variant.chains += 1;
            variant.cut |= cut;
            return known;
        }
        let number = self.lists.len() as u32;
        let kept: Box<[TypeIx]> = types.as_slice().into();
        self.lists.push(Variant { types: kept.clone(), cut, chains: 1 });
        self.variants.insert(kept, number);
        number
    }

    pub(super) fn services(&mut self, services: &mut Vec<ServiceIx>) -> u32 {
        services.sort_unstable();
        services.dedup();
        if let Some(&known) = self.sets.get(services.as_slice()) {
            return known;
        }
        let number = self.set_lists.len() as u32;
        let kept: Box<[ServiceIx]> = services.as_slice().into();
        self.set_lists.push(kept.clone());
        self.sets.insert(kept, number);
        number
    }

    /// Takes in what another thread saw; gives its numbers here, of variants and of sets.
    pub(super) fn join(&mut self, other: Self) -> (Vec<u32>, Vec<u32>) {
        let variants = other.lists.into_iter().map(|variant| {
            let number = self.variant(&mut variant.types.to_vec());
            let mine = &mut self.lists[number as usize];
            mine.chains += variant.chains - 1;
            mine.cut |= variant.cut;
            number
        });
        let variants = variants.collect();
        let sets = other.set_lists.into_iter().map(|set| self.services(&mut set.into_vec())).collect();
        (variants, sets)
    }

    /// The most frequent variant first, and the new number of each.
    pub(super) fn finish(self) -> (Vec<Variant>, Vec<u32>, Vec<Box<[ServiceIx]>>) {
        let mut order: Vec<u32> = (0..self.lists.len() as u32).collect();
        let key = |&at: &u32| (std::cmp::Reverse(self.lists[at as usize].chains), &self.lists[at as usize].types);
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut number = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            number[old as usize] = new as u32;
        }
        let mut lists = self.lists;
        let empty = || Variant { types: Box::default(), cut: false, chains: 0 };
        let sorted = order.iter().map(|&old| std::mem::replace(&mut lists[old as usize], empty())).collect();
        (sorted, number, self.set_lists)
    }
}
