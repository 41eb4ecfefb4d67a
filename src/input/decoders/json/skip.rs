//! Values of records that nothing is wanted from.

use super::scan::Walk;
use crate::base::skip;
pub use crate::base::skip::{Key, key, key_end};
use crate::model::issue::MAX_DEPTH;

/// Behind the value at `at`. `depth` containers are open around it; as in `serde_json`, the 128th is
/// one too many.
#[inline]
pub fn skip<const LINES: bool>(buf: &[u8], at: usize, depth: usize) -> Walk {
    skip::skip::<LINES>(buf, at, MAX_DEPTH.saturating_sub(depth + 1))
}
