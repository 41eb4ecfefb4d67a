//! What the window shows, apart from the log itself: one selection, one cursor, one filter, one
//! view. Panels read it; only [`crate::app::update`] changes it.

mod branches;
mod history;
mod lints;
mod requeue;
mod travel;
mod view;

pub use branches::{Branches, EntityBranch};
pub use history::{Selection, SelectionHistory, ViewHistory};
pub use lints::LintView;
pub use requeue::{RequeueView, UNLOCKED_FOR, Wish};
pub use travel::{Opened, Pace, Question, Show, Travel, Waiting, Watch, WatchAs};
pub use view::{
    AxisRange, ColorBy, Column, ColumnView, LaneSort, LaneView, RowOrder, TableView, View, default_columns,
};

use std::collections::BTreeMap;

use super::PanelId;
use super::settings::Settings;
use super::workspace::Workspace;
use crate::analysis::dead_letters::Regroup;
use crate::input::sources::broker::Url;
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What undo covers: range, filter, lanes, columns.
    pub view: View,
    pub views: ViewHistory,
    pub selection: Selection,
    pub selections: SelectionHistory,
    /// Shared by all panels; follows the selection, and the ruler moves it alone.
    pub cursor: Option<TimeNs>,
    pub hover: Option<EventIx>,
    /// The event from which a person wanted the chain to be followed.
    pub chain_from: Option<EventIx>,
    /// The correlation id that it is followed by, where the event carries several and not all are wanted.
    pub chain_by: Option<String>,
    /// The entity in focus is stepped through by itself.
    pub playing: bool,
    /// The entity in focus through time.
    pub travel: Travel,
    /// Whether rules look at the log.
    pub lints: LintView,
    /// Groups of dead letters as they were before each change, for the way back.
    pub regroups: Vec<Regroup>,
    /// Dead letters that are to be put back.
    pub requeue: RequeueView,
    /// What is open, as it was given.
    pub opened: Vec<String>,
    /// What a person made of this log before, until it is read.
    pub workspace: Option<Box<Workspace>>,
    /// A source is still being read for the first time.
    pub reading: bool,
    /// The whole log on the time axis; `None` until there is an event.
    pub extent: Option<AxisRange>,
    /// The zone that the open sources write their times in, where one was seen.
    pub source_zone_minutes: Option<i32>,
    pub maximised: Option<PanelId>,
    pub overlay: Overlay,
    /// What the dialog for brokers begins with.
    pub connect_to: Option<Url>,
    /// The panel that was asked to take the keyboard, and a number that changes with each request.
    pub focus: Option<(PanelId, u64)>,
    /// Kept between runs.
    pub settings: Settings,
    /// Commands that did nothing, with the reason: for the status line.
    pub note: Option<String>,
    /// A path at which there is a file already, when one was to be written.
    pub occupied: Option<String>,
    /// Answers to "is this entity pinned"; the list itself is in the view.
    pub(crate) pins: BTreeMap<EntityIx, usize>,
}

/// What lies over the panels and takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    #[default]
    None,
    Palette,
    Keys,
    Connect,
    SaveSession,
}

impl State {
    /// What the timeline and the overview call the visible range: the view's, else everything.
    #[must_use]
    pub fn visible(&self) -> Option<AxisRange> {
        self.view.range.or(self.extent)
    }

    #[must_use]
    pub fn is_pinned(&self, entity: EntityIx) -> bool {
        self.pins.contains_key(&entity)
    }

    /// A state with the settings of the last run.
    #[must_use]
    pub fn with_settings(settings: Settings) -> Self {
        let mut state = Self { settings, ..Self::default() };
        if !state.settings.columns.is_empty() {
            state.view.table.columns.clone_from(&state.settings.columns);
        }
        state
    }

    pub(crate) fn pins_changed(&mut self) {
        self.pins = self.view.lanes.pinned.iter().enumerate().map(|(i, &e)| (e, i)).collect();
    }
}
