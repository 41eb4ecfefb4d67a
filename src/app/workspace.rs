//! What a person made of a log: what is pinned and watched, branches, the filter, reducers. Kept by itself for each
//! recent opening, and as a session file where a person saves one.
//!
//! Events and entities are numbers of one reading of a log, so entities are kept by name, and events with a mark by
//! which they are known again. A session file is data: scripts in it wait until a person lets them run.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use serde::{Deserialize, Serialize};

use super::command::SelectCommand;
use super::settings::Settings;
use super::state::{State, Travel, ViewHistory, Watch};
use crate::analysis::state::path::Path;
use crate::analysis::state::reducer::ReducerSource;
use crate::analysis::state::whatif::{Branch, Edit, EventRef, Place};
use crate::app::Command;
use crate::input::sources::broker::is_url;
use crate::model::charset::Charset;
use crate::model::error::{Error, Place as Where, Result};
use crate::model::ids::EventIx;
use crate::model::mapping::Mapping;
use crate::store::snapshot::Snapshot;

/// What session files are called.
pub const ENDING: &str = ".eventglass";

/// The form of session files that this version writes and reads.
const VERSION: u32 = 1;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// [`VERSION`]; 0 where it is no session file.
    pub eventglass_session: u32,
    /// What was opened together.
    pub sources: Vec<String>,
    /// Mappings made by hand, by the source's address.
    pub mappings: BTreeMap<String, Mapping>,
    /// Encodings chosen by hand, by the source's address.
    pub charsets: BTreeMap<String, Charset>,
    /// By the kind of entity.
    pub reducers: BTreeMap<String, ReducerSource>,
    pub filter: String,
    /// Kinds of entities that are shown alone.
    pub kinds: Vec<String>,
    pub pinned: Vec<EntityId>,
    pub watched: Vec<WatchedField>,
    pub branches: Vec<KeptBranch>,
    /// The entity in focus.
    pub focus: Option<EntityId>,
    pub selected: Option<Mark>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityId {
    pub kind: String,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedField {
    pub kind: String,
    /// A JSON Pointer.
    pub field: String,
    pub plot: bool,
    pub column: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptBranch {
    pub entity: EntityId,
    #[serde(flatten)]
    pub branch: Branch,
    /// The stored events that the branch names.
    pub events: Vec<Mark>,
}

/// An event by its number, and by what must be found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub event: EventIx,
    /// Where its record begins in its source, in bytes.
    pub offset: u64,
    /// Nanoseconds since the epoch.
    pub time: Option<i64>,
}

impl Mark {
    fn of(event: EventIx, log: &Snapshot) -> Option<Self> {
        let (_, span) = log.source_of(event)?;
        Some(Self { event, offset: span.offset.0, time: log.time(event).map(|time| time.0) })
    }

    fn fits(&self, log: &Snapshot) -> bool {
        Self::of(self.event, log).as_ref() == Some(self)
    }
}

impl Workspace {
    /// Of the log that is open now.
    #[must_use]
    pub fn of(state: &State, log: &Snapshot) -> Self {
        let entity = |entity| {
            let name = log.entity(entity)?;
            Some(EntityId { kind: log.kind_name(name.kind).to_owned(), id: name.id.to_owned() })
        };
        let watched = |watch: &Watch| WatchedField {
            kind: watch.kind.clone(),
            field: watch.path.to_string(),
            plot: watch.plot,
            column: watch.column,
        };
        let branches = state.view.branches.all().iter().filter_map(|kept| {
            let events = named(&kept.branch).map(|event| Mark::of(event, log)).collect::<Option<Vec<_>>>()?;
            Some(KeptBranch { entity: entity(kept.entity)?, branch: (*kept.branch).clone(), events })
        });
        let addresses = || log.sources().iter().map(|source| &source.address);
        let mapping = |address: &String| Some((address.clone(), state.settings.mappings.get(address)?.clone()));
        let charset = |address: &String| Some((address.clone(), *state.settings.charsets.get(address)?));
        Self {
            eventglass_session: VERSION,
            sources: state.opened.clone(),
            mappings: addresses().filter_map(mapping).collect(),
            charsets: addresses().filter_map(charset).collect(),
            reducers: state.travel.reducers.clone(),
            filter: state.view.filter.clone(),
            kinds: state.view.lanes.kinds.clone(),
            pinned: state.view.lanes.pinned.iter().filter_map(|pin| entity(*pin)).collect(),
            watched: state.travel.watches.iter().map(watched).collect(),
            branches: branches.collect(),
            focus: state.selection.entity.and_then(entity),
            selected: state.selection.event.and_then(|event| Mark::of(event, log)),
        }
    }

    /// What is kept without being asked: what took work. A filter that nobody remembers would hide events.
    #[must_use]
    pub fn lasting(self) -> Self {
        let Self { eventglass_session, sources, pinned, watched, branches, .. } = self;
        Self { eventglass_session, sources, pinned, watched, branches, ..Self::default() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pinned.is_empty() && self.watched.is_empty() && self.branches.is_empty()
    }

    /// As the file at `path` holds it: files beside it or below it by their way from there, so that the folder can be
    /// given to others.
    #[must_use]
    pub fn to_file(&self, path: &str) -> String {
        let folder = std::path::absolute(path).ok().and_then(|path| Some(path.parent()?.to_owned()));
        let file = self.clone().with_addresses(|address| {
            let below = FilePath::new(&address).strip_prefix(folder.as_deref()?).ok()?;
            Some(below.display().to_string())
        });
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// What the file at `path` says.
    ///
    /// # Errors
    /// When it is no session file, or one of a newer form.
    pub fn parse(text: &str, path: &str) -> Result<Self> {
        let error = |summary: &str, next_step: &str| {
            Error::new(summary, Where::File { path: path.to_owned(), offset: None }, next_step)
        };
        let no_session = || error("This is no session file", "Open the log itself, or a session that eventglass saved");
        let read: Self = serde_json::from_str(text).map_err(|cause| no_session().because(cause))?;
        match read.eventglass_session {
            0 => return Err(no_session()),
            VERSION => {}
            _ => return Err(error("This session file is newer than this program", "Open it with a newer eventglass")),
        }
        let folder = std::path::absolute(path).ok().and_then(|path| Some(path.parent()?.to_owned()));
        Ok(read.with_addresses(|address| Some(folder.as_ref()?.join(address).display().to_string())))
    }

    /// Addresses of files as `changed` gives them, those of which it gives none and brokers' as they are.
    fn with_addresses(mut self, changed: impl Fn(&str) -> Option<String>) -> Self {
        let renamed = |address: String| match changed(&address) {
            Some(other) if !is_url(&address) => other,
            _ => address,
        };
        self.sources = self.sources.into_iter().map(renamed).collect();
        self.mappings = self.mappings.into_iter().map(|(address, mapping)| (renamed(address), mapping)).collect();
        self.charsets = self.charsets.into_iter().map(|(address, charset)| (renamed(address), charset)).collect();
        self
    }

    /// Puts it into the state of a log that was read; gives what else is to be done, and how many things were left out
    /// because the log has them no more.
    #[must_use]
    pub fn adopt(self, state: &mut State, log: &Snapshot) -> (Vec<Command>, usize) {
        let mut left_out = 0;
        let mut commands = Vec::new();
        let find = |entity: &EntityId| log.find_entity(&entity.kind, &entity.id);
        for pin in &self.pinned {
            match find(pin) {
                Some(entity) if state.view.lanes.pinned.contains(&entity) => {}
                Some(entity) => state.view.lanes.pinned.push(entity),
                None => left_out += 1,
            }
        }
        for kept in self.branches {
            let known = |event| kept.events.iter().any(|mark| mark.event == event && mark.fits(log));
            match find(&kept.entity) {
                Some(entity) if named(&kept.branch).all(known) => state.view.branches.restore(entity, kept.branch),
                _ => left_out += 1,
            }
        }
        for kind in self.kinds {
            if !state.view.lanes.kinds.contains(&kind) {
                state.view.lanes.kinds.push(kind);
            }
        }
        // A step back would lead to before all of this, and take it away.
        state.views = ViewHistory::default();
        state.pins_changed();
        if !self.filter.is_empty() {
            state.view.filter = self.filter;
        }
        let watch = |watch: WatchedField| Watch {
            kind: watch.kind,
            path: Path::parse(&watch.field),
            plot: watch.plot,
            column: watch.column,
        };
        state.travel.watches.extend(self.watched.into_iter().map(watch));
        let focus = self.focus.as_ref().map(find);
        let selected = self.selected.map(|mark| mark.fits(log).then_some(mark.event));
        left_out += usize::from(focus == Some(None)) + usize::from(selected == Some(None));
        let select = match (focus.flatten(), selected.flatten()) {
            (Some(entity), Some(event)) => Some(SelectCommand::EventOf(event, entity)),
            (Some(entity), None) => Some(SelectCommand::Entity(entity)),
            (None, event) => event.map(SelectCommand::Event),
        };
        commands.extend(select.map(Command::from));
        (commands, left_out)
    }

    /// Reducers of a session file: rules are used at once, scripts wait.
    pub fn offer_reducers(&mut self, travel: &mut Travel) {
        for (kind, reducer) in std::mem::take(&mut self.reducers) {
            travel.offer(kind, &reducer, "the session file");
        }
    }
}

/// The stored events that a branch names.
fn named(branch: &Branch) -> impl Iterator<Item = EventIx> + '_ {
    let place = |place: &Place| match place {
        Place::Before(event) => Some(*event),
        Place::End => None,
    };
    let of = move |edit: &Edit| match edit {
        Edit::Skip(event) | Edit::Change { event, .. } => [Some(*event), None],
        Edit::Insert { before, .. } => [place(before), None],
        Edit::Move { event, to } => [Some(*event), place(to)],
    };
    branch.edits.iter().flat_map(of).flatten().filter_map(|event| match event {
        EventRef::Stored(event) => Some(event),
        EventRef::Made(_) => None,
    })
}

/// Takes what a person made of the log that is open into the settings.
pub fn keep(state: &mut State, log: &Snapshot) {
    if state.opened.is_empty() || state.workspace.is_some() || log.is_empty() {
        return;
    }
    let made = Workspace::of(state, log).lasting();
    let key = Settings::key(&state.opened);
    if made.is_empty() {
        state.settings.workspaces.remove(&key);
    } else {
        state.settings.workspaces.insert(key, made);
    }
}

#[cfg(test)]
mod tests;
