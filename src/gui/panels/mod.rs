//! Panels. ★ A panel is a folder with `model.rs` (from snapshot and State to what is drawn, without
//! egui) and `draw.rs`, and a line in [`PANELS`].
//!
//! While panels draw, everything is borrowed read-only; what a person does becomes commands in
//! `out`, carried out at the end of the frame. A panel's own fields are only what no other panel
//! needs to know: scroll positions, half-typed text, job slots of its own.

mod chain;
mod chains;
mod compare;
mod dead_letters;
mod delivery;
mod entities;
mod events;
mod filter;
mod history;
mod inspector;
mod lint;
mod map;
mod mapping;
mod overview;
pub(in crate::gui) mod parts;
mod problems;
mod read_model;
mod reducer;
mod requeue;
mod sql;
mod state;
mod timeline;
mod whatif;

use std::sync::Arc;

use crate::app::jobs::{Jobs, Waker};
use crate::app::{Command, PanelId, State};
use crate::gui::theme::{Looks, Theme};
use crate::store::snapshot::Snapshot;

/// What a panel may look at while it draws.
pub struct PanelCtx<'a> {
    /// The same moment for all panels of a frame.
    pub snapshot: &'a Arc<Snapshot>,
    pub state: &'a State,
    /// Answers that panels share: the filter's rows, the lanes' order, statistics of entities.
    pub jobs: &'a Jobs,
    pub theme: &'static Theme,
    pub looks: &'a Looks,
    /// For job slots that a panel keeps itself.
    pub waker: &'a Waker,
    /// Whether a source is still being read.
    pub reading: bool,
}

/// One panel of the window.
pub trait Panel {
    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>);

    /// More than the title, for the tab: a count of what is inside. Cheap; called each frame.
    fn badge(&self, _ctx: &PanelCtx<'_>) -> Option<String> {
        None
    }
}

/// Where a panel lies in a fresh layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// In the header, always there, without a tab.
    Header,
    /// Across the top, below the header.
    Top,
    Left,
    Centre,
    Right,
    Bottom,
}

/// One line of [`PANELS`].
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub id: PanelId,
    /// On its tab and in the palette.
    pub title: &'static str,
    pub area: Area,
    pub make: fn() -> Box<dyn Panel>,
}

/// Panels of one area become tabs in this order.
pub const PANELS: &[Entry] = &[
    Entry { id: "filter", title: "Filter", area: Area::Header, make: || Box::<filter::FilterBar>::default() },
    Entry { id: "overview", title: "Overview", area: Area::Top, make: || Box::<overview::Overview>::default() },
    Entry { id: "entities", title: "Entities", area: Area::Left, make: || Box::<entities::Entities>::default() },
    Entry { id: "timeline", title: "Timeline", area: Area::Centre, make: || Box::<timeline::Timeline>::default() },
    Entry { id: "events", title: "Events", area: Area::Bottom, make: || Box::<events::Events>::default() },
    Entry { id: "problems", title: "Problems", area: Area::Bottom, make: || Box::<problems::Problems>::default() },
    Entry { id: "lint", title: "Lint", area: Area::Bottom, make: || Box::<lint::LintPanel>::default() },
    Entry {
        id: "dead-letters",
        title: "Dead letters",
        area: Area::Bottom,
        make: || Box::<dead_letters::DeadLetters>::default(),
    },
    Entry { id: "requeue", title: "Requeue", area: Area::Bottom, make: || Box::<requeue::RequeuePanel>::default() },
    Entry {
        id: "mapping",
        title: "Field mapping",
        area: Area::Bottom,
        make: || Box::<mapping::MappingPanel>::default(),
    },
    Entry { id: "history", title: "History", area: Area::Bottom, make: || Box::<history::HistoryPanel>::default() },
    Entry { id: "whatif", title: "What if", area: Area::Bottom, make: || Box::<whatif::WhatIf>::default() },
    Entry { id: "delivery", title: "Delivery", area: Area::Bottom, make: || Box::<delivery::DeliveryPanel>::default() },
    Entry { id: "compare", title: "Compare", area: Area::Bottom, make: || Box::<compare::ComparePanel>::default() },
    Entry { id: "chains", title: "Chains", area: Area::Bottom, make: || Box::<chains::ChainsPanel>::default() },
    Entry { id: "map", title: "Service map", area: Area::Bottom, make: || Box::<map::MapPanel>::default() },
    Entry { id: "sql", title: "SQL", area: Area::Bottom, make: || Box::<sql::SqlPanel>::default() },
    Entry {
        id: "read-model",
        title: "Read model",
        area: Area::Bottom,
        make: || Box::<read_model::ReadModelPanel>::default(),
    },
    Entry { id: "inspector", title: "Inspector", area: Area::Right, make: || Box::<inspector::Inspector>::default() },
    Entry { id: "state", title: "State", area: Area::Right, make: || Box::<state::StatePanel>::default() },
    Entry { id: "chain", title: "Chain", area: Area::Right, make: || Box::<chain::ChainPanel>::default() },
    Entry { id: "reducer", title: "Reducer", area: Area::Right, make: || Box::<reducer::ReducerPanel>::default() },
];
