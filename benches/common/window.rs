//! Real panels in a window that is never shown, and what its frames cost the thread that draws.

#[path = "clock.rs"]
mod clock;

use std::sync::Arc;
use std::time::Duration;

use egui::{Event, Modifiers, MouseWheelUnit, PointerButton, RawInput, Rect, UiBuilder, pos2, vec2};
use eventglass::analysis::timeline::Basis;
use eventglass::app::command::TravelCommand;
use eventglass::app::jobs::{Jobs, Waker};
use eventglass::app::state::AxisRange;
use eventglass::app::{Command, Effects, State, update};
use eventglass::gui::panels::{Area, Entry, PANELS, Panel, PanelCtx};
use eventglass::gui::theme::{self, Looks, Theme};
use eventglass::model::ids::EventIx;
use eventglass::store::snapshot::Snapshot;

const SIZE: egui::Vec2 = vec2(1440.0, 900.0);
pub const FRAMES: usize = 240;
/// How often a scene is played.
const PLAYS: usize = 3;
/// What a frame may take at the 99th percentile.
const BUDGET: Duration = Duration::from_millis(8);

pub fn wheel(delta: egui::Vec2) -> Vec<Event> {
    vec![Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta,
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Unknown,
    }]
}

pub struct Window {
    ctx: egui::Context,
    panels: Vec<(&'static str, Rect, Box<dyn Panel>)>,
    snapshot: Arc<Snapshot>,
    pub state: State,
    pub jobs: Jobs,
    looks: Looks,
    waker: Waker,
    pub pointer: egui::Pos2,
    time: f64,
    /// Carried out before the next frame.
    pub commands: Vec<Command>,
}

/// Those in front in a fresh layout.
pub fn fresh_layout(entry: &Entry) -> Option<Corners> {
    match (entry.area, entry.id) {
        (Area::Header, _) => Some(((400.0, 0.0), (1100.0, 40.0))),
        (Area::Top, _) => Some(((0.0, 40.0), (1440.0, 104.0))),
        (Area::Left, _) => Some(((0.0, 104.0), (260.0, 640.0))),
        (Area::Centre, _) => Some(((260.0, 104.0), (1080.0, 640.0))),
        (Area::Right, "inspector") => Some(((1080.0, 104.0), (1440.0, 640.0))),
        (Area::Bottom, "events") => Some(((0.0, 640.0), (1440.0, 900.0))),
        (Area::Right | Area::Bottom, _) => None,
    }
}

pub type Corners = ((f32, f32), (f32, f32));

/// One frame's costs: all, and each panel's.
struct Costs {
    frame: Duration,
    panels: Vec<Duration>,
}

/// What is looked at of a frame's costs.
type Part<'a> = &'a dyn Fn(&Costs) -> Option<Duration>;

impl Window {
    pub fn new(snapshot: Arc<Snapshot>, place: impl Fn(&Entry) -> Option<Corners>) -> Self {
        let ctx = egui::Context::default();
        theme::install_fonts(&ctx);
        theme::apply(&ctx);
        let waker = Waker::none();
        let mut state = State::default();
        state.selection.event = Some(EventIx(snapshot.len() / 2));
        let panels = PANELS
            .iter()
            .filter_map(|entry| {
                let (min, max) = place(entry)?;
                Some((entry.id, Rect::from_min_max(min.into(), max.into()), (entry.make)()))
            })
            .collect();
        let jobs = Jobs::new(&waker);
        let mut window = Self {
            ctx,
            panels,
            snapshot: Arc::clone(&snapshot),
            state,
            jobs,
            looks: Looks::default(),
            waker,
            pointer: pos2(700.0, 300.0),
            time: 0.0,
            commands: Vec::new(),
        };
        window.show(snapshot);
        window
    }

    fn show(&mut self, snapshot: Arc<Snapshot>) {
        self.looks.extend(snapshot.types().iter().map(|n| &*n.name), snapshot.services().iter().map(|n| &*n.name));
        self.state.extent = Basis::of(&snapshot).extent(&snapshot).map(|(a, b)| AxisRange::new(a, b));
        self.snapshot = snapshot;
    }

    /// Sixty frames a second, each with the log as it is then, until there is none. Nothing is played twice, so what
    /// the machine does beside it is counted too.
    pub fn follow(&mut self, name: &str, mut newest: impl FnMut() -> Option<Arc<Snapshot>>) {
        let mut frames = Vec::new();
        while let Some(snapshot) = newest() {
            let began = clock::worked();
            self.show(snapshot);
            let shown = clock::worked().saturating_sub(began);
            let costs = self.frame(Vec::new());
            frames.push(Costs { frame: costs.frame + shown, ..costs });
            std::thread::sleep(Duration::from_millis(12));
        }
        let of = |of: Part<'_>| percentiles(frames.iter().filter_map(of).collect());
        self.tell(&format!("{name}: {} frames", frames.len()), "", &of);
    }

