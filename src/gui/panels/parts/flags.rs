//! What events are flagged with beside their own marks: a small red triangle below a dead letter, a
//! diamond below an event that a finding names, a dot below the events of the selected one's chain. To
//! add a flag: a variant, its words, its colour and its shape, and where its events come from in
//! [`Flags::of`].

use std::sync::Arc;

use egui::Color32;

use super::answers;
use crate::analysis::lints::{Config, Severity, Silence};
use crate::app::jobs::{Answer, ChainAnswer, Letters, LintKey, Linted};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{Mark, Theme};
use crate::model::ids::EventIx;

/// The most important last: of several in one place that one is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    Finding(Severity),
    /// Of the chain of the selected event.
    Chain,
    DeadLetter,
}

impl Flag {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding(_) => "finding",
            Self::Chain => "same chain",
            Self::DeadLetter => "dead letter",
        }
    }

    #[must_use]
    pub fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Finding(severity) => theme.severity(severity >= Severity::Warning, severity == Severity::Error),
            Self::Chain => theme.accent,
            Self::DeadLetter => theme.red,
        }
    }

    /// Colour alone is no sign.
    #[must_use]
    pub fn mark(self) -> Mark {
        match self {
            Self::Finding(_) => Mark::Diamond,
            Self::Chain => Mark::Circle,
            Self::DeadLetter => Mark::Triangle,
        }
    }
}

/// The flagged events of one moment.
#[derive(Clone, Default)]
pub struct Flags {
    letters: Option<Arc<Letters>>,
    chain: Option<Arc<ChainAnswer>>,
    linted: Option<Arc<Answer<LintKey, Option<Linted>>>>,
    /// Of which only the silences count here.
    config: Config,
}

/// Tells flags of one moment from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagsKey {
    letters: usize,
    /// Where the chain starts, and the moment of the log.
    chain: Option<(EventIx, u64)>,
    linted: usize,
    silences: Vec<Silence>,
}

impl Flags {
    #[must_use]
    pub fn of(ctx: &PanelCtx<'_>) -> Self {
        let silences = ctx.state.lint_config(ctx.snapshot).silences.clone();
        Self {
            letters: ctx.jobs.letters.answer().filter(|letters| !letters.found.entries.is_empty()),
            chain: ctx
                .jobs
                .chain
                .answer()
                .filter(|chain| chain.is_chain() && ctx.state.selection.event.is_some_and(|event| chain.has(event))),
            linted: answers::linted(ctx),
            config: Config { silences, ..Config::default() },
        }
    }

    /// The same for who shows the chain itself: its mark would be on every event.
    #[must_use]
    pub fn beside_chain(ctx: &PanelCtx<'_>) -> Self {
        Self { chain: None, ..Self::of(ctx) }
    }

    #[must_use]
    pub fn key(&self) -> FlagsKey {
        FlagsKey {
            letters: self.letters.as_ref().map_or(0, |letters| Arc::as_ptr(letters) as usize),
            chain: self.chain.as_ref().map(|chain| (chain.start, chain.snapshot.generation())),
            linted: self.linted.as_ref().map_or(0, |linted| Arc::as_ptr(linted) as usize),
            silences: self.config.silences.clone(),
        }
    }

    #[must_use]
    pub fn flag(&self, event: EventIx) -> Option<Flag> {
        if self.letters.as_ref().is_some_and(|letters| letters.is_letter(event)) {
            return Some(Flag::DeadLetter);
        }
        if self.chain.as_ref().is_some_and(|chain| chain.has(event)) {
            return Some(Flag::Chain);
        }
        let linted = self.linted.as_ref().and_then(|answer| answer.value.as_ref())?;
        linted.of(event, &self.config).map(|finding| Flag::Finding(finding.severity)).max()
    }

    /// All that is to be said of an event: that it is a dead letter, and what findings say.
    #[must_use]
    pub fn words(&self, event: EventIx) -> Vec<String> {
        let letter = self.letters.as_ref().is_some_and(|letters| letters.is_letter(event));
        let linted = self.linted.as_ref().and_then(|answer| answer.value.as_ref());
        let findings = linted.into_iter().flat_map(|linted| linted.of(event, &self.config));
        let letter = letter.then(|| Flag::DeadLetter.word().to_owned());
        letter.into_iter().chain(findings.map(|finding| finding.message.clone())).collect()
    }

    /// The most important flag of several events.
    #[must_use]
    pub fn highest(&self, events: &[EventIx]) -> Option<Flag> {
        events.iter().filter_map(|&event| self.flag(event)).max()
    }
}
