//! eframe, tiles, menu, dialogs.
