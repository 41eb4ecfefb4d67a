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
    /// Other words that the palette finds it by.
    pub words: &'static str,
    pub area: Area,
    pub make: fn() -> Box<dyn Panel>,
}

/// Panels of one area become tabs in this order.
pub const PANELS: &[Entry] = &[
    Entry {
        id: "filter",
        title: "Filter",
        words: "search query",
        area: Area::Header,
        make: || Box::<filter::FilterBar>::default(),
    },
    Entry {
        id: "overview",
        title: "Overview",
        words: "strip density",
        area: Area::Top,
        make: || Box::<overview::Overview>::default(),
    },
    Entry {
        id: "entities",
        title: "Entities",
        words: "aggregates streams kinds",
        area: Area::Left,
        make: || Box::<entities::Entities>::default(),
    },
    Entry {
        id: "timeline",
        title: "Timeline",
        words: "lanes time",
        area: Area::Centre,
        make: || Box::<timeline::Timeline>::default(),
    },
    Entry {
        id: "events",
        title: "Events",
        words: "table rows list",
        area: Area::Bottom,
        make: || Box::<events::Events>::default(),
    },
    Entry {
        id: "problems",
        title: "Problems",
        words: "undecodable errors damage",
        area: Area::Bottom,
        make: || Box::<problems::Problems>::default(),
    },
    Entry {
        id: "lint",
        title: "Lint",
        words: "rules findings anti-patterns",
        area: Area::Bottom,
        make: || Box::<lint::LintPanel>::default(),
    },
    Entry {
        id: "dead-letters",
        title: "Dead letters",
        words: "dlq poison failed messages causes groups",
        area: Area::Bottom,
        make: || Box::<dead_letters::DeadLetters>::default(),
    },
    Entry {
        id: "requeue",
        title: "Requeue",
        words: "journal plan resume replay audit put back move task",
        area: Area::Bottom,
        make: || Box::<requeue::RequeuePanel>::default(),
    },
    Entry {
        id: "mapping",
        title: "Field mapping",
        words: "encoding charset fields columns detected",
        area: Area::Bottom,
        make: || Box::<mapping::MappingPanel>::default(),
    },
    Entry {
        id: "history",
        title: "History",
        words: "blame versions provenance field changes",
        area: Area::Bottom,
        make: || Box::<history::HistoryPanel>::default(),
    },
    Entry {
        id: "whatif",
        title: "What if",
        words: "branch skip edit insert move",
        area: Area::Bottom,
        make: || Box::<whatif::WhatIf>::default(),
    },
    Entry {
        id: "delivery",
        title: "Delivery",
        words: "duplicates losses reordering idempotent at-least-once",
        area: Area::Bottom,
        make: || Box::<delivery::DeliveryPanel>::default(),
    },
    Entry {
        id: "compare",
        title: "Compare",
        words: "diff two points entities reducers",
        area: Area::Bottom,
        make: || Box::<compare::ComparePanel>::default(),
    },
    Entry {
        id: "chains",
        title: "Chains",
        words: "correlation traces slow incomplete",
        area: Area::Bottom,
        make: || Box::<chains::ChainsPanel>::default(),
    },
    Entry {
        id: "map",
        title: "Service map",
        words: "services topology who causes whom",
        area: Area::Bottom,
        make: || Box::<map::MapPanel>::default(),
    },
    Entry {
        id: "sql",
        title: "SQL",
        words: "query console select",
        area: Area::Bottom,
        make: || Box::<sql::SqlPanel>::default(),
    },
    Entry {
        id: "read-model",
        title: "Read model",
        words: "cqrs projection check rebuild processed",
        area: Area::Bottom,
        make: || Box::<read_model::ReadModelPanel>::default(),
    },
    Entry {
        id: "inspector",
        title: "Inspector",
        words: "payload headers envelope hex",
        area: Area::Right,
        make: || Box::<inspector::Inspector>::default(),
    },
    Entry {
        id: "state",
        title: "State",
        words: "aggregate rebuilt tree plot time travel",
        area: Area::Right,
        make: || Box::<state::StatePanel>::default(),
    },
    Entry {
        id: "chain",
        title: "Chain",
        words: "correlation causation waterfall sequence graph",
        area: Area::Right,
        make: || Box::<chain::ChainPanel>::default(),
    },
    Entry {
        id: "reducer",
        title: "Reducer",
        words: "rules javascript jq fold projection",
        area: Area::Right,
        make: || Box::<reducer::ReducerPanel>::default(),
    },
];
