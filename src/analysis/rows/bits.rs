//! One bit for each row of a segment.

/// Rows are `0..len`, at most 65,536; bits beyond are always clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    words: Box<[u64]>,
    len: u32,
}

impl Bits {
    #[must_use]
    pub fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize].into(), len }
    }

    #[must_use]
    pub fn all(len: u32) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64) as usize].into(), len };
        bits.clear_beyond();
        bits
    }

    /// The rows for which `test` holds.
    pub fn rows_where(len: u32, mut test: impl FnMut(u16) -> bool) -> Self {
        let mut bits = Self::none(len);
        for (w, word) in bits.words.iter_mut().enumerate() {
            let start = w as u32 * 64;
            for bit in 0..64.min(len - start) {
                *word |= u64::from(test((start + bit) as u16)) << bit;
            }
        }
        bits
    }

    /// Rows there are, in the set or not.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    #[must_use]
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Rows outside of the segment are left out.
    pub fn insert(&mut self, row: u16) {
        if u32::from(row) < self.len {
            self.words[usize::from(row) / 64] |= 1 << (row % 64);
        }
    }

    pub fn remove(&mut self, row: u16) {
        if let Some(word) = self.words.get_mut(usize::from(row) / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    #[must_use]
    pub fn contains(&self, row: u16) -> bool {
        self.words.get(usize::from(row) / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
        self
    }

    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
        self
    }

    #[must_use]
    pub fn and_not(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
        self
    }

    #[must_use]
    pub fn inverted(mut self) -> Self {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.clear_beyond();
        self
    }

    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.words.iter().enumerate().flat_map(|(w, &word)| {
            std::iter::successors(Some(word), |&rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| (w as u32 * 64 + rest.trailing_zeros()) as u16)
        })
    }

    #[must_use]
    pub fn nth(&self, mut k: u32) -> Option<u16> {
        for (w, &word) in self.words.iter().enumerate() {
            let ones = word.count_ones();
            if k < ones {
                let rest = (0..k).fold(word, |rest, _| rest & (rest - 1));
                return Some((w as u32 * 64 + rest.trailing_zeros()) as u16);
            }
            k -= ones;
        }
        None
    }

    /// Rows of the set before `row`.
    #[must_use]
    pub fn rank(&self, row: u16) -> u32 {
        let w = usize::from(row) / 64;
        let whole: u32 = self.words.iter().take(w).map(|word| word.count_ones()).sum();
        let part = self.words.get(w).map_or(0, |word| (word & ((1 << (row % 64)) - 1)).count_ones());
        whole + part
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    fn clear_beyond(&mut self) {
        let used = self.len % 64;
        if let Some(last) = self.words.last_mut().filter(|_| used != 0) {
            *last &= (1 << used) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn behave_as_a_list_of_rows(len in 0_u32..300, picks in proptest::collection::btree_set(0_u16..300, 0..300)) {
            let rows: Vec<u16> = picks.into_iter().filter(|&row| u32::from(row) < len).collect();
            let mut bits = Bits::none(len);
            rows.iter().for_each(|&row| bits.insert(row));
            prop_assert_eq!(bits.iter().collect::<Vec<_>>(), rows.clone());
            prop_assert_eq!(bits.count() as usize, rows.len());
            prop_assert_eq!(&Bits::rows_where(len, |row| rows.contains(&row)), &bits);
            for (k, &row) in rows.iter().enumerate() {
                prop_assert_eq!(bits.nth(k as u32), Some(row));
                prop_assert_eq!(bits.rank(row) as usize, k);
            }
            prop_assert_eq!(bits.nth(rows.len() as u32), None);
            prop_assert_eq!(bits.clone().inverted().count(), len - bits.count());
            prop_assert_eq!(bits.clone().or(&bits.clone().inverted()), Bits::all(len));
            prop_assert!(bits.clone().and_not(&bits).is_empty());
        }
    }
}
