//! Columns in immutable segments, and the snapshots that readers hold.
