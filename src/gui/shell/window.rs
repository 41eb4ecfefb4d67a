//! The window's root: takes events in, lets everything draw from one moment of the log, then carries
//! out what was asked for. `logic` and `ui` stay apart: nothing changes while it is drawn.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use eframe::egui::{self, Context, Frame, Panel as Side, Ui};

use super::connect::Connect;
use super::layout::Layout;
use super::notices::Notices;
use super::palette::Palette;
use super::save_session::SaveSession;
use super::start::StartPage;
use super::status::Stillness;
use super::troubles::Troubles;
use super::{header, keys, keys_sheet, status};
use crate::analysis::timeline::Basis;
use crate::app::command::{
    ConnectCommand, LintCommand, OpenCommand, ReducerCommand, RequeueCommand, SelectCommand, WindowCommand,
};
use crate::app::jobs::{Jobs, Waker};
use crate::app::session::{Event, How, Session, Wanted, channel};
use crate::app::settings::{Settings, ThemeChoice};
use crate::app::state::{AxisRange, LintView, Overlay};
use crate::app::{Command, PanelId, State, update};
use crate::gui::panels::{Area, PANELS, Panel, PanelCtx};
use crate::gui::theme::{self, Looks, Theme};
use crate::input::ingest::progress::Progress;
use crate::model::error::Error;
use crate::store::snapshot::Snapshot;

/// Events are taken in for this long per frame; the rest waits for the next one.
const DRAIN: Duration = Duration::from_millis(4);

/// Settings are written when nothing changed them for this long.
const QUIET: Duration = Duration::from_millis(800);

/// Steps of playing within one frame at most, and the shortest time of one.
const MOST_STEPS: u32 = 16;
const SHORTEST_STEP: Duration = Duration::from_millis(4);

/// What the window starts with.
#[derive(Default)]
pub struct Start {
    pub paths: Vec<String>,
    pub how: How,
    pub settings: Settings,
    /// Nothing is kept where there is none.
    pub settings_path: Option<PathBuf>,
    pub settings_error: Option<Error>,
}

/// See the module's documentation.
pub struct Window {
    pub(super) state: State,
    pub(super) jobs: Jobs,
    pub(super) session: Option<Session>,
    pub(super) how: How,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) progress: Progress,
    pub(super) stillness: Stillness,
    pub(super) looks: Looks,
    pub(super) panels: BTreeMap<PanelId, Box<dyn Panel>>,
    pub(super) layout: Layout,
    pub(super) notices: Notices,
    /// What went wrong while this log was opened, for the page that stands in for an empty log.
    pub(super) failures: Vec<Error>,
    /// How many of them a person has been told.
    told: usize,
    troubles: Troubles,
    pub(super) start: StartPage,
    pub(super) palette: Palette,
    pub(super) connect: Connect,
    save_session: SaveSession,
    pub(super) waker: Waker,
    pub(super) events: Receiver<Event>,
    pub(super) sender: SyncSender<Event>,
    pub(super) settings_path: Option<PathBuf>,
    pub(super) picking: bool,
    /// A text field had the keyboard at the end of the frame before.
    typing: bool,
    /// Settings changed at this moment and are not written yet.
    pub(super) unsaved: Option<Instant>,
    played: Option<Instant>,
    zone_asked: bool,
    /// Whether letters were being put back in the last frame.
    sending: bool,
    applied: Option<(ThemeChoice, u16)>,
    titled: String,
}

impl Window {
    #[must_use]
    pub fn new(ctx: &Context, start: Start) -> Self {
        theme::install_fonts(ctx);
        theme::apply(ctx);
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let wake = ctx.clone();
        let waker = Waker::new(move || wake.request_repaint());
        let (sender, events) = channel();
        let mut notices = Notices::default();
        if let Some(error) = start.settings_error {
            notices.error(error);
        }
        let (layout, layout_error) = Layout::load(start.settings.layout.as_ref());
        if let Some(error) = layout_error {
            notices.error(error);
        }
        let mut how = start.how;
        if let Some(greeting) = how.greeting {
            notices.say(greeting);
        }
        how.mappings.clone_from(&start.settings.mappings);
        how.charsets.clone_from(&start.settings.charsets);
        let mut window = Self {
            state: State::with_settings(start.settings),
            jobs: Jobs::new(&waker),
            session: None,
            how,
            snapshot: Arc::default(),
            progress: Progress::default(),
            stillness: Stillness::default(),
            looks: Looks::default(),
            panels: PANELS.iter().map(|entry| (entry.id, (entry.make)())).collect(),
            layout,
            notices,
            failures: Vec::new(),
            told: 0,
            troubles: Troubles::default(),
            start: StartPage::new(&waker),
            palette: Palette::default(),
            connect: Connect::new(&waker),
            save_session: SaveSession::default(),
            waker,
            events,
            sender,
            settings_path: start.settings_path,
            picking: false,
            typing: false,
            unsaved: None,
            played: None,
            zone_asked: false,
            sending: false,
            applied: None,
            titled: String::new(),
        };
        if !start.paths.is_empty() {
            window.carry_out(ctx, vec![OpenCommand::Paths(start.paths).into()]);
        }
        window
    }

