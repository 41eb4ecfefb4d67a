//! The window itself.

use std::sync::Arc;

use crate::app::settings::ThemeChoice;

#[derive(Clone, Debug, PartialEq)]
pub enum WindowCommand {
    Palette,
    Keys,
    Theme(ThemeChoice),
    NextTheme,
    /// In percent, 100 to 200.
    Zoom(u16),
    ZoomIn,
    ZoomOut,
    /// To the clipboard, as it is.
    Copy(String),
    /// Writes a file; `replace` one that is there.
    Save {
        path: String,
        text: Arc<str>,
        replace: bool,
    },
    /// Asks where the session is to be saved.
    AskSession,
    /// Writes a session file.
    SaveSession {
        path: String,
        replace: bool,
    },
    /// Writes what this part of the window shows as a PNG: left, top, right and bottom in points.
    SavePicture {
        path: String,
        part: [f32; 4],
        replace: bool,
    },
    /// There is a file already where one was to be written.
    Occupied(String),
    /// Says something in a corner; not for errors.
    Say(String),
    DismissNotices,
    /// Closes what is open on top: palette, sheet, maximised panel.
    Escape,
    Quit,
}
