//! How long something takes by the wall clock.

use std::time::{Duration, Instant};

pub fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let answer = run();
    (answer, began.elapsed())
}

/// The least of several runs: what else the machine does only adds.
pub fn best<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    (0..runs).map(|_| timed(&mut run).1).min().unwrap_or_default()
}
