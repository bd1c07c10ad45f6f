//! `calculateBackoffDelay`: how long to wait before the next try.

use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::super::defect::{Defect, Defects};

const BASE_MS: u64 = 1000;
const JITTER_MS: u64 = 1000;
/// `maxDelay` of the article.
const PUBLISHED_CAP_MS: u64 = 30_000;
/// Jitter over the whole window needs half of it for the same mean.
const CAP_MS: u64 = 15_000;
const FLOOR_MS: u64 = 100;

/// The wait before try number `attempt`, from 0.
pub(super) fn delay(attempt: u32, entropy: &mut ChaCha8Rng, defects: Defects) -> Duration {
    let exponential = BASE_MS << attempt.min(20);
    Duration::from_millis(if defects.has(Defect::A32) {
        (exponential + entropy.random_range(0..JITTER_MS)).min(PUBLISHED_CAP_MS)
    } else {
        entropy.random_range(FLOOR_MS..=exponential.min(CAP_MS))
    })
}
