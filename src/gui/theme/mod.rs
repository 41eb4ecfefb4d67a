//! The design: colours, sizes, fonts. The only place where a colour is written as a number; all
//! others ask the [`Theme`]. Red is for what failed or is lost, amber for what is doubtful, the
//! accent for cursor, selection and focus; nothing else may use them.

mod fonts;
mod look;
mod style;
mod tokens;

pub use fonts::{MONO_SEMIBOLD, SEMIBOLD, install as install_fonts};
pub use look::{Look, Looks, Mark};
pub use style::apply;
pub use tokens::{DARK, LIGHT};

use egui::{Color32, FontFamily, FontId, RichText};

/// Height of a row in lists and tables, in points.
pub const ROW: f32 = 22.0;

/// Distances are multiples of this.
pub const GRID: f32 = 4.0;

/// The three sizes of text.
pub const SMALL: f32 = 11.0;
pub const BODY: f32 = 13.0;
pub const LARGE: f32 = 20.0;

/// How many colours event types and services share.
pub const SERIES: usize = 9;

/// All colours by their role, for dark or for light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    pub dark: bool,
    /// Behind everything: the gaps between panels.
    pub window: Color32,
    /// A panel's own ground.
    pub panel: Color32,
    /// Header rows, menus, popups: a step nearer than the panel.
    pub raised: Color32,
    /// Fields that take text, wells.
    pub sunken: Color32,
    /// Under the pointer.
    pub hover: Color32,
    /// Every second row or group, barely visible.
    pub stripe: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Outlines of fields and buttons.
    pub outline: Color32,
    pub text: Color32,
    /// Labels, units, what is read second.
    pub muted: Color32,
    /// What may be overlooked: hints, grid labels. Still readable.
    pub faint: Color32,
    pub accent: Color32,
    /// Ground of selected rows.
    pub accent_soft: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    pub red: Color32,
    pub red_soft: Color32,
    pub amber: Color32,
    pub amber_soft: Color32,
    /// Behind dialogs.
    pub veil: Color32,
    /// Shadows of popups.
    pub shadow: Color32,
    /// Bars of densities and sparklines that are not coloured by type.
    pub bar: Color32,
    pub series: [Color32; SERIES],
    /// JSON: names, texts, numbers, true/false/null.
    pub json_key: Color32,
    pub json_text: Color32,
    pub json_number: Color32,
    pub json_word: Color32,
}

impl Theme {
    #[must_use]
    pub fn of(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// The theme that a `Ui` is drawn with.
    #[must_use]
    pub fn from_ui(ui: &egui::Ui) -> &'static Self {
        Self::of(ui.visuals().dark_mode)
    }

    /// Red for what is lost or wrong, amber for what is doubtful, else muted.
    #[must_use]
    pub fn severity(&self, doubtful: bool, wrong: bool) -> Color32 {
        match (wrong, doubtful) {
            (true, _) => self.red,
            (_, true) => self.amber,
            _ => self.muted,
        }
    }

    /// The colour of a look; see [`Looks`].
    #[must_use]
    pub fn color(&self, look: Look) -> Color32 {
        match look.mark {
            Mark::Cross => self.amber,
            _ => self.series[usize::from(look.slot) % SERIES],
        }
    }
}

/// For ids, times, payloads and numbers.
#[must_use]
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// For everything else.
#[must_use]
pub fn sans(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Weight instead of boxes: headings, the one number that matters.
#[must_use]
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Text in the semibold weight.
#[must_use]
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(BODY))
}
