//! One panel in a window of its own, with State that carries out what the panel asks for.

use std::sync::Arc;
use std::time::Duration;

use egui_kittest::Harness;
use eventglass::app::jobs::{Jobs, Waker};
use eventglass::app::passwords::Passwords;
use eventglass::app::state::AxisRange;
use eventglass::app::{Command, Effects, State, update};
use eventglass::gui::panels::{PANELS, Panel, PanelCtx};
use eventglass::gui::theme::{self, Looks, Theme};
use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};

/// What lives behind the panel.
pub struct World {
    pub panel: Box<dyn Panel>,
    pub snapshot: Arc<Snapshot>,
    pub state: State,
    pub jobs: Jobs,
    pub looks: Looks,
    pub waker: Waker,
    /// Everything that was asked for, in order.
    pub commands: Vec<Command>,
    installed: bool,
}

impl World {
    pub fn new(panel: &str, snapshot: Arc<Snapshot>) -> Self {
        let entry = PANELS.iter().find(|e| e.id == panel).expect("the panel is in the list");
        let mut looks = Looks::default();
        looks.extend(snapshot.types().iter().map(|n| &*n.name), snapshot.services().iter().map(|n| &*n.name));
        let waker = Waker::none();
        let mut jobs = Jobs::new(&waker);
        // Nobody's own journal.
        jobs.requeue.journal = None;
        let mut state = State::default();
        state.extent = snapshot.time_range().map(|(a, b)| AxisRange::new(a.0, b.0));
        Self { panel: (entry.make)(), snapshot, state, jobs, looks, waker, commands: Vec::new(), installed: false }
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        if !self.installed {
            self.installed = true;
            theme::install_fonts(ui.ctx());
            theme::apply(ui.ctx());
            ui.ctx().request_repaint();
            return;
        }
        self.jobs.refresh(&self.snapshot, &mut self.state);
        self.jobs.refresh_letters(&self.snapshot, &self.state, &Passwords::default());
        let mut out = Vec::new();
        let theme = Theme::from_ui(ui);
        egui::Frame::new().fill(theme.panel).show(ui, |ui| {
            let ctx = PanelCtx {
                snapshot: &self.snapshot,
                state: &self.state,
                jobs: &self.jobs,
                theme,
                looks: &self.looks,
                waker: &self.waker,
                reading: false,
            };
            self.panel.ui(ui, &ctx, &mut out);
        });
        out.into_iter().for_each(|command| self.ask(command));
    }

    /// Carries a command out, as the window does at the end of a frame.
    pub fn ask(&mut self, command: Command) {
        let mut effects = Effects::default();
        update(&mut self.state, command.clone(), &self.snapshot, &mut effects);
        self.commands.push(command);
    }
}

/// A window of this size; frames run until the panel's threads have answered.
pub fn window(world: World, size: [f32; 2], dark: bool) -> Harness<'static, World> {
    let builder = Harness::builder().with_size(egui::Vec2::from(size)).with_theme(if dark {
        egui::Theme::Dark
    } else {
        egui::Theme::Light
    });
    #[cfg(feature = "image-tests")]
    let builder = builder.wgpu();
    let mut harness = builder.build_ui_state(|ui, world: &mut World| world.frame(ui), world);
    settle(&mut harness);
    harness
}

/// Jobs answer within milliseconds; a fixed number of frames with pauses is plenty.
pub fn settle(harness: &mut Harness<'static, World>) {
    for _ in 0..4 {
        harness.run_steps(2);
        std::thread::sleep(Duration::from_millis(15));
    }
    harness.run_steps(2);
}

/// Presses and releases the pointer at a place, for what is painted and has no label.
pub fn click_at(harness: &mut Harness<'static, World>, x: f32, y: f32) {
    harness.drag_at(egui::pos2(x, y));
    harness.drop_at(egui::pos2(x, y));
    settle(harness);
}

/// A shop's morning: orders that are placed, paid and shipped, one long silence, one broken line.
pub fn shop() -> Arc<Snapshot> {
    let mut builder = Builder::new();
    let start = 1_771_237_800_000_000_000_i64;
    let second = 1_000_000_000_i64;
    let mut push =
        |at: i64, type_name: &str, service: &str, entities: &[String], correlation: &str, n: usize, data: String| {
            builder.push(TestEvent {
                time: Some(start + at),
                type_name: type_name.to_owned(),
                service: service.to_owned(),
                id: format!("evt-{n:05}"),
                version: Some((n % 6) as u32 + 1),
                entities: entities.to_vec(),
                correlations: vec![correlation.to_owned()],
                data,
                ..TestEvent::default()
            });
        };
    let mut n = 0;
    for order in 0..60_i64 {
        let base = order * 37 * second + if order >= 40 { 3 * 3600 * second } else { 0 };
        let entities = [format!("order:order-{}", 400 + order), format!("customer:cust-{}", 780 + order % 9)];
        let correlation = format!("corr-{:04x}", 0x9a00 + order * 31);
        let steps: &[(&str, &str, i64)] = &[
            ("OrderPlaced", "orders", 0),
            ("PaymentRequested", "payments", 2),
            (if order % 11 == 5 { "PaymentFailed" } else { "PaymentReceived" }, "payments", 9 + order % 5),
            ("OrderConfirmed", "orders", 15),
            ("ShipmentCreated", "shipping", 120 + order % 40),
            ("ShipmentDelivered", "shipping", 900 + order * 3),
        ];
        for (type_name, service, after) in steps {
            let total = format!("{}.{:02}", 20 + order * 3, (order * 7) % 100);
            let data = format!(
                r#"{{"orderId":"order-{}","customerId":"cust-{}","total":{total},"currency":"EUR","items":[{{"sku":"SKU-{}","quantity":{}}}]}}"#,
                400 + order,
                780 + order % 9,
                100 + order % 13,
                1 + order % 4,
            );
            push(base + after * second, type_name, service, &entities, &correlation, n, data);
            n += 1;
        }
    }
    builder.push(TestEvent { undecodable: true, ..TestEvent::default() });
    builder.build()
}
