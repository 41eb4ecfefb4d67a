//! Naming a file that is to be written: the line with its path, what its ending means, and what to do
//! where there is a file already.

use egui::{RichText, Ui};

use super::path_row::{Done, PathRow};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::SMALL;

#[derive(Default)]
pub struct SaveRow(Option<PathRow>);

/// Where a person wants it written.
pub struct SaveTo {
    pub path: String,
    /// The file that is there may be replaced.
    pub replace: bool,
}

impl SaveRow {
    /// Shows the line, with a name to begin with.
    pub fn open(&mut self, name: &str) {
        self.0 = Some(PathRow::new(name.to_owned()));
    }

    /// The line, while it is open; `label` says what the path is of, `endings` what they mean.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, label: &str, endings: &str) -> Option<SaveTo> {
        let row = self.0.as_mut()?;
        let path = row.trimmed().to_owned();
        let replace = ctx.state.occupied.as_deref() == Some(&*path);
        let mut done = None;
        ui.horizontal(|ui| done = row.ui(ui, label, if replace { "Replace it" } else { "Save" }));
        let (words, color) =
            if replace { ("There is a file of this name.", ctx.theme.amber) } else { (endings, ctx.theme.muted) };
        ui.label(RichText::new(words).size(SMALL).color(color));
        match done? {
            Done::Go => Some(SaveTo { path, replace }),
            Done::Close => {
                self.0 = None;
                None
            }
        }
    }
}
