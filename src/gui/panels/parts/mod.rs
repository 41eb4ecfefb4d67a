//! What several panels share: foreign text on one line, painted text, headers, long lists, shared answers, flags of
//! events, paths.

pub mod answers;
pub mod behind;
pub mod flags;
pub mod header;
pub mod line_row;
pub mod list;
pub mod paint;
pub mod pan_zoom;
pub mod path_row;
pub mod preview;
pub mod save_row;
pub mod value;