    /// Takes in what other threads have to say; draws nothing.
    pub(super) fn take_in(&mut self, ctx: &Context) {
        let began = Instant::now();
        let mut commands = Vec::new();
        while began.elapsed() < DRAIN {
            let Ok(event) = self.events.try_recv() else { break };
            match event {
                Event::Failed(error) => self.failures.push(error),
                Event::Warned(error) => self.notices.warning(error),
                Event::Said(text) => self.notices.say(text),
                Event::Picked(paths) => {
                    self.picking = false;
                    if !paths.is_empty() {
                        commands.push(OpenCommand::Paths(paths).into());
                    }
                }
                Event::NoDialog => {
                    self.picking = false;
                    self.start.focus_path();
                    self.notices.say("The system showed no file dialog: type a path, or drop files here");
                }
                Event::Found { event: Some(event), .. } => commands.push(SelectCommand::Event(event).into()),
                Event::Found { wanted, event: None } => self.not_found(&wanted),
                Event::ReducerRead { kind, path, text } => {
                    commands.push(ReducerCommand::Opened { kind, path, text }.into());
                }
                Event::SessionRead(session) => commands.push(OpenCommand::Session(session).into()),
                Event::LintConfigRead(config) => commands.push(LintCommand::Opened(Arc::new(config)).into()),
                Event::NeedsPassword(url) => commands.push(ConnectCommand::Show(Some(url)).into()),
                Event::JournalChanged => commands.push(RequeueCommand::Look.into()),
                Event::Occupied(path) => commands.push(WindowCommand::Occupied(path).into()),
                Event::SourceZone(minutes) => self.state.source_zone_minutes = Some(minutes),
            }
        }
        if began.elapsed() >= DRAIN {
            ctx.request_repaint();
        }
        self.play(ctx, &mut commands);
        self.carry_out(ctx, commands);
        self.look_at_the_log();
        let adopted = self.adopt_workspace();
        self.carry_out(ctx, adopted);
        self.save_when_quiet(ctx);
    }

    /// One step at a time along the entity in focus, until its last event.
    fn play(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        if !self.state.playing {
            self.played = None;
            return;
        }
        // The command that began it made the first step.
        let mut since = *self.played.get_or_insert_with(Instant::now);
        let wait = self.state.play_wait(&self.snapshot);
        // A fast pace is several steps a frame; one that fell behind does not catch up.
        for _ in 0..MOST_STEPS {
            if since.elapsed() < wait {
                break;
            }
            since += wait.max(SHORTEST_STEP);
            commands.push(SelectCommand::PlayStep.into());
        }
        if since.elapsed() > wait * 2 + SHORTEST_STEP {
            since = Instant::now();
        }
        self.played = Some(since);
        ctx.request_repaint_after(wait.saturating_sub(since.elapsed()));
    }

    /// A drag changes settings with each frame; they are written when it rests.
    fn save_when_quiet(&mut self, ctx: &Context) {
        if self.layout.take_edited() {
            self.unsaved = Some(Instant::now());
        }
        let Some(since) = self.unsaved else { return };
        let left = QUIET.saturating_sub(since.elapsed());
        if left.is_zero() {
            self.unsaved = None;
            self.keep_settings();
        } else {
            ctx.request_repaint_after(left + Duration::from_millis(5));
        }
    }

    fn not_found(&mut self, wanted: &Wanted) {
        self.notices.say(wanted.nothing());
    }

    /// One moment of the log for all that is drawn in this frame.
    fn look_at_the_log(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        self.snapshot = session.snapshot();
        self.progress = session.progress();
        let news = self.troubles.news(&self.progress);
        news.warnings.into_iter().for_each(|error| self.notices.warning(error));
        news.failures.into_iter().for_each(|error| self.notices.error(error));
        self.looks
            .extend(self.snapshot.types().iter().map(|n| &*n.name), self.snapshot.services().iter().map(|n| &*n.name));
        self.state.extent = Basis::of(&self.snapshot).extent(&self.snapshot).map(|(a, b)| AxisRange::new(a, b));
        if !self.zone_asked && !self.snapshot.is_empty() {
            self.zone_asked = true;
            session.find_zone();
        }
        self.state.adopt_reducers(&self.snapshot);
        self.state.reading = self.is_reading();
        self.stillness.look(self.progress.records().map(|(done, _)| done));
        self.jobs.refresh(&self.snapshot, &mut self.state);
        self.jobs.refresh_letters(&self.snapshot, &self.state, &self.how.passwords);
        if std::mem::replace(&mut self.sending, self.jobs.requeue.is_running()) != self.sending {
            self.state.requeue.journal += 1;
        }
    }