    /// Half of all and the 99th percentile, of frames and of their panels.
    fn tell(&self, name: &str, beside: &str, of: &dyn Fn(Part<'_>) -> (Duration, Duration)) {
        let frames = of(&|costs| Some(costs.frame));
        let verdict = if frames.1 <= BUDGET { "" } else { "  over the budget" };
        println!("{name:<24} p50 {:>7.2} ms  p99 {:>7.2} ms{beside}{verdict}", millis(frames.0), millis(frames.1));
        for (i, (id, ..)) in self.panels.iter().enumerate() {
            let (p50, p99) = of(&|costs| costs.panels.get(i).copied());
            println!("    {id:<20} p50 {:>7.2} ms  p99 {:>7.2} ms", millis(p50), millis(p99));
        }
    }

    /// Draws until every job has answered.
    pub fn settle(&mut self) {
        for _ in 0..20 {
            self.frame(Vec::new());
            self.jobs.rows.wait(Duration::from_mins(1));
            self.jobs.entities.wait(Duration::from_mins(1));
            self.jobs.travel.wait(Duration::from_mins(1));
            self.jobs.chain.wait(Duration::from_mins(1));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses and releases the pointer there.
    pub fn click(&mut self, at: egui::Pos2) {
        self.pointer = at;
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            self.frame(vec![Event::PointerButton { pos: at, button, pressed, modifiers }]);
        }
    }

    pub fn run(&mut self, filter: &str) {
        filter.clone_into(&mut self.state.view.filter);
        self.state.view.range = None;
        self.settle();
    }

    pub fn play(&mut self, name: &str, input: impl Fn(usize) -> Vec<Event>) {
        self.frames(name, |frame| (input(frame), Vec::new()));
    }

    pub fn scrub(&mut self, name: &str, to: impl Fn(usize) -> TravelCommand) {
        self.frames(name, |frame| (Vec::new(), vec![to(frame).into()]));
    }

    /// Plays a scene [`PLAYS`] times and counts the least that each frame took: what is slow in one play alone is the
    /// machine's, which others share. What only the first play costs (texts laid out anew) is told beside.
    fn frames(&mut self, name: &str, input: impl Fn(usize) -> (Vec<Event>, Vec<Command>)) {
        let plays: Vec<Vec<Costs>> = (0..PLAYS).map(|_| self.play_once(&input)).collect();
        let of_frame = |i: usize| plays.iter().filter_map(move |play| play.get(i));
        let least = |of: Part<'_>| -> (Duration, Duration) {
            percentiles((0..FRAMES).filter_map(|i| of_frame(i).filter_map(of).min()).collect())
        };
        let first = percentiles(plays.first().into_iter().flatten().map(|costs| costs.frame).collect());
        self.tell(name, &format!(", first play {:>7.2} ms", millis(first.1)), &least);
    }

    fn play_once(&mut self, input: &impl Fn(usize) -> (Vec<Event>, Vec<Command>)) -> Vec<Costs> {
        (0..FRAMES)
            .map(|i| {
                let (events, mut commands) = input(i);
                self.commands.append(&mut commands);
                let costs = self.frame(events);
                // A screen's pause, in which jobs answer.
                std::thread::sleep(Duration::from_millis(4));
                costs
            })
            .collect()
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
        let began = clock::worked();
        for command in std::mem::take(&mut self.commands) {
            update(&mut self.state, command, &self.snapshot, &mut Effects::default());
        }
        self.jobs.refresh(&self.snapshot, &mut self.state);
        let mut out: Vec<Command> = Vec::new();
        let mut costs = vec![Duration::ZERO; self.panels.len()];
        let Self { ctx, panels, snapshot, state, jobs, looks, waker, .. } = self;
        let mut output = ctx.run_ui(input, |ui| {
            for (i, (id, rect, panel)) in panels.iter_mut().enumerate() {
                let started = clock::worked();
                let theme = Theme::from_ui(ui);
                let mut child = ui.new_child(UiBuilder::new().id_salt(*id).max_rect(*rect));
                child.set_clip_rect(*rect);
                child.painter().rect_filled(*rect, 0.0, theme.panel);
                let ctx = PanelCtx { snapshot, state, jobs, theme, looks, waker, reading: false };
                panel.ui(&mut child, &ctx, &mut out);
                if let Some(cost) = costs.get_mut(i) {
                    *cost += clock::worked().saturating_sub(started);
                }
            }
        });
        for command in out {
            update(&mut self.state, command, &self.snapshot, &mut Effects::default());
        }
        output.textures_delta.clear();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(&meshes);
        Costs { frame: clock::worked().saturating_sub(began), panels: costs }
    }
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    let at =
        |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last()).copied().unwrap_or_default();
    (at(0.5), at(0.99))
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
