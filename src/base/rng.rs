//! Numbers that are the same on every machine and in every version for the same seed: SplitMix64
//! (Steele, Lea, Flood 2014). A generator crate may change its sequence; a published log must not.

pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly in `0..n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// In `0..n`, small numbers far likelier: `n` times an even number in 0..1 to the given power.
    /// Multiplications only, as `powf` may round differently elsewhere.
    pub fn power_law(&mut self, n: u64, power: u32) -> u64 {
        let even = (self.bits() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut shrunk = even;
        for _ in 1..power {
            shrunk *= even;
        }
        ((n as f64 * shrunk) as u64).min(n.saturating_sub(1))
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of a list that is never empty.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}
