//! The first page: open something, go on where one stopped, or try a sample.

mod path_field;
mod samples;

use eframe::egui::{self, Align, CornerRadius, Layout, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, vec2};

use self::path_field::PathField;
use crate::app::Command;
use crate::app::command::{ConnectCommand, OpenCommand, WindowCommand};
use crate::app::jobs::Waker;
use crate::app::settings::Settings;
use crate::gui::shell::header;
use crate::gui::theme::{self, BODY, GRID, LARGE, SMALL, Theme};
use crate::gui::widgets::{keycap, text};

pub struct StartPage {
    path: PathField,
    samples: Vec<(String, &'static str, &'static str)>,
}

const WIDTH: f32 = 760.0;

impl StartPage {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self { path: PathField::new(waker), samples: samples::found() }
    }

    pub fn focus_path(&mut self) {
        self.path.focus();
    }

    pub fn draw(&mut self, ui: &mut Ui, theme: &Theme, settings: &Settings, picking: bool, out: &mut Vec<Command>) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let full = ui.available_rect_before_wrap();
            let width = WIDTH.min(full.width() - 64.0);
            let left = ((full.width() - width) / 2.0).floor();
            let top = (full.height() * 0.12).clamp(24.0, 112.0).floor();
            ui.add_space(top);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                ui.add_space(left);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID * 2.0);
                    self.contents(ui, theme, settings, picking, out);
                    ui.add_space(GRID * 8.0);
                });
            });
        });
    }

    fn contents(&mut self, ui: &mut Ui, theme: &Theme, settings: &Settings, picking: bool, out: &mut Vec<Command>) {
        ui.label(RichText::new("eventglass").font(theme::semibold(LARGE)).color(theme.text));
        ui.label(RichText::new("See who did what to which entity when.").color(theme.muted));
        ui.add_space(GRID * 4.0);
        ui.horizontal(|ui| {
            let label = if picking { "Waiting for the dialog…" } else { "Open files…" };
            let text = RichText::new(label).font(theme::semibold(BODY)).color(theme.on_accent);
            let button = egui::Button::new(text).fill(theme.accent).min_size(vec2(128.0, 32.0));
            if ui.add_enabled(!picking, button).clicked() {
                out.push(OpenCommand::Pick.into());
            }
            if ui.add(egui::Button::new("Connect to a broker…").min_size(vec2(160.0, 32.0))).clicked() {
                out.push(ConnectCommand::Show(None).into());
            }
            ui.add_space(GRID);
            let caps: Vec<String> = crate::app::keys::Shortcut::command('O').caps();
            keycap::caps(ui, &caps);
            ui.label(RichText::new("or drop files and folders anywhere").color(theme.muted));
        });
        if let Some(path) = self.path.draw(ui, theme) {
            out.push(OpenCommand::Paths(vec![path]).into());
        }
        ui.add_space(GRID * 4.0);
        if !settings.recent.is_empty() {
            recent(ui, theme, settings, out);
            ui.add_space(GRID * 4.0);
        }
        ui.scope(|ui| self.sample_list(ui, theme, out));
        ui.add_space(GRID * 4.0);
        ui.horizontal_wrapped(|ui| {
            let formats = "NDJSON, JSON, CSV, gzip and zstd of them, OCEL, XES, SQLite event stores; CloudEvents, \
                           Debezium, CloudTrail, KurrentDB and others are recognised, everything else is inferred.";
            ui.label(RichText::new(formats).font(theme::sans(SMALL)).color(theme.faint));
        });
        ui.horizontal(|ui| {
            if ui.button("Keys").clicked() {
                out.push(WindowCommand::Keys.into());
            }
            keycap::caps(ui, &["F1".to_owned()]);
        });
    }

    fn sample_list(&self, ui: &mut Ui, theme: &Theme, out: &mut Vec<Command>) {
        title(ui, theme, "Samples");
        if self.samples.is_empty() {
            let words = "The sample logs are not beside this program; they are in the folder sample-data of its source";
            ui.label(RichText::new(words).color(theme.muted));
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        for (path, name, what) in &self.samples {
            let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
            if row(ui, theme, name, what, file) {
                out.push(OpenCommand::Paths(vec![path.clone()]).into());
            }
        }
    }
}

fn title(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.label(RichText::new(text).font(theme::semibold(SMALL + 1.0)).color(theme.muted));
}

fn recent(ui: &mut Ui, theme: &Theme, settings: &Settings, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        title(ui, theme, "Recent");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let clear = egui::Button::new(RichText::new("Clear").font(theme::sans(SMALL)).color(theme.muted));
            if ui.add(clear.frame_when_inactive(false)).on_hover_text("Forget recent files").clicked() {
                out.push(OpenCommand::ClearRecent.into());
            }
        });
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for recent in settings.recent.iter().take(6) {
            let folder = recent.paths.first().map_or("", |p| p.rfind(['/', '\\']).map_or("", |at| &p[..at]));
            if row(ui, theme, &header::names(&recent.paths), folder, "") {
                out.push(OpenCommand::Paths(recent.paths.clone()).into());
            }
        }
    });
}

/// A line that can be clicked: name, what it is, a note at the right. Returns whether it was.
fn row(ui: &mut Ui, theme: &Theme, name: &str, what: &str, note: &str) -> bool {
    const HEIGHT: f32 = 32.0;
    const NAME: f32 = 168.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let hot = response.hovered() || response.has_focus();
    let painter = ui.painter();
    if hot {
        painter.rect_filled(rect.expand2(vec2(8.0, 0.0)), CornerRadius::same(4), theme.hover);
    } else {
        painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme.line));
    }
    if response.has_focus() {
        let ring = Stroke::new(1.5, theme.accent);
        painter.rect_stroke(rect.expand2(vec2(8.0, 0.0)), CornerRadius::same(4), ring, StrokeKind::Inside);
    }
    let put = |x: f32, galley: std::sync::Arc<egui::Galley>, color| {
        let at = egui::pos2(x, rect.center().y - galley.size().y / 2.0);
        painter.galley(at, galley, color);
    };
    let color = if hot { theme.accent } else { theme.text };
    put(rect.left(), text::line(painter, name, theme::semibold(BODY), color, NAME - 8.0), color);
    let note_galley = text::line(painter, note, theme::mono(SMALL), theme.faint, 160.0);
    let room = rect.width() - NAME - note_galley.size().x - 16.0;
    put(rect.left() + NAME, text::line(painter, what, theme::sans(BODY), theme.muted, room), theme.muted);
    put(rect.right() - note_galley.size().x, note_galley, theme.faint);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Open {name}")));
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}
