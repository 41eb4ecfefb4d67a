//! The visible time range and how time is shown.

use crate::app::state::AxisRange;
use crate::app::zone::Zone;

#[derive(Clone, Debug, PartialEq)]
pub enum ViewCommand {
    /// Shows exactly this.
    Range(AxisRange),
    /// Everything.
    Fit,
    /// The selected event's entity, first to last event.
    FitEntity,
    /// Nearer or farther around the cursor, else the middle.
    ZoomIn,
    ZoomOut,
    /// Moves by this share of what is visible.
    Pan(f64),
    PanToStart,
    PanToEnd,
    CollapseGaps(bool),
    ToggleGaps,
    /// Shows chains by one clock: the times of services whose clocks differ are moved.
    CorrectClocks(bool),
    Zone(Zone),
    NextZone,
    Undo,
    Redo,
}
