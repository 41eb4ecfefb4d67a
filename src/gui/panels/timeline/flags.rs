//! What events are flagged with beside their own marks: a small red triangle below a dead letter. To add
//! a flag: a variant, its words and its colour, and where its events come from in [`Flags::of`].

use std::sync::Arc;

use egui::Color32;

use crate::app::jobs::Letters;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::Theme;
use crate::model::ids::EventIx;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    DeadLetter,
}

impl Flag {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DeadLetter => "dead letter",
        }
    }

    #[must_use]
    pub fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::DeadLetter => theme.red,
        }
    }
}

/// The flagged events of one moment.
#[derive(Clone, Default)]
pub struct Flags {
    letters: Option<Arc<Letters>>,
}

impl Flags {
    #[must_use]
    pub fn of(ctx: &PanelCtx<'_>) -> Self {
        Self { letters: ctx.jobs.letters.answer().filter(|letters| !letters.found.entries.is_empty()) }
    }

    /// Another number for other flags.
    #[must_use]
    pub fn number(&self) -> usize {
        self.letters.as_ref().map_or(0, |letters| Arc::as_ptr(letters) as usize)
    }

    #[must_use]
    pub fn flag(&self, event: EventIx) -> Option<Flag> {
        self.letters.as_ref()?.is_letter(event).then_some(Flag::DeadLetter)
    }
}
