//! States of real logs, held against what their authors or plain arithmetic say.

mod inferred;
mod rows;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eventglass::analysis::state::event::{Events as _, Input, Need};
use eventglass::analysis::state::history::History;
use eventglass::analysis::state::reducer::Keep;
use eventglass::analysis::state::reducers::infer::infer;
use eventglass::analysis::state::reducers::rules;
use eventglass::analysis::state::stored::Stored;
use eventglass::analysis::state::value::{Value, parse};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::{EntityIx, KindIx};
use eventglass::store::snapshot::Snapshot;

/// A file of the repository, `tests/data/…` or `sample-data/…`; `?table=` as on the command line.
pub fn opened(files: &[&str]) -> Arc<Snapshot> {
    let log = Log::with(Options { cache: None, ..Options::default() });
    for file in files {
        let (path, table) = file.split_once("?table=").map_or((*file, None), |(path, table)| (path, Some(table)));
        let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let address = Address::File { path, table: table.map(str::to_owned) };
        // A file of state among events is refused, as it should be.
        if let Ok(opened) = open(&address, &OpenOptions::default()) {
            log.add(opened).expect("a log has room for it");
        }
    }
    log.wait();
    log.snapshot()
}

pub fn kind(log: &Snapshot, name: &str) -> KindIx {
    let at = log.kinds().iter().position(|kind| &*kind.name == name);
    KindIx(u16::try_from(at.unwrap_or_else(|| panic!("no kind {name}"))).expect("few kinds"))
}

pub fn inferred(log: &Snapshot, name: &str) -> String {
    infer(log, kind(log, name), &Cancel::default()).text
}

/// Ids of a kind.
pub fn ids(log: &Snapshot, name: &str) -> Vec<String> {
    let kind = kind(log, name);
    let all = (0..log.entity_count()).filter_map(|entity| log.entity(EntityIx(entity)));
    all.filter(|entity| entity.kind == kind).map(|entity| entity.id.to_owned()).collect()
}

pub fn history(log: &Arc<Snapshot>, kind: &str, id: &str) -> Vec<Input> {
    let entity = log.find_entity(kind, id).unwrap_or_else(|| panic!("no {kind}:{id}"));
    let history = History::of(log, entity, false, &Cancel::default()).expect("not cancelled");
    let stored = Stored { snapshot: Arc::clone(log), history: Arc::new(history) };
    let mut events = Vec::new();
    let need = Need { value: true, meta: true, text: true, ..Need::default() };
    stored.load(0..stored.len(), &need, &Cancel::default(), &mut events);
    events
}

/// The state after each event, and what failed.
pub fn states(rules: &str, events: &[Input]) -> (Vec<Value>, Vec<String>) {
    let mut reducer = rules::compile(rules).unwrap_or_else(|error| panic!("{error:?}\n{rules}"));
    let mut state = reducer.initial();
    let (mut states, mut said) = (Vec::new(), Vec::new());
    let done = reducer.fold(&mut state, events, Keep::Every, &mut |step| {
        states.extend(step.state.cloned());
        said.extend(step.error.map(|error| format!("{}: {error}", step.at + 1)));
    });
    assert_eq!(done, Ok(()));
    (states, said)
}

/// The last state, folded without an error.
pub fn last(rules: &str, log: &Arc<Snapshot>, kind: &str, id: &str) -> Value {
    let (states, said) = states(rules, &history(log, kind, id));
    assert!(said.is_empty(), "{kind}:{id} {said:?}\n{rules}");
    states.into_iter().next_back().expect("an entity has events")
}

pub fn json(text: &str) -> Value {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}