    /// Once the log is read: what it names may be in its last event.
    fn adopt_workspace(&mut self) -> Vec<Command> {
        if self.state.reading || self.snapshot.is_empty() {
            return Vec::new();
        }
        let Some(workspace) = self.state.workspace.take() else { return Vec::new() };
        let (commands, left_out) = workspace.adopt(&mut self.state, &self.snapshot);
        if left_out > 0 {
            let what = if left_out == 1 { "One thing was" } else { &format!("{left_out} things were") };
            self.notices.say(format!("{what} left out of what was kept of this log: it has changed since"));
        }
        commands
    }

    pub(super) fn forget_log(&mut self) {
        self.session = None;
        self.snapshot = Arc::default();
        self.progress = Progress::default();
        self.looks = Looks::default();
        self.jobs.clear();
        self.state.lints = LintView::default();
        self.failures.clear();
        self.told = 0;
        self.troubles = Troubles::default();
        self.zone_asked = false;
        // Panels start anew: what they remember are numbers of the other log.
        self.panels = PANELS.iter().map(|entry| (entry.id, (entry.make)())).collect();
    }

    #[must_use]
    pub(super) fn is_reading(&self) -> bool {
        self.progress.is_indexing() || self.session.as_ref().is_some_and(Session::is_opening)
    }

    /// Draws everything, then carries out what was asked for.
    pub(super) fn draw(&mut self, ui: &mut Ui) {
        let theme = Theme::from_ui(ui);
        let mut out: Vec<Command> = Vec::new();
        let ctx = ui.ctx().clone();
        if self.session.is_some() {
            self.draw_log(ui, theme, &mut out);
        } else {
            let frame = Frame::new().fill(theme.panel);
            Side::bottom("status").exact_size(status::HEIGHT).frame(bar(theme)).show_separator_line(false).show(
                ui,
                |ui| {
                    status::draw(ui, theme, self, &mut out);
                },
            );
            egui::CentralPanel::default().frame(frame).show(ui, |ui| {
                self.start.draw(ui, theme, &self.state.settings, self.picking, &mut out);
            });
        }
        self.dropped_files(&ctx, theme, &mut out);
        match self.state.overlay {
            Overlay::Palette => self.palette.draw(&ctx, theme, &self.state, self.session.is_some(), &mut out),
            Overlay::Keys => keys_sheet::draw(&ctx, theme, &mut out),
            Overlay::Connect => self.connect.draw(&ctx, theme, &self.state, self.session.is_some(), &mut out),
            Overlay::SaveSession => self.save_session.draw(&ctx, theme, &self.state, &mut out),
            Overlay::None => {
                self.save_session.close();
                self.palette.close();
                self.connect.close();
            }
        }
        self.frame_of_unlocked(&ctx, theme);
        self.tell_failures();
        self.notices.draw(&ctx, theme, &mut out);
        let was_typing = std::mem::replace(&mut self.typing, ctx.text_edit_focused());
        keys::read(&ctx, &self.state, self.session.is_some(), was_typing, &mut out);
        self.carry_out(&ctx, out);
    }

    fn draw_log(&mut self, ui: &mut Ui, theme: &'static Theme, out: &mut Vec<Command>) {
        Side::top("header").exact_size(header::HEIGHT).frame(bar(theme)).show_separator_line(false).show(ui, |ui| {
            header::draw(ui, theme, self, out);
        });
        Side::bottom("status").exact_size(status::HEIGHT).frame(bar(theme)).show_separator_line(false).show(ui, |ui| {
            status::draw(ui, theme, self, out);
        });
        let reading = self.is_reading();
        let ground = Frame::new().fill(theme.window);
        if self.snapshot.is_empty() && self.snapshot.sources().is_empty() {
            let frame = Frame::new().fill(theme.panel);
            egui::CentralPanel::default()
                .frame(frame)
                .show(ui, |ui| header::nothing_yet(ui, theme, self, reading, out));
            return;
        }
        let Self { panels, state, jobs, looks, snapshot, waker, layout, .. } = self;
        let ctx = PanelCtx { snapshot, state, jobs, theme, looks, waker, reading };
        for entry in PANELS.iter().filter(|e| e.area == Area::Top) {
            let frame = Frame::new().fill(theme.panel);
            Side::top(entry.id).exact_size(64.0).frame(frame).show_separator_line(false).show(ui, |ui| {
                if let Some(panel) = panels.get_mut(entry.id) {
                    panel.ui(ui, &ctx, out);
                }
            });
        }
        egui::CentralPanel::default().frame(ground).show(ui, |ui| layout.draw(ui, panels, &ctx, out));
    }

