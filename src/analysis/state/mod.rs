//! Time travel: an entity's state after each of its events, and questions about it.
//!
//! A history is folded once, with keyframes; everything else (a state at the cursor, blame, bisection,
//! what-if) folds a short run again from the nearest keyframe. Step 0 is the state before the first
//! event, step n the state after the n-th.

mod ahead;
pub mod bisect;
pub mod blame;
pub mod compare;
pub mod delivery;
pub mod diff;
pub mod event;
pub mod fixture;
pub mod fold;
pub mod history;
pub mod path;
pub mod reducer;
pub mod reducers;
pub mod stored;
pub mod testing;
pub mod value;
pub mod walk;
pub mod whatif;
