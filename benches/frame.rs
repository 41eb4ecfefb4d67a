//! What a frame costs with a large log open: the real panels, headless, panned, zoomed and scrolled.
//!
//! `cargo bench --bench frame -- [LOG [EVENTS]]`: the log is generated where it is missing (10 M
//! events, 3.4 GB). Times are wall times of the thread that draws, jobs run beside it; a frame is all
//! panels, carrying out their commands, and egui's tessellation. `--quick` takes 100,000 events.
//! Then the same of time travel through one entity of 1 M events; `--travel` runs only that.

#[path = "common/account.rs"]
mod account;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, Modifiers, MouseWheelUnit, RawInput, Rect, UiBuilder, pos2, vec2};
use eventglass::analysis::state::path::Path as Place;
use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::analysis::state::whatif::{Edit, EventRef};
use eventglass::app::command::{BranchCommand, TravelCommand};
use eventglass::app::jobs::{Jobs, Waker};
use eventglass::app::state::{AxisRange, WatchAs};
use eventglass::app::{Command, Effects, State, update};
use eventglass::gui::panels::{Area, Entry, PANELS, Panel, PanelCtx};
use eventglass::gui::theme::{self, Looks, Theme};
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::EventIx;
use eventglass::store::snapshot::Snapshot;

const SIZE: egui::Vec2 = vec2(1440.0, 900.0);
const FRAMES: usize = 240;
/// What a frame may take at the 99th percentile.
const BUDGET: Duration = Duration::from_millis(8);
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
    // One panel of each area, as in a fresh layout.
    let mut window = Window::new(snapshot, |entry| match (entry.area, entry.id) {
        (Area::Header, _) => Some(((400.0, 0.0), (1100.0, 40.0))),
        (Area::Top, _) => Some(((0.0, 40.0), (1440.0, 104.0))),
        (Area::Left, _) => Some(((0.0, 104.0), (260.0, 640.0))),
        (Area::Centre, _) => Some(((260.0, 104.0), (1080.0, 640.0))),
        (Area::Right, _) => Some(((1080.0, 104.0), (1440.0, 640.0))),
        (Area::Bottom, "events") => Some(((0.0, 640.0), (1440.0, 900.0))),
        (Area::Bottom, _) => None,
    });
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

fn wheel(delta: egui::Vec2) -> Vec<Event> {
    vec![Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta,
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Unknown,
    }]
}

struct Window {
    ctx: egui::Context,
    panels: Vec<(&'static str, Rect, Box<dyn Panel>)>,
    snapshot: Arc<Snapshot>,
    state: State,
    jobs: Jobs,
    looks: Looks,
    waker: Waker,
    pointer: egui::Pos2,
    time: f64,
    /// Carried out before the next frame.
    commands: Vec<Command>,
}

type Corners = ((f32, f32), (f32, f32));

/// One frame's costs: all, and each panel's.
struct Costs {
    frame: Duration,
    panels: Vec<Duration>,
}

impl Window {
    fn new(snapshot: Arc<Snapshot>, place: impl Fn(&Entry) -> Option<Corners>) -> Self {
        let ctx = egui::Context::default();
        theme::install_fonts(&ctx);
        theme::apply(&ctx);
        let waker = Waker::none();
        let mut looks = Looks::default();
        looks.extend(snapshot.types().iter().map(|n| &*n.name), snapshot.services().iter().map(|n| &*n.name));
        let mut state = State::default();
        state.extent = snapshot.time_range().map(|(a, b)| AxisRange::new(a.0, b.0));
        state.selection.event = Some(EventIx(snapshot.len() / 2));
        let panels = PANELS
            .iter()
            .filter_map(|entry| {
                let (min, max) = place(entry)?;
                Some((entry.id, Rect::from_min_max(min.into(), max.into()), (entry.make)()))
            })
            .collect();
        let jobs = Jobs::new(&waker);
        Self {
            ctx,
            panels,
            snapshot,
            state,
            jobs,
            looks,
            waker,
            pointer: pos2(700.0, 300.0),
            time: 0.0,
            commands: Vec::new(),
        }
    }

    /// Draws until every job has answered.
    fn settle(&mut self) {
        for _ in 0..20 {
            self.frame(Vec::new());
            self.jobs.rows.wait(Duration::from_mins(1));
            self.jobs.entities.wait(Duration::from_mins(1));
            self.jobs.travel.wait(Duration::from_mins(1));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn run(&mut self, filter: &str) {
        filter.clone_into(&mut self.state.view.filter);
        self.state.view.range = None;
        self.settle();
    }

    fn play(&mut self, name: &str, input: impl Fn(usize) -> Vec<Event>) {
        self.frames(name, |frame| (input(frame), Vec::new()));
    }

    fn scrub(&mut self, name: &str, to: impl Fn(usize) -> TravelCommand) {
        self.frames(name, |frame| (Vec::new(), vec![to(frame).into()]));
    }

    fn frames(&mut self, name: &str, input: impl Fn(usize) -> (Vec<Event>, Vec<Command>)) {
        let costs: Vec<Costs> = (0..FRAMES)
            .map(|i| {
                let (events, mut commands) = input(i);
                self.commands.append(&mut commands);
                let costs = self.frame(events);
                // A screen's pause, in which jobs answer.
                std::thread::sleep(Duration::from_millis(4));
                costs
            })
            .collect();
        let frames = percentiles(costs.iter().map(|c| c.frame).collect());
        let verdict = if frames.1 <= BUDGET { "" } else { "  over the budget" };
        println!("{name:<24} p50 {:>7.2} ms  p99 {:>7.2} ms{verdict}", millis(frames.0), millis(frames.1));
        for (i, (id, ..)) in self.panels.iter().enumerate() {
            let (p50, p99) = percentiles(costs.iter().filter_map(|c| c.panels.get(i).copied()).collect());
            println!("    {id:<20} p50 {:>7.2} ms  p99 {:>7.2} ms", millis(p50), millis(p99));
        }
    }

    fn frame(&mut self, mut events: Vec<Event>) -> Costs {
        self.time += 1.0 / 60.0;
        events.insert(0, Event::PointerMoved(self.pointer));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), SIZE)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let began = Instant::now();
        for command in std::mem::take(&mut self.commands) {
            update(&mut self.state, command, &self.snapshot, &mut Effects::default());
        }
        self.jobs.refresh(&self.snapshot, &mut self.state);
        let mut out: Vec<Command> = Vec::new();
        let mut costs = vec![Duration::ZERO; self.panels.len()];
        let Self { ctx, panels, snapshot, state, jobs, looks, waker, .. } = self;
        let mut output = ctx.run_ui(input, |ui| {
            for (i, (id, rect, panel)) in panels.iter_mut().enumerate() {
                let started = Instant::now();
                let theme = Theme::from_ui(ui);
                let mut child = ui.new_child(UiBuilder::new().id_salt(*id).max_rect(*rect));
                child.set_clip_rect(*rect);
                child.painter().rect_filled(*rect, 0.0, theme.panel);
                let ctx = PanelCtx { snapshot, state, jobs, theme, looks, waker, reading: false };
                panel.ui(&mut child, &ctx, &mut out);
                if let Some(cost) = costs.get_mut(i) {
                    *cost += started.elapsed();
                }
            }
        });
        for command in out {
            update(&mut self.state, command, &self.snapshot, &mut Effects::default());
        }
        output.textures_delta.clear();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(&meshes);
        Costs { frame: began.elapsed(), panels: costs }
    }
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    let at =
        |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last()).copied().unwrap_or_default();
    (at(0.5), at(0.99))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