    /// While a system may be written to, the window says so all around.
    fn frame_of_unlocked(&self, ctx: &Context, theme: &Theme) {
        let names: Vec<&str> = self.state.requeue.unlocked().map(|(system, _)| system).collect();
        if names.is_empty() {
            return;
        }
        let painter = ctx.layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("unlocked")));
        let rect = ctx.content_rect();
        painter.rect_stroke(rect, 0.0, egui::Stroke::new(3.0, theme.accent), egui::StrokeKind::Inside);
        ctx.request_repaint_after(Duration::from_secs(10));
    }

    /// In the corner, but for those that the page in place of the log has said already.
    fn tell_failures(&mut self) {
        let on_page = self.snapshot.sources().is_empty();
        if on_page && self.is_reading() {
            // Others may still open; then the page gives way and this belongs into the corner.
            return;
        }
        for error in self.failures.iter().skip(self.told).filter(|_| !on_page) {
            self.notices.error(error.clone());
        }
        self.told = self.failures.len();
    }

    fn dropped_files(&self, ctx: &Context, theme: &Theme, out: &mut Vec<Command>) {
        let (hovering, dropped, shift) =
            ctx.input(|i| (!i.raw.hovered_files.is_empty(), i.raw.dropped_files.clone(), i.modifiers.shift));
        if hovering {
            let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop"));
            let painter = ctx.layer_painter(layer);
            let rect = ctx.content_rect();
            painter.rect_filled(rect, 0.0, theme.veil);
            painter.rect_stroke(rect.shrink(8.0), 8.0, egui::Stroke::new(2.0, theme.accent), egui::StrokeKind::Inside);
            let words =
                if self.session.is_some() { "Drop to open · with Shift: add to this log" } else { "Drop to open" };
            painter.text(rect.center(), egui::Align2::CENTER_CENTER, words, theme::semibold(theme::LARGE), theme.text);
        }
        let paths: Vec<String> = dropped.iter().map(|file| file.path().display().to_string()).collect();
        if !paths.is_empty() {
            let add = shift && self.session.is_some();
            out.push(if add { OpenCommand::Add(paths) } else { OpenCommand::Paths(paths) }.into());
        }
    }

    /// Carries out commands and their effects, and what they change about the window itself.
    pub(super) fn carry_out(&mut self, ctx: &Context, commands: Vec<Command>) {
        let something = !commands.is_empty();
        for command in commands {
            let mut effects = Vec::new();
            // What took work outlives a crash.
            if matches!(command, Command::Branch(_) | Command::Lanes(_)) {
                self.unsaved = Some(Instant::now());
            }
            update(&mut self.state, command, &self.snapshot, &mut effects);
            for effect in effects {
                self.apply(ctx, effect);
            }
        }
        self.dress(ctx);
        if something {
            // What was just changed is shown with the next frame, without waiting for the mouse.
            ctx.request_repaint();
        }
    }

    #[cfg(test)]
    pub(super) fn carry_out_for_test(&mut self, command: impl Into<Command>) {
        self.carry_out(&Context::default(), vec![command.into()]);
    }

    /// Theme, zoom and title, where they changed.
    fn dress(&mut self, ctx: &Context) {
        let wanted = (self.state.settings.theme, self.state.settings.zoom_percent);
        if self.applied != Some(wanted) {
            self.applied = Some(wanted);
            ctx.set_theme(match wanted.0 {
                ThemeChoice::System => egui::ThemePreference::System,
                ThemeChoice::Dark => egui::ThemePreference::Dark,
                ThemeChoice::Light => egui::ThemePreference::Light,
            });
            ctx.set_zoom_factor(f32::from(wanted.1) / 100.0);
        }
        let title = match &self.session {
            Some(session) => format!("{} – eventglass", header::names(&session.paths)),
            None => "eventglass".to_owned(),
        };
        if title != self.titled {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.titled = title;
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
        let size = ui.ctx().content_rect().size() * ui.ctx().zoom_factor();
        self.state.settings.window = Some((size.x, size.y));
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.keep_settings();
    }
}

/// The ground of header and status line.
fn bar(theme: &Theme) -> Frame {
    Frame::new().fill(theme.raised).inner_margin(egui::Margin::symmetric(12, 0))
}
