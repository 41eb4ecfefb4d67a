//! Opening and closing. The reading itself is an effect.

use crate::app::command::OpenCommand;
use crate::app::effect::{Effect, Effects};
use crate::app::settings::Settings;
use crate::app::state::{Overlay, Selection, SelectionHistory, State, View, ViewHistory};
use crate::app::workspace::{self, Workspace};
use crate::input::sources::broker::{Url, is_url};
use crate::store::snapshot::Snapshot;

pub(super) fn update(state: &mut State, command: OpenCommand, log: &Snapshot, effects: &mut Effects) {
    // Before the log is forgotten.
    workspace::keep(state, log);
    match command {
        OpenCommand::Pick => effects.push(Effect::PickFiles),
        OpenCommand::Paths(paths) => open(state, paths, effects),
        OpenCommand::Add(paths) if paths.is_empty() => {}
        OpenCommand::Add(paths) => {
            let Some(paths) = named(state, &paths, effects) else { return };
            state.settings.remember(&paths);
            state.opened.extend(paths.iter().cloned());
            effects.extend([Effect::Open { paths, add: true }, Effect::SaveSettings]);
        }
        OpenCommand::Session(session) => open_session(state, session, effects),
        OpenCommand::Reload | OpenCommand::ReloadUnlimited => {
            let range = state.view.range;
            begin_again(state, log);
            state.view.range = range;
            let unlimited = matches!(command, OpenCommand::ReloadUnlimited);
            effects.push(if unlimited { Effect::ReloadUnlimited } else { Effect::Reload });
        }
        OpenCommand::Close => {
            forget_log(state);
            effects.push(Effect::CloseLog);
        }
        OpenCommand::StopReading => effects.push(Effect::StopReading),
        OpenCommand::ForgetRecent(path) => {
            state.settings.recent.retain(|r| r.paths.join(" ") != path);
            effects.push(Effect::SaveSettings);
        }
        OpenCommand::ClearRecent => {
            state.settings.recent.clear();
            effects.push(Effect::SaveSettings);
        }
        OpenCommand::SetMapping(source, mapping) => {
            begin_again(state, log);
            effects.push(Effect::SetMapping(source, mapping));
        }
        OpenCommand::SetCharset(source, charset) => {
            begin_again(state, log);
            effects.push(Effect::SetCharset(source, charset));
        }
    }
}

/// The same sources will be read again, maybe in another way. Numbers belong to one reading: what was made of the log,
/// or still waits for that, comes back by its names and marks once it is read.
fn begin_again(state: &mut State, log: &Snapshot) {
    // The filter and the kinds are names themselves and stay in the view, where they may be changed meanwhile.
    let made = match state.workspace.take() {
        Some(waiting) => waiting,
        None => Box::new(Workspace { filter: String::new(), kinds: Vec::new(), ..Workspace::of(state, log) }),
    };
    let opened = std::mem::take(&mut state.opened);
    let (reducers, waiting) = (std::mem::take(&mut state.travel.reducers), std::mem::take(&mut state.travel.waiting));
    let (filter, mut lanes) = (std::mem::take(&mut state.view.filter), std::mem::take(&mut state.view.lanes));
    let correct_clocks = state.view.correct_clocks;
    lanes.pinned.clear();
    forget_log(state);
    state.view = View { correct_clocks, filter, lanes, ..std::mem::take(&mut state.view) };
    state.travel.reducers = reducers;
    state.travel.waiting = waiting;
    state.opened = opened;
    state.workspace = Some(made);
}

fn open(state: &mut State, paths: Vec<String>, effects: &mut Effects) {
    let Some(paths) = named(state, &paths, effects) else { return };
    if paths.is_empty() {
        state.note = Some("Nothing to open: give a path".to_owned());
        return;
    }
    if let [session] = &paths[..]
        && session.ends_with(workspace::ENDING)
    {
        effects.push(Effect::ReadSession(session.clone()));
        return;
    }
    forget_log(state);
    state.settings.remember(&paths);
    state.workspace = state.settings.workspaces.get(&Settings::key(&paths)).cloned().map(Box::new);
    state.opened.clone_from(&paths);
    effects.extend([Effect::Open { paths, add: false }, Effect::SaveSettings]);
}

fn open_session(state: &mut State, mut session: Box<Workspace>, effects: &mut Effects) {
    let Some(paths) = named(state, &session.sources, effects) else { return };
    if paths.is_empty() {
        state.note = Some("The session file names nothing to open".to_owned());
        return;
    }
    forget_log(state);
    state.settings.remember(&paths);
    state.settings.mappings.append(&mut session.mappings);
    state.settings.charsets.append(&mut session.charsets);
    session.offer_reducers(&mut state.travel);
    state.workspace = Some(session);
    state.opened.clone_from(&paths);
    effects.extend([Effect::Open { paths, add: false }, Effect::SaveSettings]);
}

/// The paths as they are kept and shown: absolute, addresses of brokers without their passwords, which
/// are held elsewhere. `None` where an address cannot be read: it may hold a password in a wrong place,
/// so it goes nowhere.
fn named(state: &mut State, paths: &[String], effects: &mut Effects) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for path in paths.iter().map(|path| path.trim()).filter(|path| !path.is_empty()) {
        if !is_url(path) {
            names.push(absolute(path));
            continue;
        }
        match Url::parse(path) {
            Ok(url) => {
                if let Some(password) = url.password.clone() {
                    effects.push(Effect::HoldPassword { login: url.login(), password, keep: false });
                }
                let registry = (url.bodies.registry_password.clone(), url.bodies.registry_login());
                if let (Some(password), Some(login)) = registry {
                    effects.push(Effect::HoldPassword { login, password, keep: false });
                }
                names.push(url.to_string());
            }
            Err(error) => {
                state.note = Some(format!("{}: {}", error.summary, error.next_step));
                return None;
            }
        }
    }
    Some(names)
}

/// Recent files and mappings are kept by path, so a path must mean the same from every folder.
/// Nothing is looked up: patterns stay patterns, and `-` is standard input.
fn absolute(path: &str) -> String {
    if path == "-" {
        return path.to_owned();
    }
    let home = directories::UserDirs::new();
    let full = match (path.strip_prefix("~/"), &home) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.into(),
    };
    std::path::absolute(&full).map_or_else(|_| path.to_owned(), |p| p.display().to_string())
}

/// Numbers of events and entities mean nothing in another log; how things are shown stays.
fn forget_log(state: &mut State) {
    let settings: Settings = std::mem::take(&mut state.settings);
    let table = std::mem::take(&mut state.view.table);
    let color_by = state.view.lanes.color_by;
    let mut view = View { table, collapse_gaps: state.view.collapse_gaps, ..View::default() };
    view.lanes.color_by = color_by;
    *state = State {
        settings,
        view,
        views: ViewHistory::default(),
        selection: Selection::default(),
        selections: SelectionHistory::default(),
        overlay: Overlay::None,
        focus: state.focus,
        requeue: std::mem::take(&mut state.requeue).of_another_log(),
        ..State::default()
    };
}
