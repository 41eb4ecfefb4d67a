//! The window without a display: pages, keys, palette.
