//! Everything that is drawn, from one seed, in integers.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A generator and the few ways in which plans draw from it.
pub(in crate::plan) struct Dice(ChaCha8Rng);

impl Dice {
    pub(in crate::plan) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// 0 to `end` - 1.
    pub(in crate::plan) fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end)
    }

    /// `least` to `most`.
    pub(in crate::plan) fn from(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    pub(in crate::plan) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// 1 to `most`, small numbers more often.
    pub(in crate::plan) fn few(&mut self, most: u64) -> u64 {
        let most = self.from(1, most);
        self.from(1, most)
    }

    /// One of these.
    pub(in crate::plan) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// One of these, as often as its weight says; one of them has a weight.
    pub(in crate::plan) fn weighted<T: Copy>(&mut self, of: &[(T, u64)]) -> T {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (one, weight) in of {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        unreachable!("less than the sum of all weights was drawn")
    }
}
