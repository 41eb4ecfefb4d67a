//! Where the panels are.

use crate::app::PanelId;

#[derive(Clone, Debug, PartialEq)]
pub enum LayoutCommand {
    /// Brings a panel to the front, showing it where it was hidden.
    Show(PanelId),
    Hide(PanelId),
    Toggle(PanelId),
    /// Gives one panel the whole window; the same again gives it back.
    Maximise(PanelId),
    Restore,
    /// Moves the keyboard to a panel.
    Focus(PanelId),
    /// Back to the arrangement of a fresh install.
    Reset,
}
