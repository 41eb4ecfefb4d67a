//! The line at the bottom: what was just said, how far reading is, from when to when, zone, theme.

use std::time::{Duration, Instant};

use eframe::egui::{self, Align, Layout, RichText, Sense, Ui, vec2};

use super::window::Window;
use crate::app::Command;
use crate::app::command::{OpenCommand, RequeueCommand, ViewCommand, WindowCommand};
use crate::app::settings::ThemeChoice;
use crate::base::text::{bytes, count};
use crate::gui::theme::{self, GRID, SMALL, Theme};
use crate::gui::widgets::keycap;
use crate::model::time::TimeNs;

pub const HEIGHT: f32 = 26.0;

/// The range of the log is left out where there is no room for it.
const RANGE: f32 = 260.0;

/// Since when nothing has come of a window that a broker is read in. Pipes are silent for as long as they like.
#[derive(Default)]
pub struct Stillness {
    came: u64,
    since: Option<Instant>,
}

impl Stillness {
    /// Shorter ones are not worth a word.
    const TOLD_FROM: Duration = Duration::from_secs(3);

    /// `came` are the messages so far; none while no broker is read.
    pub fn look(&mut self, came: Option<u64>) {
        match came {
            None => self.since = None,
            Some(came) if came != self.came || self.since.is_none() => {
                *self = Self { came, since: Some(Instant::now()) };
            }
            Some(_) => {}
        }
    }

    fn words(&self) -> Option<String> {
        let still = self.since?.elapsed();
        (still >= Self::TOLD_FROM).then(|| format!("nothing has come for {} s", still.as_secs()))
    }
}

pub fn draw(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    let rect = ui.max_rect();
    ui.painter().hline(rect.x_range().expand(12.0), rect.top() + 0.5, egui::Stroke::new(1.0, theme.line));
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = GRID * 2.0;
        ui.spacing_mut().interact_size.y = 18.0;
        reading(ui, theme, window, out);
        held(ui, theme, window);
        writable(ui, theme, window, out);
        if let Some(note) = &window.state.note {
            ui.label(small(note).color(theme.muted));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| settings(ui, theme, window, out));
    });
}

fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).font(theme::sans(SMALL))
}

fn reading(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    if window.session.is_none() {
        return;
    }
    let progress = &window.progress;
    if window.is_reading() {
        bar(ui, theme, progress.share());
        let text = match progress.records() {
            Some((done, total)) => format!("Reading {} of {} messages", count(done), count(total)),
            None => format!("Reading {} of {}", bytes(progress.bytes_done()), bytes(progress.bytes_total())),
        };
        ui.label(small(text).color(theme.muted));
        if let Some(words) = window.stillness.words() {
            ui.label(small(words).color(theme.amber));
        }
        // Silence wakes nobody.
        ui.ctx().request_repaint_after(Duration::from_secs(1));
        if ui.add(egui::Button::new(small("Stop")).small()).on_hover_text("Keep what was read").clicked() {
            out.push(OpenCommand::StopReading.into());
        }
    } else if progress.is_validating() {
        let (done, of) = progress.checked;
        bar(ui, theme, done as f32 / of.max(1) as f32);
        ui.label(small("Checking payloads").color(theme.muted));
    }
}

/// What consumers cannot have while a queue is looked at, counted down.
fn held(ui: &mut Ui, theme: &Theme, window: &Window) {
    let Some(held) = window.progress.held() else { return };
    let hint = "They are given back when the reading ends or is stopped. If eventglass were cut off, the queue gives \
                them back by itself after this time.";
    ui.label(small(held.words()).color(theme.amber)).on_hover_text(hint);
    ui.ctx().request_repaint_after(Duration::from_secs(1));
}

/// Brokers are read-only until a person unlocks one.
fn writable(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    for (system, left) in window.state.requeue.unlocked() {
        let minutes = left.as_secs().div_ceil(60);
        ui.label(small(format!("{system} may be written to for {minutes} min")).color(theme.accent));
        if ui.add(egui::Button::new(small("Lock")).small()).clicked() {
            out.push(RequeueCommand::Lock(system.to_owned()).into());
        }
    }
}

fn bar(ui: &mut Ui, theme: &Theme, share: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(96.0, 4.0), Sense::hover());
    ui.painter().rect_filled(rect, 2.0, theme.line);
    let done = egui::Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()));
    ui.painter().rect_filled(done, 2.0, theme.accent);
    let percent = format!("{:.0} %", share * 100.0);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &percent));
}

fn settings(ui: &mut Ui, theme: &Theme, window: &Window, out: &mut Vec<Command>) {
    let quiet = |text: String| egui::Button::new(small(text).color(theme.muted)).frame_when_inactive(false);
    let state = &window.state;
    let caps: &[&str] = if cfg!(target_os = "macos") { &["⌘", "K"] } else { &["Ctrl", "K"] };
    keycap::caps(ui, &caps.iter().map(|&c| c.to_owned()).collect::<Vec<_>>());
    let palette = ui.add(quiet("Commands".to_owned())).on_hover_text("Everything by name");
    if palette.clicked() {
        out.push(WindowCommand::Palette.into());
    }
    let name = match state.settings.theme {
        ThemeChoice::System => "System theme",
        ThemeChoice::Dark => "Dark",
        ThemeChoice::Light => "Light",
    };
    if ui.add(quiet(name.to_owned())).on_hover_text("Next theme").clicked() {
        out.push(WindowCommand::NextTheme.into());
    }
    if state.settings.zoom_percent != 100
        && ui.add(quiet(format!("{} %", state.settings.zoom_percent))).on_hover_text("Normal size").clicked()
    {
        out.push(WindowCommand::Zoom(100).into());
    }
    if window.session.is_some() {
        let at = state.cursor.or(window.snapshot.time_range().map(|(first, _)| first)).unwrap_or(TimeNs(0));
        let zone = state.settings.zone.name_at(at);
        if ui.add(quiet(zone)).on_hover_text("The zone of all times; click for the next one").clicked() {
            out.push(ViewCommand::NextZone.into());
        }
        if let Some((first, last)) = window.snapshot.time_range().filter(|_| ui.available_width() > RANGE) {
            let zone = state.settings.zone;
            let text =
                format!("{} – {}", zone.format_with(first, "%Y-%m-%d %H:%M"), zone.format_with(last, "%Y-%m-%d %H:%M"));
            ui.label(RichText::new(text).font(theme::mono(SMALL)).color(theme.faint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_while_a_broker_is_read() {
        let mut stillness = Stillness::default();
        let long_ago = Instant::now().checked_sub(Duration::from_millis(5_200));
        stillness.look(Some(7));
        assert_eq!(stillness.words(), None);
        stillness.since = long_ago;
        stillness.look(Some(7));
        assert_eq!(stillness.words().as_deref(), Some("nothing has come for 5 s"));
        stillness.look(Some(8));
        assert_eq!(stillness.words(), None);
        stillness.since = long_ago;
        stillness.look(None);
        assert_eq!(stillness.words(), None);
    }
}
