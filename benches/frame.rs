//! What a frame costs with a large log open: the real panels, headless, panned, zoomed and scrolled.
//!
//! `cargo bench --bench frame -- [LOG [EVENTS]]`: the log is generated where it is missing (10 M
//! events, 3.4 GB). Times are those that the drawing thread works, jobs run beside it; a frame is all
//! panels, carrying out their commands, and egui's tessellation. `--quick` takes 100,000 events.
//! Then the same of time travel through one entity of 1 M events; `--travel` runs only that.

#[path = "common/account.rs"]
mod account;
#[expect(dead_code, reason = "other benches click and measure more")]
#[path = "common/window.rs"]
mod window;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Event, pos2, vec2};
use eventglass::analysis::state::path::Path as Place;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::analysis::state::whatif::{Edit, EventRef};
use eventglass::app::command::{BranchCommand, TravelCommand};
use eventglass::app::state::WatchAs;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::EventIx;
use eventglass::store::snapshot::Snapshot;
use window::{FRAMES, Window, wheel};

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick" || arg == "--test");
    if !std::env::args().any(|arg| arg == "--travel") {
        whole_log(quick);
    }
    travel(if quick { 100_000 } else { 1_000_000 });
}

fn whole_log(quick: bool) {
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let (name, events) =
        if quick { ("eventglass-bench-100k.ndjson", 100_000) } else { ("eventglass-bench-10m.ndjson", 10_000_000) };
    let path = args.next().map_or_else(|| std::env::temp_dir().join(name), PathBuf::from);
    let events = args.next().and_then(|n| n.parse().ok()).unwrap_or(events);
    if !path.exists() {
        eventglass::cli::generate::generate(events, 1, &path).expect("the log can be written");
    }
    let snapshot = opened(path);
    println!("{} rows, {} entities", snapshot.len(), snapshot.entity_count());
    let mut window = Window::new(snapshot, window::fresh_layout);
    window.settle();
    window.play("idle", |_| Vec::new());
    window.play("pan the timeline", |frame| wheel(vec2(if frame < FRAMES / 2 { 40.0 } else { -40.0 }, 0.0)));
    window.play("zoom the timeline", |frame| vec![Event::Zoom(if frame < FRAMES / 2 { 1.06 } else { 1.0 / 1.06 })]);
    window.play("scroll the lanes", |_| wheel(vec2(0.0, -120.0)));
    window.pointer = pos2(700.0, 800.0);
    window.play("scroll the table", |_| wheel(vec2(0.0, -2_000.0)));
    window.pointer = pos2(120.0, 400.0);
    window.play("scroll the entities", |_| wheel(vec2(0.0, -2_000.0)));
    window.run("type:PaymentFailed");
    window.pointer = pos2(700.0, 300.0);
    window.play("zoom, filtered", |frame| vec![Event::Zoom(if frame < FRAMES / 2 { 1.06 } else { 1.0 / 1.06 })]);
}

/// One account with a plot, a field's history and a branch open while its cursor moves.
fn travel(events: u32) {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let path = folder.path().join("account.ndjson");
    account::write(events, &path).expect("the log can be written");
    let snapshot = opened(path);
    println!("one entity with {events} events");
    let entity = snapshot.find_entity("account", "acc-1").expect("it is in the log");
    let mut window = Window::new(snapshot, |entry| match entry.id {
        "overview" => Some(((0.0, 40.0), (1440.0, 104.0))),
        "entities" => Some(((0.0, 104.0), (260.0, 500.0))),
        "timeline" => Some(((260.0, 104.0), (1080.0, 400.0))),
        "events" => Some(((260.0, 400.0), (1080.0, 600.0))),
        "state" => Some(((1080.0, 104.0), (1440.0, 900.0))),
        "history" => Some(((0.0, 600.0), (440.0, 900.0))),
        "whatif" => Some(((440.0, 600.0), (1080.0, 900.0))),
        _ => None,
    });
    window.state.selection.entity = Some(entity);
    let rules = ReducerSource { kind: ReducerKind::Rules, text: account::RULES.into() };
    let kind = || "account".to_owned();
    let skip = Edit::Skip(EventRef::Stored(EventIx(u64::from(events / 3))));
    window.commands = vec![
        TravelCommand::Reducer(kind(), Some(rules)).into(),
        TravelCommand::Watch(kind(), Place::parse("balance"), WatchAs::Plot, true).into(),
        TravelCommand::Watch(kind(), Place::parse("balance"), WatchAs::Column, true).into(),
        TravelCommand::FieldHistory(Place::parse("balance")).into(),
        BranchCommand::Edit(entity, None, skip).into(),
    ];
    window.play("while it is folded", |_| Vec::new());
    window.settle();
    window.play("idle", |_| Vec::new());
    let share = |frame: usize| (u64::from(events) * frame as u64 / FRAMES as u64) as u32;
    window.scrub("scrub from end to end", |frame| TravelCommand::Step(share(frame)));
    window.scrub("jump anywhere", |frame| TravelCommand::Step(share(frame * 101 % FRAMES)));
    window.scrub("one step back", |_| TravelCommand::By(-1));
    window.scrub("before the first and back", |frame| TravelCommand::Step(if frame % 2 == 0 { 0 } else { events }));
    for (name, at) in [("scroll the history", pos2(200.0, 800.0)), ("scroll the branch", pos2(600.0, 800.0))] {
        window.pointer = at;
        window.play(name, |_| wheel(vec2(0.0, -2_000.0)));
    }
}

fn opened(path: PathBuf) -> Arc<Snapshot> {
    let log = Log::new();
    let address = Address::File { path, table: None };
    log.add(open(&address, &OpenOptions::default()).expect("the log can be opened")).expect("the log can be read");
    log.wait();
    log.wait_valid();
    log.snapshot()
}
